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

/* Begins a timer that calls fn(timer); `when` has not come yet. Its memory stays until it is cancelled or has
 * struck. */
void gyre__lazy_begin(gyre_loop *loop, struct gyre__lazy_timer *timer, double when, gyre_callback fn);

/* Cancels a timer that is waiting or armed, or that has struck, or zeroed memory. */
void gyre__lazy_cancel(gyre_loop *loop, struct gyre__lazy_timer *timer);

/* Called before the heap is looked at. */
static inline void gyre__lazy_settle(gyre_loop *loop)
{
    if (loop->timers.lazy)
        gyre__lazy_arm_all(loop);
}

#endif
