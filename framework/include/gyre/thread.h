/* gyre/thread.h - work on other threads, and results that other threads wait for.
 *
 * asyncio: run_in_executor, to_thread, run_coroutine_threadsafe, wrap_future. concurrent.futures: Future.
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
 * caller's stack: the call comes back, even when cancelled, only when fn has ended or never started. fn sees
 * a copy of the caller's context (gyre/context.h). [suspends] asyncio: to_thread */
int gyre_to_thread(gyre_blocking fn, void *arg);

/* counted: a result that any thread can give and any thread can wait for. concurrent.futures: Future */
typedef struct gyre_concurrent_future gyre_concurrent_future;

/* Runs fn(arg) as a task of `loop` and gives a future for other threads. GYRE_ELOOPCLOSED; then arg is
 * released. What else stops the task from being made is the future's outcome. [any thread] [new ref] in
 * *future (may be NULL). asyncio: run_coroutine_threadsafe */
int gyre_run_coroutine_threadsafe(gyre_loop *loop, gyre_concurrent_future **future, gyre_coroutine fn,
                                  void *arg, const gyre_task_options *options);
#define gyre_run_coroutine_threadsafe(loop, future, fn, ...)                  \
    gyre_run_coroutine_threadsafe(loop, future, fn, GYRE__FIRST(__VA_ARGS__), \
                                  GYRE__OPTIONS(gyre_task_options, __VA_ARGS__))

/* Makes a pending one, for you to complete: somebody must, or cancel it. [any thread] [new ref]
 * concurrent.futures: Future() */
gyre_concurrent_future *gyre_concurrent_future_new(void);

/* Announces that the work begins: 1, and from now on it cannot be cancelled; 0, it was cancelled: do not
 * begin. GYRE_ERUNTIME: it runs already or is done. [any thread] concurrent.futures:
 * Future.set_running_or_notify_cancel */
int gyre_concurrent_future_set_running_or_notify_cancel(gyre_concurrent_future *future);

/* Makes the future done with a value, wakes who waits, and calls the callbacks, here. A `release` frees the
 * value with the future, on whichever thread that happens. GYRE_EINVALIDSTATE when it is done already; the
 * value is yours then. [any thread] concurrent.futures: Future.set_result */
int gyre_concurrent_future_set_result(gyre_concurrent_future *future, void *value,
                                      const gyre_result_options *options);
#define gyre_concurrent_future_set_result(future, ...)                  \
    gyre_concurrent_future_set_result(future, GYRE__FIRST(__VA_ARGS__), \
                                      GYRE__OPTIONS(gyre_result_options, __VA_ARGS__))

/* The same with an exception, a negative code, and the text of gyre_error_text(). GYRE_ETYPE when err is not
 * negative. [any thread] concurrent.futures: Future.set_exception */
int gyre_concurrent_future_set_exception(gyre_concurrent_future *future, int err);

/* Blocks this thread until the outcome is there, at most `timeout` seconds (INFINITY: no limit): the code,
 * and in *value (may be NULL) the value, lent while the future lives; or -ETIMEDOUT, or GYRE_ECANCELLED.
 * Never on the task's own loop. [any thread] concurrent.futures: Future.result */
int gyre_concurrent_future_result(gyre_concurrent_future *future, void **value, double timeout);

/* Blocks like it and returns the exception, 0 when there is none. [any thread] concurrent.futures:
 * Future.exception */
int gyre_concurrent_future_exception(gyre_concurrent_future *future, double timeout);

/* Cancels it here at once, and the task behind it on its own thread: true, also when it was cancelled before;
 * false when it runs or is done. [any thread] concurrent.futures: Future.cancel */
bool gyre_concurrent_future_cancel(gyre_concurrent_future *future);

/* True when it was cancelled. [any thread] concurrent.futures: Future.cancelled */
bool gyre_concurrent_future_cancelled(gyre_concurrent_future *future);

/* True while it runs and cannot be cancelled. [any thread] concurrent.futures: Future.running */
bool gyre_concurrent_future_running(gyre_concurrent_future *future);

/* True when the outcome is there. [any thread] concurrent.futures: Future.done */
bool gyre_concurrent_future_done(gyre_concurrent_future *future);

/* What runs when a concurrent future is done, which is lent for the call. */
typedef void (*gyre_concurrent_callback)(gyre_concurrent_future *future, void *arg);

/* Calls fn(future, arg) once, in the order of adding: on the thread that completes or cancels the future, in
 * that very call; at once, here, when it is done. Then arg is released there. [any thread]
 * concurrent.futures: Future.add_done_callback */
void gyre_concurrent_future_add_done_callback(gyre_concurrent_future *future, gyre_concurrent_callback fn,
                                              void *arg, const gyre_call_options *options);
#define gyre_concurrent_future_add_done_callback(future, fn, ...)                  \
    gyre_concurrent_future_add_done_callback(future, fn, GYRE__FIRST(__VA_ARGS__), \
                                             GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* Options of a wrapping. */
typedef struct gyre_wrap_options {
    size_t size;     /* sizeof this struct, filled in by the macro */
    gyre_loop *loop; /* whose future to make, on its thread; default: gyre_get_event_loop() */
} gyre_wrap_options;

/* A loop's future with the outcome of a concurrent one, which it keeps, and whose value it lends. Cancelling
 * either cancels the other. An outcome that comes when the loop has closed is dropped. [new ref] asyncio:
 * wrap_future */
gyre_future *gyre_wrap_future(gyre_concurrent_future *future, const gyre_wrap_options *options);
#define gyre_wrap_future(...) \
    gyre_wrap_future(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_wrap_options, __VA_ARGS__))

/* Takes one more reference; NULL stays NULL. [any thread] [new ref] */
gyre_concurrent_future *gyre_concurrent_future_ref(gyre_concurrent_future *future);

/* Gives a reference back; the task runs on. [any thread] */
void gyre_concurrent_future_unref(gyre_concurrent_future *future);

#ifdef __cplusplus
}
#endif

#endif
