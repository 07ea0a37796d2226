/* net/watch.c - what a descriptor is watched for, and what its readiness means to a stream: something to
 * read, or room to write.
 */
#include "net/kind.h"
#include <errno.h>

void gyre__transport_rewatch(gyre_transport *transport)
{
    transport->kind->rewatch(transport);
}

uint8_t gyre__transport_wanted(const gyre_transport *transport)
{
    if (transport->state >= GYRE__LOSING)
        return 0;
    return (uint8_t)((gyre__transport_reading(transport) ? GYRE__READABLE : 0) |
                     (transport->blocked ? GYRE__WRITABLE : 0));
}

/* The first watch may be refused: no memory, or a descriptor that cannot be polled. */
static void watch(gyre_transport *transport, uint8_t events, gyre__ready fn)
{
    gyre_loop *loop = transport->net->loop;

    transport->watch = gyre__descriptor_watch(loop, transport->fd, events, fn, transport);
    if (transport->watch)
        transport->watched = events;
    else
        gyre__transport_lose(transport, -errno);
}

void gyre__transport_watch(gyre_transport *transport, uint8_t events, gyre__ready fn)
{
    if (events == transport->watched)
        return;
    if (!transport->watch) {
        watch(transport, events, fn);
        return;
    }
    transport->watched = events;
    transport->net->loop->driver_class->change(transport->watch, events);
}

static void be_ready(void *arg, int events)
{
    gyre_transport *transport = gyre__transport_hold(arg);

    if (events & GYRE__READABLE)
        gyre__transport_read(transport);
    if (events & GYRE__WRITABLE)
        gyre__transport_writable(transport);
    gyre_transport_unref(transport);
}

void gyre__transport_watch_stream(gyre_transport *transport)
{
    gyre__transport_watch(transport, gyre__transport_wanted(transport), be_ready);
}

int gyre__transport_unwatch(gyre_transport *transport)
{
    int fd = transport->fd;

    if (transport->watch)
        transport->net->loop->driver_class->unwatch(transport->watch);
    transport->watch = NULL;
    transport->fd = -1;
    gyre__descriptor_give(transport->net->loop, fd);
    return fd;
}
