/* net/read.c - bytes from below to the program, for every kind that reads a stream.
 *
 * One receive and at most one upcall of data for each readiness: the watch is level-triggered, so what is
 * left is told again, after others had their turn.
 */
#include "net/kind.h"
#include <errno.h>

/* As asyncio: the side that says nothing about EOF closes. */
void gyre__transport_hear_eof(gyre_transport *transport)
{
    transport->eof = true;
    if (!gyre__upcall_eof(transport))
        gyre_transport_close(transport);
    gyre__transport_rewatch(transport);
}

static void end_input(gyre_transport *transport)
{
    if (transport->kind->hear_eof)
        transport->kind->hear_eof(transport);
    else
        gyre__transport_hear_eof(transport);
}

/* Receives; 0 when there is nothing to deliver, because it was EOF, or an error, or nothing. */
static size_t receive(gyre_transport *transport, void *buffer, size_t len)
{
    ssize_t got = transport->kind->recv(transport, buffer, len);

    if (got > 0) {
        transport->heard = gyre__net_now(transport->net);
        transport->heard_poll = gyre__net_poll(transport->net);
        return (size_t)got;
    }
    if (got == 0)
        end_input(transport);
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

/* Apart: it needs more registers than the other way, which would pay for saving them. */
static void __attribute__((noinline)) read_buffered(gyre_transport *transport)
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

void gyre__transport_read(gyre_transport *transport)
{
    if (!gyre__transport_reading(transport))
        return;
    if (transport->protocol->get_buffer)
        read_buffered(transport);
    else
        read_plain(transport);
}
