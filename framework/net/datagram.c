/* net/datagram.c - datagrams that come in.
 *
 * Some for each readiness, so that a flood costs few polls and others have their turn; after each one the
 * program may have paused or closed.
 */
#include "net/datagram.h"
#include "net/ends.h"
#include <errno.h>

enum { BATCH = 16 };

static struct gyre__datagram *datagram_of(gyre_transport *transport)
{
    return GYRE__OF(transport, struct gyre__datagram, base);
}

void gyre__datagram_error(gyre_transport *transport, int err)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_ERROR);
    const gyre_datagram_protocol *class = datagram_of(transport)->class;

    if (class->error_received)
        class->error_received(transport->self, err);
    gyre__upcall_leave(transport, outer);
}

static void deliver(gyre_transport *transport, size_t len, const struct sockaddr *from, socklen_t size)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_DATAGRAM);
    const gyre_datagram_protocol *class = datagram_of(transport)->class;

    transport->heard = gyre__net_now(transport->net);
    if (class->datagram_received)
        class->datagram_received(transport->self, transport->net->input, len, from, size);
    gyre__upcall_leave(transport, outer);
}

/* True when there may be more. */
static bool receive(gyre_transport *transport)
{
    struct sockaddr_storage from = {0};
    socklen_t size = sizeof from;
    ssize_t got = transport->net->loop->driver_class->recvmsg(transport->fd, transport->net->input,
                                                              GYRE__INPUT, &from, &size);

    if (got == -EAGAIN)
        return false;
    if (got < 0 || got > GYRE__INPUT)
        gyre__datagram_error(transport, got < 0 ? (int)got : -EMSGSIZE);
    else
        deliver(transport, (size_t)got, (const struct sockaddr *)&from, size);
    return got >= 0;
}

static void be_ready(void *arg, int events)
{
    gyre_transport *transport = gyre__transport_hold(arg);

    if (events & GYRE__READABLE)
        for (int i = 0; i < BATCH && gyre__transport_reading(transport) && receive(transport); i++)
            ;
    if (events & GYRE__WRITABLE)
        gyre__transport_writable(transport);
    gyre_transport_unref(transport);
}

static void rewatch(gyre_transport *transport)
{
    gyre__transport_watch(transport, gyre__transport_wanted(transport), be_ready);
}

static void close_socket(gyre_transport *transport)
{
    gyre__ends_close(transport->net->loop, gyre__transport_unwatch(transport), datagram_of(transport)->group);
}

const struct gyre__kind gyre__datagram_kind = {
    .size = sizeof(struct gyre__datagram),
    .empty = gyre__datagram_empty,
    .rewatch = rewatch,
    .release = close_socket,
};
