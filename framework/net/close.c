/* net/close.c - the ways to end: close, abort, and the writing side alone. */
#include "net/kind.h"

/* Everything is sent: only connection_lost is left, and never inside the caller's close(). */
static void finish_soon(gyre_transport *transport)
{
    if (transport->kind->farewell && transport->kind->farewell(transport))
        return;
    transport->graceful = true;
    gyre__transport_lose(transport, 0);
}

void gyre_transport_close(gyre_transport *transport)
{
    gyre__transport_assert_here(transport);
    if (transport->state != GYRE__OPEN)
        return;
    gyre__transport_hold(transport);
    transport->state = GYRE__CLOSING;
    transport->fresh = transport->heard_poll == gyre__net_poll(transport->net);
    gyre__transport_flush(transport);
    if (transport->state == GYRE__CLOSING && !transport->out.size)
        finish_soon(transport);
    else
        gyre__transport_rewatch(transport);
    gyre_transport_unref(transport);
}

void gyre_transport_abort(gyre_transport *transport)
{
    gyre__transport_assert_here(transport);
    gyre__transport_flush(transport);
    gyre__transport_lose(transport, gyre__transport_reason(transport));
}

int gyre_transport_write_eof(gyre_transport *transport)
{
    int err = gyre__loop_check_here(transport->net->loop);

    if (err)
        return err;
    if (transport->kind->ends_whole) {
        gyre_transport_close(transport);
        return 0;
    }
    if (!transport->kind->shutdown)
        return gyre_error_set(GYRE_ENOTIMPLEMENTED, "this kind of transport has no end of writing alone");
    if (transport->ending || transport->state != GYRE__OPEN)
        return 0;
    transport->ending = true;
    gyre__transport_flush(transport);
    return 0;
}

bool gyre_transport_can_write_eof(const gyre_transport *transport)
{
    return transport->kind->shutdown || transport->kind->ends_whole;
}

bool gyre_transport_is_closing(const gyre_transport *transport)
{
    return transport->state != GYRE__OPEN;
}
