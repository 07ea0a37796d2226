/* loop/timer.h - the loop's timers: deadlines in nanoseconds, never early, cancelled lazily.
 *
 * A cancelled timer stays in the heap until it comes to the top, or until more than half of more than 100 are
 * cancelled.
 */
#ifndef GYRE__TIMER_H
#define GYRE__TIMER_H

#include "base/heap.h"
#include "loop/handle.h"

struct gyre__timers {
    struct gyre__heap heap; /* the armed timers; items are calls */
    uint64_t sequence;      /* the number of the next timer: those below it were armed before */
    size_t cancelled;       /* timers in the heap that were cancelled */
};

/* Arms a timer for call->when. */
void gyre__timers_arm(gyre_loop *loop, struct gyre__call *call);

/* Tells that a timer in the heap was cancelled; compacts the heap when that pays. */
void gyre__timers_cancelled(gyre_loop *loop);

/* Frees the cancelled timers at the top and returns the next deadline, GYRE__FOREVER when there is none. */
int64_t gyre__timers_next(gyre_loop *loop);

/* Runs, in deadline order, the timers that are due and were armed before `sequence`. */
void gyre__timers_run(gyre_loop *loop, uint64_t sequence);

/* Drops all timers. */
void gyre__timers_clear(gyre_loop *loop);

/* Seconds to nanoseconds, rounded up, clamped to what an int64_t holds. */
int64_t gyre__nanoseconds(double seconds);

#endif
