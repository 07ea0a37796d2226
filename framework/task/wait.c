/* task/wait.c - waiting for several futures, or for one with a limit. */
#include "base/memory.h"
#include "task/task.h"
#include <gyre/combine.h>
#include <gyre/timeout.h>
#include <math.h>
#include <stdlib.h>

/* Shared by the callbacks of one gyre_wait: a late one may run after the wait has returned. */
struct waiting {
    unsigned references;   /* the wait and each callback */
    size_t left;           /* futures that are not done */
    gyre_return_when when; /* when to wake */
    gyre_future *waiter;   /* what the task awaits */
};

static void let_go(void *arg)
{
    struct waiting *waiting = arg;

    if (--waiting->references > 0)
        return;
    gyre_future_unref(waiting->waiter);
    free(waiting);
}

static struct waiting *refer(struct waiting *waiting)
{
    waiting->references++;
    return waiting;
}

static bool raised(gyre_future *future)
{
    return !gyre_future_cancelled(future) && gyre_future_exception(future) < 0;
}

static void one_done(gyre_future *future, void *arg)
{
    struct waiting *waiting = arg;

    waiting->left--;
    if (waiting->left == 0 || waiting->when == GYRE_FIRST_COMPLETED ||
        (waiting->when == GYRE_FIRST_EXCEPTION && raised(future)))
        gyre__future_finish(waiting->waiter, 0);
}

static void timed_out(void *arg)
{
    struct waiting *waiting = arg;

    gyre__future_finish(waiting->waiter, 0);
}

static int count_done(gyre_future *const *futures, size_t count)
{
    int done = 0;

    for (size_t i = 0; i < count; i++)
        done += gyre_future_done(futures[i]);
    return done;
}

static int check(gyre_future *const *futures, size_t count, const gyre_wait_options *options)
{
    if (options && isnan(options->timeout))
        return gyre_error_set(GYRE_EVALUE, "Invalid timeout: NaN (not a number)");
    if (count == 0)
        return gyre_error_set(GYRE_EVALUE, "Set of Tasks/Futures is empty.");
    for (size_t i = 1; i < count; i++)
        if (futures[i]->loop != futures[0]->loop)
            return gyre_error_set(GYRE_EVALUE, "The futures belong to different loops");
    return 0;
}

static struct waiting *begin(gyre_future *const *futures, size_t count, gyre_return_when when)
{
    struct waiting *waiting = gyre__calloc(sizeof *waiting);

    *waiting = (struct waiting){1, count, when, gyre_loop_create_future(futures[0]->loop)};
    for (size_t i = 0; i < count; i++) {
        gyre_future_ref(futures[i]);
        gyre_future_add_done_callback(futures[i], one_done, refer(waiting), .release = let_go);
    }
    return waiting;
}

static void finish(struct waiting *waiting, gyre_future *const *futures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gyre_future_remove_done_callback(futures[i], one_done, waiting);
        gyre_future_unref(futures[i]);
    }
    let_go(waiting);
}

static gyre_handle set_limit(struct waiting *waiting, double timeout)
{
    if (timeout == 0 || isinf(timeout))
        return (gyre_handle){0};
    return gyre_loop_call_later(waiting->waiter->loop, timeout, timed_out, refer(waiting), .release = let_go);
}

int(gyre_wait)(gyre_future *const *futures, size_t count, const gyre_wait_options *options)
{
    int err = check(futures, count, options);
    struct waiting *waiting;
    gyre_handle timer;
    int done;

    if (err)
        return err;
    waiting = begin(futures, count, options ? options->return_when : GYRE_ALL_COMPLETED);
    timer = set_limit(waiting, options ? options->timeout : 0);
    err = gyre_await(waiting->waiter, NULL);
    gyre_handle_cancel(&timer);
    done = count_done(futures, count);
    finish(waiting, futures, count);
    return err ? err : done;
}

/* Cancels a future and returns when it has ended; a cancellation meanwhile is passed on. */
static int cancel_and_wait(gyre_future *future)
{
    struct waiting *waiting = begin(&future, 1, GYRE_ALL_COMPLETED);
    int err;

    gyre_future_cancel(future);
    err = gyre_await(waiting->waiter, NULL);
    finish(waiting, &future, 1);
    return err;
}

static int wait_no_time(gyre_future *future, void **value)
{
    int err;

    if (gyre_future_done(future))
        return gyre_future_result(future, value);
    err = cancel_and_wait(future);
    if (err)
        return err;
    err = gyre_future_result(future, value);
    return err == GYRE_ECANCELLED ? -ETIMEDOUT : err;
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
