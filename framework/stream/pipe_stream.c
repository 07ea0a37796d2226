/* stream/pipe_stream.c - open_read_pipe and open_write_pipe: a pair of which one half is shown. */
#include "base/options.h"
#include "stream/open.h"
#include <gyre/pipe.h>

/* Which pipe, and which way it goes. */
struct way {
    int (*connect)(gyre_loop *loop, gyre_transport **transport, const gyre_protocol *protocol, int pipe,
                   void *arg);
    int pipe;
};

static int dial(const void *options, struct gyre__stream_plan *plan)
{
    const struct way *way = options;

    return way->connect(gyre_get_event_loop(), NULL, &gyre__stream_protocol, way->pipe, plan);
}

int(gyre_open_read_pipe)(gyre_reader **reader, int pipe, const gyre_read_pipe_options *options)
{
    const struct way way = {gyre_loop_connect_read_pipe, pipe};
    gyre_read_pipe_options filled = {0};
    gyre_writer *unused;

    gyre__options_fill(&filled, sizeof filled, options);
    return gyre__stream_open(reader, &unused, dial, &way, filled.limit, NULL);
}

int gyre_open_write_pipe(gyre_writer **writer, int pipe)
{
    const struct way way = {gyre_loop_connect_write_pipe, pipe};
    gyre_reader *unused;

    return gyre__stream_open(&unused, writer, dial, &way, 0, NULL);
}
