/* net/tcp.c - what a stream socket's readiness means: bytes, EOF, room to write, or an error.
 *
 * One receive and at most one upcall of data for each readiness: the watch is level-triggered, so what is
 * left is told again, after others had their turn.
 */
#include "net/transport.h"
#include <errno.h>

static const struct gyre__driver_class *driver_of(const gyre_transport *transport)
{
    return transport->net->loop->driver_class;
}

/* As asyncio: the side that says nothing about EOF closes. */
static void hear_eof(gyre_transport *transport)
{
    transport->eof = true;
    if (!gyre__upcall_eof(transport))
        gyre_transport_close(transport);
    gyre__transport_rewatch(transport);
}

/* Receives; 0 when there is nothing to deliver, because it was EOF, or an error, or nothing. */
static size_t receive(gyre_transport *transport, void *buffer, size_t len)
{
    ssize_t got = driver_of(transport)->recv(transport->fd, buffer, len);

    if (got > 0) {
        transport->heard = gyre__net_now(transport->net);
        transport->heard_poll = gyre__net_poll(transport->net);
        return (size_t)got;
    }
    if (got == 0)
        hear_eof(transport);
    else if (got != -EAGAIN)
        gyre__transport_lose(transport, (int)got);
    return 0;
}

static void read_plain(gyre_transport *transport)
{
    size_t got = receive(transport, transport->net->input, GYRE__INPUT);

    if (got)
        gyre__upcall_data(transport, transport->net->input, got);
}

/* asyncio raises this inside get_buffer's own try block. */
static void refuse_empty(gyre_transport *transport)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_GET_BUFFER);

    gyre_transport_fail(transport, gyre_error_set(GYRE_ERUNTIME, "get_buffer() returned an empty buffer"));
    gyre__upcall_leave(transport, outer);
}

static void read_buffered(gyre_transport *transport)
{
    const gyre_protocol *protocol = transport->protocol;
    void *self = transport->self;
    void *buffer = NULL;
    size_t len = 0;

    gyre__upcall_get_buffer(transport, &buffer, &len);
    /* Paused, closed or replaced meanwhile: the buffer may be gone. */
    if (!gyre__transport_reading(transport) || transport->protocol != protocol || transport->self != self)
        return;
    if (!len || !buffer) {
        refuse_empty(transport);
        return;
    }
    len = receive(transport, buffer, len);
    if (len)
        gyre__upcall_updated(transport, len);
}

static void read_ready(gyre_transport *transport)
{
    if (!gyre__transport_reading(transport))
        return;
    if (transport->protocol->get_buffer)
        read_buffered(transport);
    else
        read_plain(transport);
}

/* The last byte after close() has left: connection_lost may follow directly. */
static void end_gracefully(gyre_transport *transport)
{
    transport->state = GYRE__LOSING;
    transport->graceful = true;
    gyre__limits_end(transport);
    gyre__transport_end(transport);
}

static void write_ready(gyre_transport *transport)
{
    if (!transport->blocked || transport->state >= GYRE__LOSING)
        return;
    transport->blocked = false;
    gyre__transport_flush(transport);
    gyre__flow_shrunk(transport);
    if (transport->sending && !transport->blocked)
        gyre__sendfile_advance(transport);
    if (transport->state == GYRE__CLOSING && !transport->out.size)
        end_gracefully(transport);
    else
        gyre__transport_rewatch(transport);
}

static void be_ready(void *arg, int events)
{
    gyre_transport *transport = gyre__transport_hold(arg);

    if (events & GYRE__READABLE)
        read_ready(transport);
    if (events & GYRE__WRITABLE)
        write_ready(transport);
    gyre_transport_unref(transport);
}

static uint8_t wanted(const gyre_transport *transport)
{
    if (transport->state >= GYRE__LOSING)
        return 0;
    return (uint8_t)((gyre__transport_reading(transport) ? GYRE__READABLE : 0) |
                     (transport->blocked ? GYRE__WRITABLE : 0));
}

/* The first watch may be refused: no memory, or a descriptor that cannot be polled. */
static void watch(gyre_transport *transport, uint8_t events)
{
    gyre_loop *loop = transport->net->loop;

    transport->watch = gyre__descriptor_watch(loop, transport->fd, events, be_ready, transport);
    if (transport->watch)
        transport->watched = events;
    else
        gyre__transport_lose(transport, -errno);
}

void gyre__transport_rewatch(gyre_transport *transport)
{
    uint8_t events = wanted(transport);

    if (events == transport->watched)
        return;
    if (!transport->watch) {
        watch(transport, events);
        return;
    }
    transport->watched = events;
    driver_of(transport)->change(transport->watch, events);
}
