/* task/wait_for.c - waiting for one future, with a limit. */
#include "base/memory.h"
#include "task/task.h"
#include <gyre/combine.h>
#include <gyre/timeout.h>
#include <math.h>
#include <stdlib.h>

static void release_waiter(gyre_future *future, void *waiter)
{
    gyre__future_finish(waiter, 0);
}

static void let_go(void *future)
{
    gyre_future_unref(future);
}

/* Cancels a future and returns when it has ended; a cancellation meanwhile is passed on. Awaiting the future
 * itself would take its cancellation for one of the waiting task. */
static int cancel_and_wait(gyre_future *future)
{
    gyre_future *waiter = gyre_loop_create_future(future->loop);
    int err;

    gyre__future_listen(future, release_waiter, gyre_future_ref(waiter), let_go, waiter);
    gyre_future_cancel(future);
    err = gyre_await(waiter, NULL);
    gyre_future_remove_done_callback(future, release_waiter, waiter);
    gyre_future_unref(waiter);
    return err;
}

static int give_no_time(gyre_future *future, void **value)
{
    int err = cancel_and_wait(future);

    if (err)
        return err;
    err = gyre_future_result(future, value);
    return err == GYRE_ECANCELLED ? gyre_error_set(-ETIMEDOUT, "The deadline has passed") : err;
}

static int wait_no_time(gyre_future *future, void **value)
{
    int err;

    if (gyre_future_done(future))
        return gyre_future_result(future, value);
    gyre_future_ref(future);
    err = give_no_time(future, value);
    gyre_future_unref(future);
    return err;
}

static int await_within(gyre_future *future, void **value, double timeout)
{
    gyre_timeout scope;
    int err = gyre_timeout_begin(&scope, timeout);

    if (err)
        return err;
    return (int)gyre_timeout_end(&scope, gyre_await(future, value));
}

/* A wait_for outside tasks, as a task of its own: a limit needs something that it can cancel. When the loop
 * is stopped first, the task outlives the call. */
struct call {
    gyre_future *future;
    double timeout;
};

static int wait_in_task(void *arg)
{
    struct call *call = arg;

    return gyre_wait_for(call->future, NULL, call->timeout);
}

static void free_call(void *arg)
{
    struct call *call = arg;

    gyre_future_unref(call->future);
    free(call);
}

static int run_in_task(gyre_future *future, double timeout)
{
    struct call *call = gyre__malloc(sizeof *call);
    gyre_task *task;
    int err;

    *call = (struct call){gyre_future_ref(future), timeout};
    err = gyre_loop_create_task(future->loop, &task, wait_in_task, call, .release = free_call);
    if (err)
        return err;
    err = gyre_loop_run_until_complete(future->loop, task, NULL);
    gyre_future_unref(task);
    return err;
}

static int wait_outside(gyre_future *future, void **value, double timeout)
{
    int err;

    if (gyre__running_loop())
        return gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    err = run_in_task(future, timeout);
    return err < 0 ? err : gyre_future_result(future, value);
}

int gyre_wait_for(gyre_future *future, void **value, double timeout)
{
    if (isnan(timeout))
        return gyre_error_set(GYRE_EVALUE, "Invalid timeout: NaN (not a number)");
    if (!gyre__task_current())
        return wait_outside(future, value, timeout);
    if (timeout <= 0)
        return wait_no_time(future, value);
    return isinf(timeout) ? gyre_await(future, value) : await_within(future, value, timeout);
}
