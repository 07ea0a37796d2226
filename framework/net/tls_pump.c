/* net/tls_pump.c - what came of the wire goes through the machine, as far as its phase lets it.
 *
 * What the program does not take now, because it has paused reading, is kept, and nothing more is read.
 */
#include "base/memory.h"
#include "net/tls_transport.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWERS = 4096 /* most bytes of them */ };

/* uvloop: who waits for the handshake goes on before the first bytes come; he may have no other way to the
 * new transport. */
static void wake_first(struct gyre__tls_transport *over)
{
    if (!over->waiter)
        return;
    gyre__tls_tell(over, 0);
    over->waking = true;
    gyre_transport_pause_reading(over->below);
    gyre__tls_pump_soon(over);
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
    wake_first(over);
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

/* A peer that asks for answers and reads none would fill the memory: the program's own bytes stop at the
 * marks, answers do not. */
static void check_answers(struct gyre__tls_transport *over)
{
    if (over->answers > ANSWERS && over->base.state < GYRE__LOSING)
        gyre__tls_fail(over, gyre_error_set(GYRE_ESSL, "the peer asks for answers and does not read them"));
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

void gyre__tls_pump(struct gyre__tls_transport *over)
{
    gyre_transport *transport = gyre__transport_hold(&over->base);

    if (over->phase == GYRE__TLS_SHAKING && transport->state < GYRE__LOSING) {
        over->dry = false;
        shake(over);
    }
    if (over->phase == GYRE__TLS_TALKING && !over->waking)
        deliver(over);
    if (over->phase == GYRE__TLS_PARTING && transport->state < GYRE__LOSING)
        part(over);
    check_answers(over);
    stow(over);
    if (over->dry)
        gyre__transport_rewatch(transport);
    gyre_transport_unref(transport);
}

static void pump_now(void *arg)
{
    struct gyre__tls_transport *over = arg;

    over->waking = false;
    gyre__tls_pump(over);
}

void gyre__tls_pump_soon(struct gyre__tls_transport *over)
{
    gyre__transport_soon(&over->base, pump_now);
}
