/* loop/lazy_timer.c - armed after all. */
#include "loop/lazy_timer.h"

static void arm(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    struct gyre__call *call = gyre__call_new(loop, GYRE__CALL_TIMER, timer, NULL);
    double when = timer->handle.when;

    call->fn = timer->fn;
    call->when = gyre__nanoseconds(when);
    timer->handle = gyre__ticket(loop, call);
    timer->handle.when = when;
    gyre__timers_arm(loop, call, timer->sequence);
}

void gyre__lazy_arm_all(gyre_loop *loop)
{
    while (loop->timers.lazy) {
        struct gyre__lazy_timer *timer = loop->timers.lazy;

        gyre__lazy_unlink(loop, timer);
        arm(loop, timer);
    }
}

void gyre__lazy_arm(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    *timer = (struct gyre__lazy_timer){
        .handle = gyre_loop_call_at(loop, timer->handle.when, timer->fn, timer),
    };
}

void gyre__lazy_cancel_late(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    /* Scopes end inner ones first: this is rare. */
    if (timer->waiting)
        gyre__lazy_arm_all(loop);
    gyre_handle_cancel(&timer->handle);
}
