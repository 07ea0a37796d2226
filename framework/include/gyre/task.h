/* gyre/task.h - coroutines and tasks: code that waits without blocking its loop.
 *
 * asyncio: Task and the functions around it. A coroutine is `int f(void *arg)` on a stack of its own;
 * awaiting is a call that returns. Calls stamped [suspends] let the loop run others meanwhile; outside a
 * task, on a loop that is not running, they drive the loop until they are done; inside a plain callback they
 * return GYRE_EAWAIT.
 */
#ifndef GYRE_TASK_H
#define GYRE_TASK_H

#include <gyre/future.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* counted: a running coroutine. A task is a future: every gyre_future_ function takes it. */
typedef gyre_future gyre_task;

/* A coroutine: runs as a task, returns 0 or more (its result) or a negative code (it raised). */
typedef int (*gyre_coroutine)(void *arg);

/* How a task is made. */
typedef struct gyre_task_options {
    size_t size;           /* sizeof this struct, filled in by the macro */
    const char *name;      /* its name, copied; default "Task-N" */
    gyre_release release;  /* frees arg when the task has ended or will never start */
    int eager_start;       /* GYRE_YES: the first step runs inside this call, until it first suspends; default
                              GYRE_NO */
    gyre_context *context; /* the context to run in, itself; default: a copy of the current one */
} gyre_task_options;

/* Wraps fn(arg) in a task of the running loop (else of this thread's) and schedules its first step. *task may
 * be NULL: the loop keeps the task anyway. GYRE_ELOOPCLOSED; then arg is released. A stack is found at the
 * first step: a task that gets none ends with -ENOMEM, and an eager one is refused with it. [new ref] in
 * *task. asyncio: create_task */
int gyre_create_task(gyre_task **task, gyre_coroutine fn, void *arg, const gyre_task_options *options);
#define gyre_create_task(task, fn, ...) \
    gyre_create_task(task, fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_task_options, __VA_ARGS__))

/* The same on a given loop, from that loop's thread. [new ref] in *task. asyncio: loop.create_task */
int gyre_loop_create_task(gyre_loop *loop, gyre_task **task, gyre_coroutine fn, void *arg,
                          const gyre_task_options *options);
#define gyre_loop_create_task(loop, task, fn, ...)                  \
    gyre_loop_create_task(loop, task, fn, GYRE__FIRST(__VA_ARGS__), \
                          GYRE__OPTIONS(gyre_task_options, __VA_ARGS__))

/* The same past the loop's factory, for a factory to make its tasks with. [new ref] in *task. asyncio: Task
 */
int gyre_task_new(gyre_loop *loop, gyre_task **task, gyre_coroutine fn, void *arg,
                  const gyre_task_options *options);
#define gyre_task_new(loop, task, fn, ...) \
    gyre_task_new(loop, task, fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_task_options, __VA_ARGS__))

/* Makes the tasks of a loop in gyre_create_task's place; it answers as that does. */
typedef int (*gyre_task_factory)(gyre_loop *loop, gyre_task **task, gyre_coroutine fn, void *arg,
                                 const gyre_task_options *options);

/* Sets the loop's factory of tasks; NULL: the default one again. asyncio: loop.set_task_factory */
void gyre_loop_set_task_factory(gyre_loop *loop, gyre_task_factory factory);

/* The factory that was set, NULL for the default. asyncio: loop.get_task_factory */
gyre_task_factory gyre_loop_get_task_factory(gyre_loop *loop);

/* A factory whose tasks start eagerly unless they say GYRE_NO. asyncio: eager_task_factory */
int gyre_eager_task_factory(gyre_loop *loop, gyre_task **task, gyre_coroutine fn, void *arg,
                            const gyre_task_options *options);

/* Asks the task to end: GYRE_ECANCELLED comes out of what it waits for, or of its next wait. Counts each
 * call. False when it is done. asyncio: Task.cancel */
bool gyre_task_cancel(gyre_task *task, const gyre_cancel_options *options);
#define gyre_task_cancel(...) \
    gyre_task_cancel(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_cancel_options, __VA_ARGS__))

/* How many cancel requests are open. asyncio: Task.cancelling */
int gyre_task_cancelling(const gyre_task *task);

/* Takes one cancel request back and returns how many are left; at zero a cancellation that was not delivered
 * yet is withdrawn. asyncio: Task.uncancel */
int gyre_task_uncancel(gyre_task *task);

/* The task's name, lent until it is changed. asyncio: Task.get_name */
const char *gyre_task_get_name(const gyre_task *task);

/* Renames the task; the name is copied. asyncio: Task.set_name */
void gyre_task_set_name(gyre_task *task, const char *name);

/* The context that the task runs in, lent while the task lives. asyncio: Task.get_context */
gyre_context *gyre_task_get_context(gyre_task *task);

/* The task's body. asyncio: Task.get_coro */
gyre_coroutine gyre_task_get_coro(const gyre_task *task);

/* The task that is running on this thread, lent; NULL in plain callbacks and outside. asyncio: current_task
 */
gyre_task *gyre_current_task(void);

/* The tasks of the loop (NULL: the running one) that are not done, oldest first: fills up to `max` new
 * references and returns how many there are. asyncio: all_tasks */
size_t gyre_all_tasks(gyre_loop *loop, gyre_task **tasks, size_t max);

/* Who waits for the future: tasks, gatherings, what gyre_wait waits in. Fills up to `max` new references and
 * returns how many there are. asyncio: FutureCallGraph.awaited_by */
size_t gyre_future_awaited_by(const gyre_future *future, gyre_future **awaiters, size_t max);

/* The future (NULL: the running task), who awaits it, who awaits those, in words; at most a thousand lines.
 * Free it with free(); NULL: no memory. asyncio: format_call_graph */
char *gyre_format_call_graph(gyre_future *future);

/* Options of gyre_print_call_graph. */
typedef struct gyre_call_graph_options {
    size_t size; /* sizeof this struct, filled in by the macro */
    FILE *file;  /* where to; default stdout */
} gyre_call_graph_options;

/* Writes the same to a file. asyncio: print_call_graph */
void gyre_print_call_graph(gyre_future *future, const gyre_call_graph_options *options);
#define gyre_print_call_graph(...) \
    gyre_print_call_graph(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_call_graph_options, __VA_ARGS__))

/* Waits for a future and returns its outcome as gyre_future_result does; a done one returns at once, without
 * a switch. Cancelling the waiting task cancels the future. GYRE_EAWAIT: a task that awaits itself;
 * GYRE_EWRONGLOOP. [suspends] asyncio: await */
int gyre_await(gyre_future *future, void **value);

/* Waits `delay` seconds; zero or less gives way for exactly one turn. GYRE_EVALUE for NaN. [suspends]
 * asyncio: sleep */
int gyre_sleep(double delay);

#ifdef __cplusplus
}
#endif

#endif
