/* gyre/task.h - coroutines and tasks: code that waits without blocking its loop.
 *
 * asyncio: Task and the functions around it. A coroutine is `int f(void *arg)` on a stack of its own;
 * awaiting is a call that returns. Calls stamped [suspends] let the loop run others meanwhile; outside a
 * task, on a loop that is not running, they drive the loop until they are done; inside a plain callback they
 * return GYRE_EAWAIT.
 */
#ifndef GYRE_TASK_H
#define GYRE_TASK_H

#include <gyre/executor.h>
#include <gyre/future.h>

#ifdef __cplusplus
extern "C" {
#endif

/* counted: a running coroutine. A task is a future: every gyre_future_ function takes it. */
typedef gyre_future gyre_task;

/* A coroutine: runs as a task, returns 0 or more (its result) or a negative code (it raised). */
typedef int (*gyre_coroutine)(void *arg);

/* How a task is made. */
typedef struct gyre_task_options {
    size_t size;          /* sizeof this struct, filled in by the macro */
    const char *name;     /* its name, copied; default "Task-N" */
    gyre_release release; /* frees arg when the task has ended or will never start */
    int eager_start;      /* GYRE_YES: the first step runs inside this call, until it first suspends; default
                             GYRE_NO */
} gyre_task_options;

/* Wraps fn(arg) in a task of the running loop (else of this thread's) and schedules its first step. *task may
 * be NULL: the loop keeps the task anyway. GYRE_ELOOPCLOSED; -ENOMEM: no stack. On failure arg is released.
 * [new ref] in *task. asyncio: create_task */
int gyre_create_task(gyre_task **task, gyre_coroutine fn, void *arg, const gyre_task_options *options);
#define gyre_create_task(task, fn, ...) \
    gyre_create_task(task, fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_task_options, __VA_ARGS__))

/* The same on a given loop, from that loop's thread. [new ref] in *task. asyncio: loop.create_task */
int gyre_loop_create_task(gyre_loop *loop, gyre_task **task, gyre_coroutine fn, void *arg,
                          const gyre_task_options *options);
#define gyre_loop_create_task(loop, task, fn, ...)                  \
    gyre_loop_create_task(loop, task, fn, GYRE__FIRST(__VA_ARGS__), \
                          GYRE__OPTIONS(gyre_task_options, __VA_ARGS__))

/* Asks the task to end: GYRE_ECANCELLED comes out of what it waits for, or of its next wait. Counts each
 * call. False when it is done. asyncio: Task.cancel */
bool gyre_task_cancel(gyre_task *task);

/* How many cancel requests are open. asyncio: Task.cancelling */
int gyre_task_cancelling(const gyre_task *task);

/* Takes one cancel request back and returns how many are left; at zero a cancellation that was not delivered
 * yet is withdrawn. asyncio: Task.uncancel */
int gyre_task_uncancel(gyre_task *task);

/* The task's name, lent until it is changed. asyncio: Task.get_name */
const char *gyre_task_get_name(const gyre_task *task);

/* Renames the task; the name is copied. asyncio: Task.set_name */
void gyre_task_set_name(gyre_task *task, const char *name);

/* The task that is running on this thread, lent; NULL in plain callbacks and outside. asyncio: current_task
 */
gyre_task *gyre_current_task(void);

/* The tasks of the loop (NULL: the running one) that are not done, oldest first: fills up to `max` new
 * references and returns how many there are. asyncio: all_tasks */
size_t gyre_all_tasks(gyre_loop *loop, gyre_task **tasks, size_t max);

/* Waits for a future and returns its outcome as gyre_future_result does; a done one returns at once, without
 * a switch. Cancelling the waiting task cancels the future. GYRE_EAWAIT: a task that awaits itself;
 * GYRE_EWRONGLOOP. [suspends] asyncio: await */
int gyre_await(gyre_future *future, void **value);

/* Waits `delay` seconds; zero or less gives way for exactly one turn. GYRE_EVALUE for NaN. [suspends]
 * asyncio: sleep */
int gyre_sleep(double delay);

/* Options of gyre_gather. */
typedef struct gyre_gather_options {
    size_t size;           /* sizeof this struct, filled in by the macro */
    int return_exceptions; /* GYRE_YES: failures of the children count as results; default GYRE_NO: the first
                              one is the outcome */
} gyre_gather_options;

/* A future that is done when all `count` futures are; read the results from them. The first failure is its
 * outcome at once, while the others run on; cancelling it cancels them. GYRE_EVALUE: futures of different
 * loops. [new ref] in *gathered. asyncio: gather */
int gyre_gather(gyre_future **gathered, gyre_future *const *futures, size_t count,
                const gyre_gather_options *options);
#define gyre_gather(gathered, futures, ...) \
    gyre_gather(gathered, futures, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_gather_options, __VA_ARGS__))

/* When gyre_wait returns. */
typedef enum gyre_return_when {
    GYRE_ALL_COMPLETED = 0, /* all are done */
    GYRE_FIRST_COMPLETED,   /* one is done */
    GYRE_FIRST_EXCEPTION    /* one has raised (a cancelled one has not), or all are done */
} gyre_return_when;

