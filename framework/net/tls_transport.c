/* net/tls_transport.c - the kind of a transport whose bytes go through TLS.
 *
 * What a socket is to others, the machine and the transport below are to this one: it takes bytes until below
 * holds enough, and has none while the machine waits for more of the wire.
 */
#include "net/tls_transport.h"
#include <errno.h>
#include <stdlib.h>

enum { RECORD = 16 * 1024 /* most bytes of one record */ };

static ssize_t receive(gyre_transport *transport, void *buffer, size_t len)
{
    struct gyre__tls_transport *over = gyre__tls_of(transport);
    ptrdiff_t got = gyre__tls_read(&over->tls, buffer, len);

    over->dry = got <= 0 || gyre__tls_is_dry(&over->tls);
    if (got > 0)
        return got;
    if (got == GYRE__TLS_END)
        return 0;
    return got ? gyre__transport_note(transport, (int)got) : -EAGAIN;
}

/* One piece, record by record, as long as there is room below. */
static int send_piece(struct gyre__tls_transport *over, const struct iovec *piece, size_t *sent)
{
    const char *data = piece->iov_base;
    size_t done = 0;
    int err = 0;

    while (done < piece->iov_len && !over->full && !err) {
        size_t some = piece->iov_len - done < RECORD ? piece->iov_len - done : RECORD;

        err = gyre__tls_write(&over->tls, data + done, some);
        done += some;
    }
    *sent += done;
    return err;
}

static ssize_t send_pieces(gyre_transport *transport, const struct iovec *pieces, int count)
{
    struct gyre__tls_transport *over = gyre__tls_of(transport);
    size_t sent = 0;
    int err = 0;

    if (over->phase != GYRE__TLS_TALKING || over->full)
        return -EAGAIN;
    for (int i = 0; i < count && !err && !over->full; i++)
        err = send_piece(over, &pieces[i], &sent);
    /* They have waited for their like already, here. */
    if (!over->below->depth)
        gyre__transport_flush(over->below);
    return err ? gyre__transport_note(transport, err) : (ssize_t)sent;
}

/* asyncio: eof_received cannot keep half a connection open. */
static void hear_end(gyre_transport *transport)
{
    transport->eof = true;
    if (gyre__upcall_eof(transport) && transport->state == GYRE__OPEN)
        gyre_loop_call_exception_handler(
            transport->net->loop,
            .message = "returning true from eof_received() has no effect when using ssl",
            .transport = transport, .protocol = transport->protocol);
    gyre_transport_close(transport);
}

/* While it shakes hands or parts it reads for itself. */
static void rewatch(gyre_transport *transport)
{
    struct gyre__tls_transport *over = gyre__tls_of(transport);
    bool wanted = over->phase != GYRE__TLS_TALKING || gyre__transport_reading(transport);

    if (transport->state >= GYRE__LOSING)
        return;
    if (transport->state == GYRE__CLOSING && over->phase == GYRE__TLS_TALKING)
        gyre__tls_arm_end(over);
    if (!wanted)
        gyre_transport_pause_reading(over->below);
    else if (over->dry)
        gyre_transport_resume_reading(over->below);
    else
        gyre__tls_pump_soon(over);
}

/* True: it goes on until the peer has said the same, or time is up. */
static bool say_goodbye(gyre_transport *transport)
{
    struct gyre__tls_transport *over = gyre__tls_of(transport);
    int said;

    if (over->phase != GYRE__TLS_TALKING || over->cut)
        return over->phase == GYRE__TLS_PARTING;
    over->phase = GYRE__TLS_PARTING;
    said = gyre__tls_shutdown(&over->tls);
    if (said == 1 && transport->eof)
        return false;
    gyre__tls_arm_end(over);
    if (said < 0)
        gyre__tls_fail(over, said);
    else
        gyre__tls_pump_soon(over);
    return true;
}

static void release(gyre_transport *transport)
{
    struct gyre__tls_transport *over = gyre__tls_of(transport);

    over->phase = GYRE__TLS_OVER;
    transport->fd = -1;
    gyre_handle_cancel(&over->timer);
    gyre__tls_tell(over, transport->err ? transport->err : -ECONNRESET);
    if (transport->graceful)
        gyre_transport_close(over->below);
    else
        gyre_transport_abort(over->below);
}

static void clear(gyre_transport *transport)
{
    struct gyre__tls_transport *over = gyre__tls_of(transport);

    gyre__tls_info_free(over);
    gyre__tls_free(&over->tls);
    gyre_transport_unref(over->below);
    free(over->kept);
    free(over->own_wire);
}

const struct gyre__kind gyre__tls_kind = {
    .size = sizeof(struct gyre__tls_transport),
    .recv = receive,
    .send = send_pieces,
    .hear_eof = hear_end,
    .rewatch = rewatch,
    .farewell = say_goodbye,
    .broken = gyre__tls_inherit,
    .release = release,
    .clear = clear,
    .info = gyre__tls_ask,
    .sendfile = GYRE__SENDFILE_COPY,
};
