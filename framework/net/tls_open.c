/* net/tls_open.c - a connection of TLS is made: over a socket here, over a connection in tls_start.c. */
#include "base/memory.h"
#include "net/tls_transport.h"

enum { HIGH = 512 * 1024, LOW = 128 * 1024, HANDSHAKE = 60, SHUTDOWN = 30 };

static void send_below(void *arg, const void *data, size_t len)
{
    struct gyre__tls_transport *over = arg;

    if (over->full)
        over->answers += len;
    gyre_transport_write(over->below, data, len);
}

void gyre__tls_set_up(struct gyre__tls_transport *over, const struct gyre__tls_order *order)
{
    over->base.high = HIGH;
    over->base.low = LOW;
    over->handshake = order->handshake > 0 ? order->handshake : HANDSHAKE;
    over->shutdown = order->shutdown > 0 ? order->shutdown : SHUTDOWN;
    over->dry = true;
    over->tls.out = send_below;
    over->tls.arg = over;
    over->broken = gyre__tls_init(&over->tls, order->context, order->server_side, order->server_hostname);
    if (over->broken)
        gyre__transport_note(&over->base, over->broken);
}

gyre_transport *gyre__tls_new(struct gyre__net *net, int fd, const gyre_protocol *protocol, void *arg,
                              gyre_server *server, const struct gyre__tls_order *order)
{
    gyre_transport *transport = gyre__transport_new(net, &gyre__tls_kind, -1, protocol, arg, server);
    struct gyre__tls_transport *over = gyre__tls_of(transport);

    if (!transport)
        return NULL;
    gyre__tls_set_up(over, order);
    transport->fd = fd;
    /* One reference is the one below's, until it is destroyed. */
    over->below = gyre__transport_hold(gyre__transport_new(net, &gyre__stream_kind, fd, &gyre__tls_wire,
                                                           gyre__transport_hold(transport), NULL));
    return transport;
}

void gyre__tls_begin(gyre_transport *transport)
{
    gyre_transport *below = gyre__tls_of(transport)->below;

    below->peer = transport->peer;
    gyre__transport_begin(below);
}

int gyre__tls_wait(gyre_transport *transport)
{
    gyre_future *future = gyre_loop_create_future(transport->net->loop);
    int err;

    gyre__tls_of(transport)->waiter = gyre_future_ref(future);
    gyre__tls_begin(transport);
    err = gyre_await(future, NULL);
    gyre_future_unref(future);
    return err;
}
