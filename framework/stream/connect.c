/* stream/connect.c - open_connection. */
#include "base/options.h"
#include "stream/open.h"

static int dial_pair(gyre_reader **reader, gyre_writer **writer, gyre__stream_dial dial, const void *options,
                     struct gyre__stream_plan *plan)
{
    int err = dial(options, plan);

    if (err && plan->made)
        gyre__reader_drop(&plan->made->reader);
    if (err)
        return err;
    *reader = &plan->made->reader;
    *writer = plan->made;
    return 0;
}

int gyre__stream_open(gyre_reader **reader, gyre_writer **writer, gyre__stream_dial dial, const void *options,
                      ptrdiff_t limit, void *arg)
{
    struct gyre__stream_plan plan = {.limit = limit, .arg = arg};
    int err = gyre__reader_check_limit(limit);

    return err ? err : dial_pair(reader, writer, dial, options, &plan);
}

static int dial(const void *options, struct gyre__stream_plan *plan)
{
    gyre_connection_options filled = *(const gyre_connection_options *)options;

    filled.arg = plan;
    return (gyre_loop_create_connection)(gyre_get_event_loop(), NULL, &gyre__stream_protocol, &filled);
}

int(gyre_open_connection)(gyre_reader **reader, gyre_writer **writer, const gyre_connection_options *options)
{
    gyre_connection_options filled = {0};

    gyre__options_fill(&filled, sizeof filled, options);
    return gyre__stream_open(reader, writer, dial, &filled, filled.limit, filled.arg);
}
