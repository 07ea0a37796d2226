/* echo_protocol.c - sends back what it reads, by a protocol: what gyre's transports cost above floor_echo.
 * usage: echo_protocol [PORT]
 */
#include <gyre/gyre.h>
#include <stdlib.h>

struct echo {
    gyre_transport *transport;
};

static void connection_made(void *self, gyre_transport *transport)
{
    struct echo *echo = self;

    echo->transport = transport;
}

static void data_received(void *self, const void *data, size_t len)
{
    struct echo *echo = self;

    gyre_transport_write(echo->transport, data, len);
}

static const gyre_protocol protocol = {
    .size = sizeof(struct echo),
    .connection_made = connection_made,
    .data_received = data_received,
};

static int serve(void *arg)
{
    const int *port = arg;
    gyre_server *server;
    int err = gyre_loop_create_server(gyre_get_event_loop(), &server, &protocol, .host = "127.0.0.1",
                                      .port = *port, .backlog = 4096);

    if (err)
        return err;
    err = gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 8888;

    return gyre_run_sharded(1, serve, &port, .quiet = GYRE_YES);
}
