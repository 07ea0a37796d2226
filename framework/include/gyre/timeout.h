/* gyre/timeout.h - a deadline over a stretch of a coroutine.
 *
 * asyncio: timeout, timeout_at. A scope is a pair of calls, begin and end; end takes the pending code and may
 * replace it.
 */
#ifndef GYRE_TIMEOUT_H
#define GYRE_TIMEOUT_H

#include <gyre/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* yours: a deadline over a stretch of a coroutine; the fields are gyre's. */
typedef struct gyre_timeout {
    gyre_task *task;   /* the task inside the scope */
    gyre_handle timer; /* what will fire */
    double deadline;   /* when, on the loop's clock; INFINITY: never */
    int cancelling;    /* the task's cancel count at entry */
    int state;         /* created, entered, expiring, expired, exited */
} gyre_timeout;

/* Enters a scope that cancels the task's wait after `seconds` (INFINITY: never; zero or less: at the next
 * wait). GYRE_ERUNTIME outside a task. asyncio: async with timeout(delay) */
int gyre_timeout_begin(gyre_timeout *timeout, double seconds);

/* The same with a deadline on gyre_loop_time's clock. asyncio: async with timeout_at(when) */
int gyre_timeout_begin_at(gyre_timeout *timeout, double when);

/* Leaves the scope with the pending code, or byte count, and returns it, -ETIMEDOUT in place of the
 * cancellation that the scope itself caused. asyncio: Timeout.__aexit__ */
ptrdiff_t gyre_timeout_end(gyre_timeout *timeout, ptrdiff_t code);

/* Moves the deadline (INFINITY: none). GYRE_ERUNTIME once the scope has expired or was left. asyncio:
 * Timeout.reschedule */
int gyre_timeout_reschedule(gyre_timeout *timeout, double when);

/* The deadline, INFINITY for none. asyncio: Timeout.when */
double gyre_timeout_when(const gyre_timeout *timeout);

/* True when the deadline struck. asyncio: Timeout.expired */
bool gyre_timeout_expired(const gyre_timeout *timeout);

#ifdef __cplusplus
}
#endif

#endif
