/* net/tls_end.c - how a connection of TLS fails, and the time that its beginning and its end may take. */
#include "base/error.h"
#include "net/tls_transport.h"
#include <errno.h>
#include <stdlib.h>

static void release(void *transport)
{
    gyre_transport_unref(transport);
}

void gyre__tls_fail(struct gyre__tls_transport *over, int err)
{
    over->phase = GYRE__TLS_OVER;
    gyre__transport_lose(&over->base, gyre__transport_note(&over->base, err));
}

int gyre__tls_inherit(gyre_transport *transport)
{
    gyre_transport *below = gyre__tls_of(transport)->below;
    int err = gyre__transport_reason(below);

    if (err && below->words) {
        gyre__error_tell(err, below->words);
        gyre__transport_note(transport, err);
    }
    return err;
}

void gyre__tls_tell(struct gyre__tls_transport *over, int err)
{
    gyre_future *waiter = over->waiter;

    over->waiter = NULL;
    if (waiter && !gyre_future_done(waiter)) {
        if (err < 0)
            gyre_future_set_exception(waiter,
                                      over->base.words ? gyre_error_set(err, "%s", over->base.words) : err);
        else
            gyre_future_set_result(waiter, NULL);
    }
    gyre_future_unref(waiter);
}

/* What the peer is slow to take may have a limit of its own, that on stalls; our goodbye is behind it. */
static bool goodbye_waits(const struct gyre__tls_transport *over)
{
    bool bytes = over->base.out.size || over->below->out.size;

    return over->ending && over->phase != GYRE__TLS_OVER && bytes && over->below->limits;
}

/* Once more after the bytes have gone: they may have gone just now, and the goodbye has the whole time. */
static bool deserves_time(struct gyre__tls_transport *over)
{
    bool was_late = over->late;

    over->late = goodbye_waits(over);
    return over->late || was_late;
}

static void be_late(void *arg)
{
    struct gyre__tls_transport *over = arg;

    if (deserves_time(over))
        gyre__tls_arm(over, over->shutdown);
    else if (over->phase == GYRE__TLS_SHAKING)
        gyre__tls_fail(over, gyre_error_set(-ECONNABORTED,
                                            "SSL handshake is taking longer than %g seconds: aborting the "
                                            "connection",
                                            over->handshake));
    else if (over->ending && over->phase != GYRE__TLS_OVER)
        gyre__tls_fail(over, gyre_error_set(-ETIMEDOUT, "SSL shutdown timed out"));
}

void gyre__tls_arm(struct gyre__tls_transport *over, double seconds)
{
    gyre_handle_cancel(&over->timer);
    over->timer = gyre_loop_call_later(over->base.net->loop, seconds, be_late,
                                       gyre__transport_hold(&over->base), .release = release);
}

void gyre__tls_arm_end(struct gyre__tls_transport *over)
{
    if (over->ending)
        return;
    over->ending = true;
    gyre__tls_arm(over, over->shutdown);
}
