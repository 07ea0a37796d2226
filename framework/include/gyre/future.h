/* gyre/future.h - a result that is not there yet.
 *
 * asyncio: Future. Not thread-safe: all on the loop's thread. A future's outcome is a code (0 or more:
 * success, negative: the exception) and a pointer. A task is a future too (gyre/task.h), so all calls here
 * take tasks, but set_result and set_exception.
 */
#ifndef GYRE_FUTURE_H
#define GYRE_FUTURE_H

#include <gyre/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What runs when a future is done. The future is lent for the call. */
typedef void (*gyre_done_callback)(gyre_future *future, void *arg);

/* Makes a pending future. counted. Works on a closed loop too, whose callbacks then never run. [new ref]
 * asyncio: loop.create_future */
gyre_future *gyre_loop_create_future(gyre_loop *loop);

/* Takes one more reference and returns the future; NULL stays NULL. [new ref] */
gyre_future *gyre_future_ref(gyre_future *future);

/* Gives a reference back. The last one reports an exception that nobody looked at, and frees an untaken
 * value. */
void gyre_future_unref(gyre_future *future);

/* Options of a result. */
typedef struct gyre_result_options {
    size_t size; /* sizeof this struct, filled in by the macro */
    gyre_release
        release; /* frees the value with the future; default: the value is not the future's to free */
} gyre_result_options;

/* Makes the future done with a value. GYRE_EINVALIDSTATE when it is done already, GYRE_ERUNTIME on a task.
 * Callbacks come through call_soon, never inline. asyncio: Future.set_result */
int gyre_future_set_result(gyre_future *future, void *value, const gyre_result_options *options);
#define gyre_future_set_result(future, ...) \
    gyre_future_set_result(future, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_result_options, __VA_ARGS__))

/* Makes the future done with an exception, a negative code; the text of gyre_error_text() goes with it.
 * GYRE_ETYPE when err is not negative, else as set_result. asyncio: Future.set_exception */
int gyre_future_set_exception(gyre_future *future, int err);

/* The outcome: its code (0 or more, or the exception), and in *value (may be NULL) the value, lent while the
 * future lives. GYRE_EINVALIDSTATE "Result is not set." while pending, GYRE_ECANCELLED when cancelled.
 * asyncio: Future.result */
int gyre_future_result(gyre_future *future, void **value);

/* The exception: its negative code, or 0 when there is none. GYRE_EINVALIDSTATE "Exception is not set." while
 * pending, GYRE_ECANCELLED when cancelled. asyncio: Future.exception */
int gyre_future_exception(gyre_future *future);

/* Options of a cancellation. */
typedef struct gyre_cancel_options {
    size_t size;     /* sizeof this struct, filled in by the macro */
    const char *msg; /* why, copied: what gyre_error_text() says where GYRE_ECANCELLED comes out */
} gyre_cancel_options;

/* Pending: cancelled at once, callbacks scheduled, true. Else false. On a task: asks it to end
 * (gyre_task_cancel). asyncio: Future.cancel */
bool gyre_future_cancel(gyre_future *future, const gyre_cancel_options *options);
#define gyre_future_cancel(...) \
    gyre_future_cancel(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_cancel_options, __VA_ARGS__))

/* True when the future has an outcome, cancellation included. asyncio: Future.done */
bool gyre_future_done(const gyre_future *future);

/* True when the future was cancelled. asyncio: Future.cancelled */
bool gyre_future_cancelled(const gyre_future *future);

/* The future's loop, lent. asyncio: Future.get_loop */
gyre_loop *gyre_future_get_loop(const gyre_future *future);

/* Runs the loop until the future is done and returns its outcome as gyre_future_result does. GYRE_ESTOPPED,
 * and the future stays usable, when gyre_loop_stop came first; GYRE_ELOOPCLOSED, GYRE_ELOOPRUNNING;
 * GYRE_EWRONGLOOP for a future of another loop, GYRE_ETYPE for NULL; -EDEADLK, see GYRE_DRIVER_SIM. asyncio:
 * loop.run_until_complete */
int gyre_loop_run_until_complete(gyre_loop *loop, gyre_future *future, void **value);

/* Calls fn(future, arg) through call_soon when the future is done, also when it is so already; in the order
 * of adding; once per adding. asyncio: Future.add_done_callback */
void gyre_future_add_done_callback(gyre_future *future, gyre_done_callback fn, void *arg,
                                   const gyre_call_options *options);
#define gyre_future_add_done_callback(future, fn, ...)                  \
    gyre_future_add_done_callback(future, fn, GYRE__FIRST(__VA_ARGS__), \
                                  GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* Removes every pending callback with this fn and arg and returns how many; 0 once the future is done.
 * asyncio: Future.remove_done_callback */
size_t gyre_future_remove_done_callback(gyre_future *future, gyre_done_callback fn, void *arg);

#ifdef __cplusplus
}
#endif

#endif
