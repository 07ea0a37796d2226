/* loop/lazy_timer.c - begun, cancelled, or armed after all. */
#include "loop/lazy_timer.h"

static void note(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    timer->older = loop->timers.lazy;
    timer->waiting = true;
    loop->timers.lazy = timer;
    loop->timers.waiting++;
    gyre__count(&loop->counters.timers, 1);
}

/* The last one that was linked. */
static void forget(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    loop->timers.lazy = timer->older;
    timer->waiting = false;
    loop->timers.waiting--;
    gyre__count(&loop->counters.timers, (uint64_t)-1);
}

static void arm(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    struct gyre__call *call = gyre__call_new(loop, GYRE__CALL_TIMER, timer, NULL);
    double when = timer->handle.when;

    call->fn = timer->fn;
    call->when = gyre__nanoseconds(when);
    forget(loop, timer);
    timer->handle = gyre__ticket(loop, call);
    timer->handle.when = when;
    gyre__timers_arm(loop, call, timer->sequence);
}

void gyre__lazy_arm_all(gyre_loop *loop)
{
    while (loop->timers.lazy)
        arm(loop, loop->timers.lazy);
}

void gyre__lazy_begin(gyre_loop *loop, struct gyre__lazy_timer *timer, double when, gyre_callback fn)
{
    /* Debug mode wants to know who made it. */
    if (gyre__loop_guarded(loop)) {
        *timer = (struct gyre__lazy_timer){.handle = gyre_loop_call_at(loop, when, fn, timer)};
        return;
    }
    timer->handle = (gyre_handle){.when = when};
    timer->fn = fn;
    timer->sequence = gyre__timers_number(&loop->timers);
    note(loop, timer);
}

void gyre__lazy_cancel(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    if (timer->waiting && loop->timers.lazy == timer) {
        forget(loop, timer);
        return;
    }
    /* Scopes end inner ones first; who does not is no hurry. */
    if (timer->waiting)
        gyre__lazy_arm_all(loop);
    gyre_handle_cancel(&timer->handle);
}
