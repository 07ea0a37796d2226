/* net/tls_wire.c - the protocol of the transport below: what comes there drives the one above.
 *
 * asyncio: SSLProtocol. Bytes of the wire land in a buffer that all connections of the loop share; what the
 * program does not take of them now, because it has paused reading, is kept, and nothing more is read.
 */
#include "base/memory.h"
#include "net/tls_transport.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE = 64 * 1024, OWN_WIRE = 17 * 1024 };

static void release(void *transport)
{
    gyre_transport_unref(transport);
}

void gyre__tls_fail(struct gyre__tls_transport *over, int err)
{
    free(over->text);
    over->text = gyre__strdup(gyre_error_text());
    over->phase = GYRE__TLS_OVER;
    gyre__transport_lose(&over->base, err);
}

void gyre__tls_tell(struct gyre__tls_transport *over, int err)
{
    gyre_future *waiter = over->waiter;

    over->waiter = NULL;
    if (waiter && !gyre_future_done(waiter)) {
        if (err < 0)
            gyre_future_set_exception(waiter, over->text ? gyre_error_set(err, "%s", over->text) : err);
        else
            gyre_future_set_result(waiter, NULL);
    }
    gyre_future_unref(waiter);
}

static void be_late(void *arg)
{
    struct gyre__tls_transport *over = arg;

    if (over->phase == GYRE__TLS_SHAKING)
        gyre__tls_fail(over, gyre_error_set(-ECONNABORTED,
                                            "SSL handshake is taking longer than %g seconds: aborting the "
                                            "connection",
                                            over->handshake));
    else if (over->phase == GYRE__TLS_PARTING)
        gyre__tls_fail(over, gyre_error_set(-ETIMEDOUT, "SSL shutdown timed out"));
}

void gyre__tls_arm(struct gyre__tls_transport *over, double seconds)
{
    gyre_handle_cancel(&over->timer);
    over->timer = gyre_loop_call_later(over->base.net->loop, seconds, be_late,
                                       gyre__transport_hold(&over->base), .release = release);
}

static void be_made(struct gyre__tls_transport *over)
{
    gyre_transport *transport = &over->base;

    over->phase = GYRE__TLS_TALKING;
    gyre_handle_cancel(&over->timer);
    if (!transport->made) {
        transport->made = true;
        gyre__upcall_made(transport);
    }
    gyre__tls_tell(over, 0);
    gyre__limits_resume(transport);
    gyre__transport_writable(transport);
}

static void shake(struct gyre__tls_transport *over)
{
    int done = over->broken ? over->broken : gyre__tls_handshake(&over->tls);

    if (done == 1)
        be_made(over);
    else if (done < 0)
        gyre__tls_fail(over, done);
    else if (over->cut)
        gyre__tls_fail(over, gyre_error_set(-ECONNRESET, "the peer left during the TLS handshake"));
    else
        over->dry = true;
}

/* A peer that has left without a word of TLS is heard of as any, and remembered. */
static void deliver(struct gyre__tls_transport *over)
{
    gyre_transport *transport = &over->base;

    while (over->phase == GYRE__TLS_TALKING && !over->dry && gyre__transport_reading(transport))
        gyre__transport_read(transport);
    if (over->phase != GYRE__TLS_TALKING || !over->dry || !over->cut || !gyre__transport_reading(transport))
        return;
    over->truncated = true;
    gyre__tls_kind.hear_eof(transport);
}

static void finish(struct gyre__tls_transport *over)
{
    gyre_transport *transport = &over->base;

    if (!transport->eof) {
        transport->eof = true;
        gyre__upcall_eof(transport);
    }
    if (transport->state >= GYRE__LOSING)
        return;
    transport->graceful = true;
    gyre__transport_lose(transport, 0);
}

