/* echo_udp.c - sends back each datagram: what gyre's endpoints cost above floor_udp.
 * usage: echo_udp [PORT]
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

static void datagram_received(void *self, const void *data, size_t len, const struct sockaddr *addr,
                              socklen_t size)
{
    struct echo *echo = self;

    gyre_transport_sendto(echo->transport, data, len, addr, size);
}

static const gyre_datagram_protocol protocol = {
    .size = sizeof(struct echo),
    .connection_made = connection_made,
    .datagram_received = datagram_received,
};

static int serve(void *arg)
{
    const int *port = arg;
    int err = gyre_loop_create_datagram_endpoint(gyre_get_event_loop(), NULL, &protocol,
                                                 .local_host = "127.0.0.1", .local_port = *port);

    return err ? err : gyre_sleep(1e9);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 8888;

    return gyre_run_sharded(1, serve, &port, .quiet = GYRE_YES);
}
