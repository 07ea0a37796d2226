/* task.c - tasks that await each other: a cancel goes down the chain and comes back up, once for each. */
#include "torture.h"

static gyre_future *future;

static int sleep_twice(void *arg)
{
    int err = gyre_sleep(0);

    return err ? err : torture_expect_request(gyre_sleep(1));
}

static int await_child(gyre_coroutine fn, int eager)
{
    gyre_task *task;
    int err;

    gyre_create_task(&task, fn, NULL, .eager_start = eager);
    err = gyre_await(task, NULL);
    torture_check(gyre_future_done(task) || gyre_loop_is_closed(torture_loop),
                  "await came back before the task had ended");
    gyre_future_unref(task);
    return err;
}

static int await_one(void *arg)
{
    return await_child(sleep_twice, 0);
}

static int await_two(void *arg)
{
    int err = await_child(await_one, GYRE_YES);

    return err ? err : gyre_sleep(0);
}

/* Its cleanup has waits of its own, and ends the task as cancelled all the same. */
static int clean_up(void *arg)
{
    int err = await_child(sleep_twice, GYRE_YES);

    if (err)
        gyre_sleep(0);
    return err;
}

static int await_future(void *arg)
{
    return gyre_await(future, NULL);
}

static int complete_future(void *arg)
{
    int err = gyre_sleep(0);

    gyre_future_set_result(future, NULL);
    return err;
}

static void begin_chain(void)
{
    torture_start(await_two, NULL);
    torture_start(clean_up, NULL);
}

static void begin_future(void)
{
    future = gyre_loop_create_future(torture_loop);
    torture_start(await_future, NULL);
    torture_start(complete_future, NULL);
    torture_start(await_future, NULL);
}

static void end_chain(bool whole)
{
}

/* Who was to complete it was cancelled before its first step. */
static void settle(void)
{
    torture_check(gyre_future_set_result(future, NULL) == 0, "some wait for a future that is done");
}

static void end_future(bool whole)
{
    gyre_future_unref(future);
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "await", .begin = begin_chain, .end = end_chain, .cancels = 2},
        {.name = "await_future", .begin = begin_future, .settle = settle, .end = end_future, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
