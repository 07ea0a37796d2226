/* task/waiter.h - tasks in a line: each waits on its own stack, and whoever has news wakes it.
 *
 *   line ──► oldest ⇄ next ⇄ youngest ⇄ back to the oldest
 *
 * The line is one pointer, NULL while nobody waits, so that zeroed memory is an empty one. A waiter stays in
 * line until its task runs again: between the wake (or the cancel) and that step it counts, but is done.
 */
#ifndef GYRE__WAITER_H
#define GYRE__WAITER_H

#include "base/list.h"
#include "task/future.h"

/* Somebody who waits; lies on the waiting task's stack. */
struct gyre__waiter {
    struct gyre__list link;     /* the others in line, a ring without a head */
    struct gyre__waiter **line; /* where it stands */
    gyre_future *future;        /* what it awaits; NULL when it has left */
    bool woken;                 /* it has left, and had been woken: maybe cancelled since */
};

/* Binds what somebody waits for to the loop of the first one who does. GYRE_EWRONGLOOP when that was another
 * loop; GYRE_EAWAIT in a plain callback, which cannot wait. asyncio: _LoopBoundMixin */
int gyre__waiter_bind(gyre_loop **bound);

/* Goes to the end of the line, with a new future. The loop is the one that the task runs on. */
void gyre__waiter_enlist(struct gyre__waiter *waiter, struct gyre__waiter **line, gyre_loop *loop);

/* Takes it out of the line for good; it still waits, and can still be woken. Again: nothing. */
void gyre__waiter_step_out(struct gyre__waiter *waiter);

/* Leaves the line, wherever it stands in it. */
void gyre__waiter_leave(struct gyre__waiter *waiter);

/* Enlists, awaits, leaves: the code that it was woken with, or GYRE_ECANCELLED; the latter at once on a loop
 * that closes. [suspends] */
int gyre__waiter_wait(struct gyre__waiter *waiter, struct gyre__waiter **line, gyre_loop *loop);

/* Wakes this one, with the code that its wait is to return; false when it was woken or cancelled before. */
bool gyre__waiter_wake(struct gyre__waiter *waiter, int code);

/* Wakes the oldest that was neither woken nor cancelled yet; false when there is none. */
bool gyre__waiter_wake_next(struct gyre__waiter *line);

/* Wakes all of them, oldest first, with this code. */
void gyre__waiter_wake_all(struct gyre__waiter *line, int code);

/* The one behind this one, NULL after the youngest. */
static inline struct gyre__waiter *gyre__waiter_behind(const struct gyre__waiter *waiter)
{
    struct gyre__waiter *next = GYRE__OF(waiter->link.next, struct gyre__waiter, link);

    return next == *waiter->line ? NULL : next;
}

/* True when somebody in line was not cancelled: waits, or was woken and has not run yet. */
static inline bool gyre__waiter_any_live(const struct gyre__waiter *line)
{
    while (line && line->future->state == GYRE__CANCELLED)
        line = gyre__waiter_behind(line);
    return line;
}

#endif
