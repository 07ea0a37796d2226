/* gyre/thread.h - work on other threads, and results that other threads wait for.
 *
 * asyncio: run_in_executor, to_thread, run_coroutine_threadsafe.
 */
#ifndef GYRE_THREAD_H
#define GYRE_THREAD_H

#include <gyre/executor.h>
#include <gyre/task.h>

#ifdef __cplusplus
extern "C" {
#endif

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
