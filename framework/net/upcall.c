/* net/upcall.c - calling the program: each method of a protocol, and what "raising" in one means.
 *
 * A method may close, abort, replace or unref anything; the reference that enter holds keeps the transport's
 * memory.
 */
#include "base/check.h"
#include "base/error.h"
#include "base/symbol.h"
#include "net/kind.h"
#include <stdio.h>

struct gyre__outer gyre__upcall_enter(gyre_transport *transport, enum gyre__upcall upcall)
{
    struct gyre__outer outer = {gyre__vars_switch(&transport->vars), transport->upcall};

    transport->references++;
    transport->depth++;
    transport->upcall = (uint8_t)upcall;
    return outer;
}

void gyre__upcall_leave(gyre_transport *transport, struct gyre__outer outer)
{
    transport->upcall = outer.upcall;
    if (--transport->depth == 0 && transport->out.size)
        gyre__transport_flush(transport);
    gyre__vars_switch(outer.vars);
    gyre_transport_unref(transport);
}

void gyre__upcall_made(gyre_transport *transport)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_MADE);

    if (transport->protocol->connection_made)
        transport->protocol->connection_made(transport->self, transport);
    gyre__upcall_leave(transport, outer);
}

/* Called from a poll and not from a turn's batch, so debug mode has its eye on it here. */
static void __attribute__((cold, noinline))
give_watched(gyre_transport *transport, const void *data, size_t len)
{
    gyre_loop *loop = transport->net->loop;
    const gyre_protocol *protocol = transport->protocol;
    int64_t began = gyre__loop_clock(loop);

    protocol->data_received(transport->self, data, len);
    gyre__watch_end(loop, (uintptr_t)protocol->data_received, began);
}

static void give(gyre_transport *transport, const void *data, size_t len)
{
    if (gyre__loop_guarded(transport->net->loop))
        give_watched(transport, data, len);
    else
        transport->protocol->data_received(transport->self, data, len);
}

void gyre__upcall_data(gyre_transport *transport, const void *data, size_t len)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_DATA);

    if (transport->protocol->data_received)
        give(transport, data, len);
    gyre__upcall_leave(transport, outer);
}

bool gyre__upcall_eof(gyre_transport *transport)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_EOF);
    bool keep_open = false;

    if (transport->protocol->eof_received)
        keep_open = transport->protocol->eof_received(transport->self);
    gyre__upcall_leave(transport, outer);
    return keep_open;
}

void gyre__upcall_lost(gyre_transport *transport, int err)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_LOST);

    if (err)
        gyre__error_tell(err, transport->words);
    if (transport->protocol->connection_lost)
        transport->protocol->connection_lost(transport->self, err);
    gyre__upcall_leave(transport, outer);
}

void gyre__upcall_pause(gyre_transport *transport)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_PAUSE);

    if (transport->protocol->pause_writing)
        transport->protocol->pause_writing(transport->self);
    gyre__upcall_leave(transport, outer);
}

void gyre__upcall_resume(gyre_transport *transport)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_RESUME);

    if (transport->protocol->resume_writing)
        transport->protocol->resume_writing(transport->self);
    gyre__upcall_leave(transport, outer);
}

void gyre__upcall_get_buffer(gyre_transport *transport, void **buffer, size_t *len)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_GET_BUFFER);

    transport->protocol->get_buffer(transport->self, -1, buffer, len);
    gyre__upcall_leave(transport, outer);
}

void gyre__upcall_updated(gyre_transport *transport, size_t len)
{
    struct gyre__outer outer = gyre__upcall_enter(transport, GYRE__UPCALL_UPDATED);

    if (transport->protocol->buffer_updated)
        transport->protocol->buffer_updated(transport->self, len);
    gyre__upcall_leave(transport, outer);
}

/* What asyncio says of an exception that leaves a method. */
static const struct {
    const char *message;
    bool fatal;        /* ends the connection */
    bool in_transport; /* else it is reported as any callback's */
} raised[] = {
    [GYRE__UPCALL_NONE] = {"Fatal error on transport", true, true},
    [GYRE__UPCALL_MADE] = {"Exception in callback", false, false},
    [GYRE__UPCALL_DATA] = {"Fatal error: protocol.data_received() call failed.", true, true},
    [GYRE__UPCALL_EOF] = {"Fatal error: protocol.eof_received() call failed.", true, true},
    [GYRE__UPCALL_LOST] = {"Exception in callback", false, false},
    [GYRE__UPCALL_PAUSE] = {"protocol.pause_writing() failed", false, true},
    [GYRE__UPCALL_RESUME] = {"protocol.resume_writing() failed", false, true},
    [GYRE__UPCALL_GET_BUFFER] = {"Fatal error: protocol.get_buffer() call failed.", true, true},
    [GYRE__UPCALL_UPDATED] = {"Fatal error: protocol.buffer_updated() call failed.", true, true},
    [GYRE__UPCALL_DATAGRAM] = {"protocol.datagram_received() failed", false, true},
    [GYRE__UPCALL_ERROR] = {"protocol.error_received() failed", false, true},
};

/* The two methods that are callbacks of their own are named as such. */
static const char *message_of(const gyre_transport *transport, char *words, size_t size)
{
    uint8_t upcall = transport->upcall;
    const gyre_protocol *protocol = transport->protocol;
    char name[96];

    if (raised[upcall].in_transport)
        return raised[upcall].message;
    gyre__symbol(upcall == GYRE__UPCALL_MADE ? (uintptr_t)protocol->connection_made
                                             : (uintptr_t)protocol->connection_lost,
                 name, sizeof name);
    snprintf(words, size, "%s %s", raised[upcall].message, name);
    return words;
}

void gyre_transport_fail(gyre_transport *transport, int err)
{
    uint8_t upcall = transport->upcall;
    bool inside = raised[upcall].in_transport;
    char words[128];

    GYRE__CHECK(err < 0, "gyre_transport_fail wants a negative code");
    if (transport->state == GYRE__LOST && upcall == GYRE__UPCALL_NONE)
        return;
    gyre__transport_hold(transport);
    if (raised[upcall].fatal)
        gyre__transport_note(transport, err);
    gyre_loop_call_exception_handler(
        transport->net->loop, .message = message_of(transport, words, sizeof words), .exception = err,
        .transport = inside ? transport : NULL, .protocol = inside ? transport->protocol : NULL);
    if (raised[upcall].fatal)
        gyre__transport_lose(transport, err);
    gyre_transport_unref(transport);
}
