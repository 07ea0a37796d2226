/* stream/unix_stream.c - open_unix_connection and start_unix_server. */
#include "base/check.h"
#include "base/options.h"
#include "stream/open.h"
#include <gyre/unix.h>

static int dial(const void *options, struct gyre__stream_plan *plan)
{
    gyre_unix_connection_options filled = *(const gyre_unix_connection_options *)options;

    filled.arg = plan;
    return (gyre_loop_create_unix_connection)(gyre_get_event_loop(), NULL, &gyre__stream_protocol, &filled);
}

int(gyre_open_unix_connection)(gyre_reader **reader, gyre_writer **writer,
                               const gyre_unix_connection_options *options)
{
    gyre_unix_connection_options filled = {0};

    gyre__options_fill(&filled, sizeof filled, options);
    return gyre__stream_open(reader, writer, dial, &filled, filled.limit, filled.arg);
}

static int listen_with(gyre_server **server, const void *options, struct gyre__stream_plan *plan)
{
    gyre_unix_server_options filled = *(const gyre_unix_server_options *)options;

    filled.arg = plan;
    return (gyre_loop_create_unix_server)(gyre_get_event_loop(), server, &gyre__stream_protocol, &filled);
}

int(gyre_start_unix_server)(gyre_server **server, gyre_client_connected client_connected_cb, void *arg,
                            const gyre_unix_server_options *options)
{
    gyre_unix_server_options filled = {0};
    struct gyre__stream_plan plan = {.handle = client_connected_cb, .arg = arg};

    GYRE__CHECK(client_connected_cb, "gyre_start_unix_server wants a client_connected_cb");
    gyre__options_fill(&filled, sizeof filled, options);
    plan.limit = filled.limit;
    return gyre__stream_listen(server, listen_with, &filled, &plan);
}
