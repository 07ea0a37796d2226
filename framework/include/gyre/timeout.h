/* gyre/timeout.h - deadlines over a stretch of a coroutine, and stretches that are cancelled as one.
 *
 * asyncio: timeout, timeout_at. Scopes are pairs of calls, begin and end; end takes the pending code and may
 * replace it. A timeout is asyncio's and cancels once; a cancel scope, known from trio and anyio, also
 * cancels every wait that follows inside it, so that nobody who swallows a cancellation outlives it.
 */
#ifndef GYRE_TIMEOUT_H
#define GYRE_TIMEOUT_H

#include <gyre/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* yours: a deadline over a stretch of a coroutine; the fields are gyre's. */
typedef struct gyre_timeout {
    gyre_task *task;               /* the task inside the scope */
    struct gyre__lazy_timer timer; /* what will fire */
    double deadline;               /* when, on the loop's clock; INFINITY: never */
    int cancelling;                /* the task's cancel count at entry */
    int state;                     /* created, entered, expiring, expired, exited */
} gyre_timeout;

/* Enters a scope that cancels the task's wait after `seconds` (INFINITY: never; zero or less: at the next
 * wait). GYRE_ERUNTIME outside a task, GYRE_EVALUE for NaN. asyncio: async with timeout(delay) */
int gyre_timeout_begin(gyre_timeout *timeout, double seconds);

/* The same with a deadline on gyre_loop_time's clock. asyncio: async with timeout_at(when) */
int gyre_timeout_begin_at(gyre_timeout *timeout, double when);

/* The first half of begin, for a timeout that is made here and entered elsewhere: it strikes `seconds` from
 * now, once it is entered. GYRE_EVALUE for NaN. asyncio: timeout(delay) */
int gyre_timeout_init(gyre_timeout *timeout, double seconds);

/* The same with a deadline. asyncio: timeout_at(when) */
int gyre_timeout_init_at(gyre_timeout *timeout, double when);

/* The second half. GYRE_ERUNTIME outside a task and when it was entered before. asyncio: Timeout.__aenter__
 */
int gyre_timeout_enter(gyre_timeout *timeout);

/* Leaves the scope with the pending code, or byte count, and returns it, -ETIMEDOUT in place of the
 * cancellation that the scope itself caused. Another failure after the deadline is passed on, and its
 * sentence says so. asyncio: Timeout.__aexit__ */
ptrdiff_t gyre_timeout_end(gyre_timeout *timeout, ptrdiff_t code);

/* Moves the deadline (INFINITY: none) of an entered timeout. GYRE_ERUNTIME before it is entered, once it has
 * expired and once it was left; GYRE_EVALUE for NaN. asyncio: Timeout.reschedule */
int gyre_timeout_reschedule(gyre_timeout *timeout, double when);

/* The deadline, INFINITY for none. asyncio: Timeout.when */
double gyre_timeout_when(const gyre_timeout *timeout);

/* True when the deadline struck inside the scope. asyncio: Timeout.expired */
bool gyre_timeout_expired(const gyre_timeout *timeout);

/* yours: a stretch of a coroutine, and of the children of its task groups, that is cancelled as one; the
 * fields are gyre's. anyio: CancelScope */
typedef struct gyre_cancel_scope {
    gyre_task *task;                 /* the task inside, NULL once the scope was left */
    struct gyre_cancel_scope *outer; /* the scope around it, NULL for none */
    struct gyre__lazy_timer timer;   /* what will fire */
    double deadline;                 /* when, on the loop's clock; INFINITY: never */
    int cancelling;                  /* the task's cancel count at entry */
    bool shield;                     /* what is cancelled further out is not seen inside */
    bool cancel_called;              /* it is cancelled */
    bool cancelled_caught;           /* its end has turned the cancellation into 0 */
} gyre_cancel_scope;

/* What a cancel scope can be. */
typedef struct gyre_cancel_scope_options {
    size_t size;     /* sizeof this struct, filled in by the macro */
    double deadline; /* when it cancels itself, on gyre_loop_time's clock; default 0: never */
    int shield;      /* GYRE_YES: scopes further out do not cancel what is inside; default GYRE_NO */
} gyre_cancel_scope_options;

/* Enters a cancel scope. Once it is cancelled, every wait inside that would suspend returns GYRE_ECANCELLED,
 * after at most one turn, however often the task swallows it; a wait for another task, or for a thread, first
 * lets that one end. A deadline that has passed cancels at once. gyre_task_cancel reaches through a shield.
 * GYRE_ERUNTIME outside a task, GYRE_EVALUE for NaN. anyio: with CancelScope(deadline=..., shield=...) */
int gyre_cancel_scope_begin(gyre_cancel_scope *scope, const gyre_cancel_scope_options *options);
#define gyre_cancel_scope_begin(...) \
    gyre_cancel_scope_begin(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_cancel_scope_options, __VA_ARGS__))

/* How long a gyre_move_on_after scope lets its body be. */
typedef struct gyre_move_on_options {
    size_t size; /* sizeof this struct, filled in by the macro */
    int shield;  /* GYRE_YES: scopes further out do not cancel what is inside; default GYRE_NO */
} gyre_move_on_options;

/* Enters a cancel scope that cancels itself after `seconds`, so that the program goes on behind its end,
 * which is gyre_cancel_scope_end. anyio: with move_on_after(delay, shield=...) */
int gyre_move_on_after_begin(gyre_cancel_scope *scope, double seconds, const gyre_move_on_options *options);
#define gyre_move_on_after_begin(scope, ...)                  \
    gyre_move_on_after_begin(scope, GYRE__FIRST(__VA_ARGS__), \
                             GYRE__OPTIONS(gyre_move_on_options, __VA_ARGS__))

/* Leaves the scope with the pending code, or byte count, and returns it, 0 in place of the cancellation that
 * the scope itself caused. One that somebody else asked for as well, by gyre_task_cancel or in a scope
 * around this one, stays a GYRE_ECANCELLED. anyio: CancelScope.__exit__ */
ptrdiff_t gyre_cancel_scope_end(gyre_cancel_scope *scope, ptrdiff_t code);

/* Cancels the scope, from any task or callback of its loop, also from inside. More than once, and after the
 * end, is harmless. The task's cancel count stays as it is. anyio: CancelScope.cancel */
void gyre_cancel_scope_cancel(gyre_cancel_scope *scope);

/* True when the scope was cancelled, by a call or by its deadline. anyio: CancelScope.cancel_called */
bool gyre_cancel_scope_cancel_called(const gyre_cancel_scope *scope);

/* True when the end of the scope has turned its cancellation into 0. anyio: CancelScope.cancelled_caught */
bool gyre_cancel_scope_cancelled_caught(const gyre_cancel_scope *scope);

/* The earliest deadline of the cancel scopes that the running task is in, as far as it sees them (up to a
 * shield); INFINITY for none, -INFINITY when one of them is cancelled. Timeouts do not count. anyio:
 * current_effective_deadline */
double gyre_current_effective_deadline(void);

#ifdef __cplusplus
}
#endif

#endif
