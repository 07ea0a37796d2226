/* loop/lazy_timer.h - timers that are most often cancelled in the turn that began them: the deadlines of
 * scopes.
 *
 * Such a timer is linked, and nothing else, until the loop looks for what is due. It has its number from the
 * beginning, so that nobody can tell it from one that was armed at once. Called by task/.
 */
#ifndef GYRE__LAZY_TIMER_H
#define GYRE__LAZY_TIMER_H

#include "loop/loop.h"

/* Arms those that are waiting. */
void gyre__lazy_arm_all(gyre_loop *loop);

/* Arms one that was not linked: debug mode wants to know who made it. */
void gyre__lazy_arm(gyre_loop *loop, struct gyre__lazy_timer *timer);

/* Cancels one that is not the last that was linked. */
void gyre__lazy_cancel_late(gyre_loop *loop, struct gyre__lazy_timer *timer);

/* Called before the heap is looked at. */
static inline void gyre__lazy_settle(gyre_loop *loop)
{
    if (loop->timers.lazy)
        gyre__lazy_arm_all(loop);
}

static inline void gyre__lazy_link(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    timer->sequence = gyre__timers_number(&loop->timers);
    timer->older = loop->timers.lazy;
    timer->waiting = true;
    loop->timers.lazy = timer;
    gyre__count(&loop->counters.timers, 1);
}

/* The last one that was linked. */
static inline void gyre__lazy_unlink(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    loop->timers.lazy = timer->older;
    timer->waiting = false;
    gyre__count(&loop->counters.timers, (uint64_t)-1);
}

/* Begins a timer that calls fn(timer); `when` has not come yet. Its memory stays until it is cancelled or has
 * struck. */
static inline void gyre__lazy_begin(gyre_loop *loop, struct gyre__lazy_timer *timer, double when,
                                    gyre_callback fn)
{
    timer->handle = (gyre_handle){.when = when};
    timer->fn = fn;
    if (gyre__loop_guarded(loop))
        gyre__lazy_arm(loop, timer);
    else
        gyre__lazy_link(loop, timer);
}

/* Cancels a timer that is waiting or armed, or that has struck, or zeroed memory. */
static inline void gyre__lazy_cancel(gyre_loop *loop, struct gyre__lazy_timer *timer)
{
    if (timer->waiting && loop->timers.lazy == timer)
        gyre__lazy_unlink(loop, timer);
    else
        gyre__lazy_cancel_late(loop, timer);
}

#endif
