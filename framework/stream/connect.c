/* stream/connect.c - open_connection. */
#include "base/options.h"
#include "stream/writer.h"

static int open_with(gyre_reader **reader, gyre_writer **writer, const gyre_connection_options *options)
{
    struct gyre__stream_plan plan = {.limit = options->limit, .arg = options->arg};
    gyre_connection_options filled = *options;
    int err;

    filled.arg = &plan;
    err = (gyre_loop_create_connection)(gyre_get_event_loop(), NULL, &gyre__stream_protocol, &filled);
    if (err && plan.made)
        gyre__reader_drop(&plan.made->reader);
    if (err)
        return err;
    *reader = &plan.made->reader;
    *writer = plan.made;
    return 0;
}

int(gyre_open_connection)(gyre_reader **reader, gyre_writer **writer, const gyre_connection_options *options)
{
    gyre_connection_options filled = {0};
    int err;

    gyre__options_fill(&filled, sizeof filled, options);
    err = gyre__reader_check_limit(filled.limit);
    return err ? err : open_with(reader, writer, &filled);
}
