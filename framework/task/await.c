/* task/await.c - waiting for one future: from a task, or by driving the loop. */
#include "base/error.h"
#include "task/task.h"
#include <math.h>

static void end_run(gyre_future *future, void *arg)
{
    struct gyre__tasks *tasks = gyre__tasks_of(future->loop);

    /* A callback left over from a run that was stopped must not end the next one. */
    if (tasks->until == future)
        gyre__loop_end(future->loop);
}

static int check_run(gyre_loop *loop, const gyre_future *future)
{
    int err = gyre__loop_runnable(loop);

    if (!err && !future)
        err = gyre_error_set(GYRE_ETYPE, "A future or a task is required");
    if (!err && future->loop != loop)
        err =
            gyre_error_set(GYRE_EWRONGLOOP, "The future belongs to a different loop than the one specified");
    return err;
}

static int outcome_of_run(gyre_future *future, void **value, int err)
{
    if (err)
        return gyre_error_set(err, "Event loop is deadlocked: the future can never complete.");
    if (!gyre_future_done(future))
        return gyre_error_set(GYRE_ESTOPPED, "Event loop stopped before Future completed.");
    return gyre__future_outcome(future, value);
}

int gyre_loop_run_until_complete(gyre_loop *loop, gyre_future *future, void **value)
{
    int err = check_run(loop, future);

    if (err)
        return err;
    gyre_future_ref(future);
    gyre__tasks_of(loop)->until = future;
    gyre_future_add_done_callback(future, end_run, NULL);
    err = gyre__loop_run(loop);
    gyre_future_remove_done_callback(future, end_run, NULL);
    gyre__tasks_of(loop)->until = NULL;
    err = outcome_of_run(future, value, err);
    gyre_future_unref(future);
    return err;
}

static int await_outside(gyre_future *future, void **value)
{
    if (gyre__running_loop())
        return gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    return gyre_loop_run_until_complete(future->loop, future, value);
}

static int check_await(const struct gyre__task *task, const gyre_future *future)
{
    if (future == &task->future)
        return gyre_error_set(GYRE_EAWAIT, "Task cannot await on itself");
    if (future->loop != task->future.loop)
        return gyre_error_set(GYRE_EWRONGLOOP, "Task got a Future attached to a different loop");
    return 0;
}

/* asyncio raises what a coroutine awaits wrongly at the next step; a cancellation that comes meanwhile goes
 * before. */
static int raise_next_turn(struct gyre__task *task, int err)
{
    int cancelled = gyre__task_wait(task, NULL);

    return cancelled ? cancelled : err;
}

static int await_pending(struct gyre__task *task, gyre_future *future, void **value)
{
    int err;

    gyre_future_ref(future);
    err = gyre__task_wait(task, future);
    if (!err)
        err = gyre__future_outcome(future, value);
    gyre_future_unref(future);
    return err;
}

int gyre_await(gyre_future *future, void **value)
{
    struct gyre__task *task = gyre__task_current();
    int err;

    if (!task)
        return await_outside(future, value);
    err = check_await(task, future);
    if (err)
        return raise_next_turn(task, err);
    if (gyre_future_done(future))
        return gyre__future_outcome(future, value);
    return await_pending(task, future, value);
}

static void wake_sleeper(void *arg)
{
    gyre__future_finish(arg, 0);
}

static void let_go(void *future)
{
    gyre_future_unref(future);
}

/* A sleep that is cancelled takes its timer along. */
static int sleep_on(gyre_loop *loop, double delay)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_handle timer =
        gyre_loop_call_later(loop, delay, wake_sleeper, gyre_future_ref(future), .release = let_go);
    int err = gyre_handle_error(&timer);

    if (!err)
        err = gyre_await(future, NULL);
    gyre_handle_cancel(&timer);
    gyre_future_unref(future);
    return err;
}

int gyre_sleep(double delay)
{
    struct gyre__task *task = gyre__task_current();

    if (isnan(delay))
        return gyre_error_set(GYRE_EVALUE, "Invalid delay: NaN (not a number)");
    /* A loop that closes has no timers any more, only the answer to every wait. */
    if (task && (delay <= 0 || gyre_loop_is_closed(task->future.loop)))
        return gyre__task_wait(task, NULL);
    return sleep_on(gyre_get_event_loop(), delay);
}