/* Options of gyre_wait. */
typedef struct gyre_wait_options {
    size_t size;                  /* sizeof this struct, filled in by the macro */
    double timeout;               /* seconds to wait at most; 0: no limit; negative: look once */
    gyre_return_when return_when; /* default GYRE_ALL_COMPLETED */
} gyre_wait_options;

/* Waits for several futures and returns how many are done; ask each with gyre_future_done. Never raises their
 * errors, never cancels them, no error at the timeout. GYRE_EVALUE "Set of Tasks/Futures is empty.".
 * [suspends] asyncio: wait */
int gyre_wait(gyre_future *const *futures, size_t count, const gyre_wait_options *options);
#define gyre_wait(futures, ...) \
    gyre_wait(futures, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_wait_options, __VA_ARGS__))

/* Awaits a future for at most `timeout` seconds (INFINITY: no limit); then cancels it, waits until it has
 * ended, and returns -ETIMEDOUT (TimeoutError), or its value if it ended with one. *value may be NULL.
 * [suspends] asyncio: wait_for */
int gyre_wait_for(gyre_future *future, void **value, double timeout);

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

/* Blocking work: runs on a thread of an executor and returns 0 or more, or a negative code. */
typedef int (*gyre_blocking)(void *arg);

/* Runs fn(arg) on a thread of the executor (NULL: the loop's default, made at first use) and gives a future
 * of its outcome. Cancelling the future drops work that has not started. GYRE_EQUEUEFULL, GYRE_ESHUTDOWN,
 * GYRE_ELOOPCLOSED; then arg is released. [new ref] in *future. asyncio: loop.run_in_executor */
int gyre_loop_run_in_executor(gyre_loop *loop, gyre_future **future, gyre_executor *executor,
                              gyre_blocking fn, void *arg, const gyre_call_options *options);
#define gyre_loop_run_in_executor(loop, future, executor, fn, ...)                  \
    gyre_loop_run_in_executor(loop, future, executor, fn, GYRE__FIRST(__VA_ARGS__), \
                              GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* Makes `executor` the default of the loop, which takes a reference of its own. GYRE_ETYPE: NULL. asyncio:
 * set_default_executor */
int gyre_loop_set_default_executor(gyre_loop *loop, gyre_executor *executor);

/* The loop's default executor, lent, made now if there was none; NULL when it was shut down. */
gyre_executor *gyre_loop_get_default_executor(gyre_loop *loop);

/* Refuses new default jobs of this loop and waits for its running ones, at most `timeout` seconds (INFINITY:
 * no limit), then -ETIMEDOUT. An executor that the loop made is shut down. [suspends] asyncio:
 * loop.shutdown_default_executor */
int gyre_loop_shutdown_default_executor(gyre_loop *loop, double timeout);

/* Runs fn(arg) on a thread and waits for it; waits its turn when the queue is full. arg may lie on the
 * caller's stack: the call comes back, even when cancelled, only when fn has ended or never started.
 * [suspends] asyncio: to_thread */
int gyre_to_thread(gyre_blocking fn, void *arg);

/* counted: a result that any thread can wait for. concurrent.futures: Future */
typedef struct gyre_concurrent_future gyre_concurrent_future;

/* Runs fn(arg) as a task of `loop` and gives a future for other threads. GYRE_ELOOPCLOSED; then arg is
 * released. [any thread] [new ref] in *future (may be NULL). asyncio: run_coroutine_threadsafe */
int gyre_run_coroutine_threadsafe(gyre_loop *loop, gyre_concurrent_future **future, gyre_coroutine fn,
                                  void *arg, const gyre_task_options *options);
#define gyre_run_coroutine_threadsafe(loop, future, fn, ...)                  \
    gyre_run_coroutine_threadsafe(loop, future, fn, GYRE__FIRST(__VA_ARGS__), \
                                  GYRE__OPTIONS(gyre_task_options, __VA_ARGS__))

/* Blocks this thread until the outcome is there, at most `timeout` seconds (INFINITY: no limit): the code, or
 * -ETIMEDOUT, or GYRE_ECANCELLED. Never on the task's own loop. [any thread] concurrent.futures:
 * Future.result */
int gyre_concurrent_future_result(gyre_concurrent_future *future, double timeout);

/* Cancels it here at once and its task on its own thread: true, or false when it is done. [any thread]
 * concurrent.futures: cancel */
bool gyre_concurrent_future_cancel(gyre_concurrent_future *future);

/* True when the outcome is there. [any thread] concurrent.futures: Future.done */
bool gyre_concurrent_future_done(gyre_concurrent_future *future);

/* Takes one more reference; NULL stays NULL. [any thread] [new ref] */
gyre_concurrent_future *gyre_concurrent_future_ref(gyre_concurrent_future *future);

/* Gives a reference back; the task runs on. [any thread] */
void gyre_concurrent_future_unref(gyre_concurrent_future *future);

#ifdef __cplusplus
}
#endif

#endif
