/* 038: shield: cancelling the waiter leaves the inner task alone; cancelling the inner one still propagates.
 *
 * The Python program's event is a future here: each round has one waiter. */
#include "oracle.h"

enum { R = 1 };

static gyre_future *go;

static int work(void *arg)
{
    int err = gyre_await(go, NULL);

    if (err)
        return err;
    puts("inner completed");
    return R;
}

static int await_shielded(void *task)
{
    gyre_future *outer;
    int err;

    gyre_shield(&outer, task);
    err = oracle_await(outer);
    if (err == GYRE_ECANCELLED)
        printf("waiter cancelled, inner done: %s\n", py_bool(gyre_future_done(task)));
    return err;
}

static void start(gyre_task **task, gyre_task **waiter)
{
    go = gyre_loop_create_future(gyre_get_running_loop());
    gyre_create_task(task, work, NULL);
    gyre_create_task(waiter, await_shielded, *task);
    gyre_sleep(0);
    gyre_sleep(0);
}

static void cancel_the_waiter(void)
{
    gyre_task *task, *waiter;

    start(&task, &waiter);
    gyre_task_cancel(waiter);
    gyre_wait(&waiter, 1);
    printf("w.cancelled %s\n", py_bool(gyre_future_cancelled(waiter)));
    gyre_future_set_result(go, NULL);
    puts(oracle_await(task) == R ? "R" : "?");
    gyre_future_unref(waiter);
    gyre_future_unref(go);
}

static void cancel_the_inner(void)
{
    gyre_task *task, *waiter;

    start(&task, &waiter);
    gyre_task_cancel(task);
    gyre_wait(&waiter, 1);
    printf("inner cancelled -> w.cancelled %s\n", py_bool(gyre_future_cancelled(waiter)));
    gyre_future_unref(waiter);
    gyre_future_unref(task);
    gyre_future_unref(go);
}

static void shield_the_done(void)
{
    gyre_future *future = gyre_loop_create_future(gyre_get_running_loop()), *outer;

    gyre_future_set_result(future, NULL);
    gyre_shield(&outer, future);
    printf("done shortcut: %s\n", py_bool(outer == future));
    gyre_future_unref(outer);
    gyre_future_unref(future);
}

static int run(void *arg)
{
    cancel_the_waiter();
    cancel_the_inner();
    shield_the_done();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