static void part(struct gyre__tls_transport *over)
{
    int said = gyre__tls_shutdown(&over->tls);

    over->dry = true;
    if (said < 0)
        gyre__tls_fail(over, said);
    else if (said == 1 || over->cut)
        finish(over);
}

/* What was not taken moves to memory of its own: the buffer is for others next. */
static void stow(struct gyre__tls_transport *over)
{
    struct gyre__tls *tls = &over->tls;
    char *before = over->kept;

    over->kept = NULL;
    if (over->base.state >= GYRE__LOSING)
        tls->in_len = 0;
    if (tls->in_len)
        tls->in = over->kept = memcpy(gyre__malloc(tls->in_len), tls->in, tls->in_len);
    free(before);
}

static void pump(struct gyre__tls_transport *over)
{
    gyre_transport *transport = gyre__transport_hold(&over->base);

    if (over->phase == GYRE__TLS_SHAKING && transport->state < GYRE__LOSING) {
        over->dry = false;
        shake(over);
    }
    if (over->phase == GYRE__TLS_TALKING)
        deliver(over);
    if (over->phase == GYRE__TLS_PARTING && transport->state < GYRE__LOSING)
        part(over);
    stow(over);
    if (over->dry)
        gyre__transport_rewatch(transport);
    gyre_transport_unref(transport);
}

static void pump_now(void *arg)
{
    pump(arg);
}

void gyre__tls_pump_soon(struct gyre__tls_transport *over)
{
    gyre__transport_soon(&over->base, pump_now);
}

static void *be_itself(void *arg)
{
    return arg;
}

static void connection_made(void *self, gyre_transport *below)
{
    struct gyre__tls_transport *over = self;

    if (over->base.state >= GYRE__LOSING)
        return;
    gyre__tls_arm(over, over->handshake);
    pump(over);
}

static void get_buffer(void *self, ptrdiff_t hint, void **buffer, size_t *len)
{
    struct gyre__tls_transport *over = self;
    struct gyre__net *net = over->base.net;

    if (over->below->kind == &gyre__tls_kind && !over->own_wire)
        over->own_wire = gyre__malloc(OWN_WIRE);
    if (!over->own_wire && !net->wire)
        net->wire = gyre__malloc(WIRE);
    *buffer = over->own_wire ? over->own_wire : net->wire;
    *len = over->own_wire ? OWN_WIRE : WIRE;
}

static void buffer_updated(void *self, size_t len)
{
    struct gyre__tls_transport *over = self;

    over->tls.in = over->own_wire ? over->own_wire : over->base.net->wire;
    over->tls.in_len = len;
    over->dry = false;
    pump(over);
}

static bool eof_received(void *self)
{
    struct gyre__tls_transport *over = self;

    over->cut = true;
    pump(over);
    return true;
}

static void connection_lost(void *self, int err)
{
    struct gyre__tls_transport *over = self;

    if (over->phase == GYRE__TLS_SHAKING && !err)
        err = gyre_error_set(-ECONNRESET, "the connection was lost during the TLS handshake");
    over->phase = GYRE__TLS_OVER;
    gyre__transport_lose(&over->base, err);
}

static void connection_lost_taken(void *self, int err)
{
    connection_lost(self, err);
    gyre_transport_unref(self);
}

static void pause_writing(void *self)
{
    struct gyre__tls_transport *over = self;

    over->full = true;
}

static void resume_writing(void *self)
{
    struct gyre__tls_transport *over = self;

    over->full = false;
    gyre__transport_writable(&over->base);
}

const gyre_protocol gyre__tls_wire = {
    .create = be_itself,
    .destroy = release,
    .connection_made = connection_made,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
    .get_buffer = get_buffer,
    .buffer_updated = buffer_updated,
};

const gyre_protocol gyre__tls_wire_taken = {
    .connection_made = connection_made,
    .eof_received = eof_received,
    .connection_lost = connection_lost_taken,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
    .get_buffer = get_buffer,
    .buffer_updated = buffer_updated,
};
