/* loop/timer.h - the loop's timers: deadlines in nanoseconds, never early, cancelled lazily.
 *
 * A cancelled timer's call is freed at once. Its entry stays in the heap, out of date, until it comes to the
 * top, or until more than half of more than 100 are: `armed` knows without a look at the calls, which lie far
 * apart.
 */
#ifndef GYRE__TIMER_H
#define GYRE__TIMER_H

#include "base/heap.h"
#include "loop/handle.h"

struct gyre__timers {
    struct gyre__heap heap; /* deadlines; the items are places of calls in the loop's slab */
    uint32_t *armed;        /* by place: the sequence number of the timer that is armed there, 0 for none */
    size_t places;          /* how many places `armed` knows */
    uint32_t sequence;      /* the last number that a timer got; after the highest comes 1 */
    size_t cancelled;       /* entries in the heap that are out of date */
    struct gyre__lazy_timer *lazy; /* those that are not armed yet, the last begun first */
};

/* The number that a new timer gets. */
static inline uint32_t gyre__timers_number(struct gyre__timers *timers)
{
    if (++timers->sequence == 0)
        timers->sequence = 1;
    return timers->sequence;
}

/* Arms a timer with such a number for call->when. */
void gyre__timers_arm(gyre_loop *loop, struct gyre__call *call, uint32_t number);

/* Disarms a timer in the heap, whose call is about to be freed; compacts the heap when that pays. */
void gyre__timers_disarm(gyre_loop *loop, struct gyre__call *call);

/* Drops what is out of date at the top and returns the next deadline, GYRE__FOREVER when there is none. */
int64_t gyre__timers_next(gyre_loop *loop);

/* Runs, in deadline order, the timers that are due, but none that was armed after `sequence` was the last. */
void gyre__timers_run(gyre_loop *loop, uint32_t sequence);

/* Drops all timers. */
void gyre__timers_clear(gyre_loop *loop);

/* Seconds to nanoseconds, rounded up, clamped to what an int64_t holds. */
int64_t gyre__nanoseconds(double seconds);

#endif
