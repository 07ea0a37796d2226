/* 042: wait_for: at the timeout it cancels, and waits for the inner cleanup, then TimeoutError; a timeout of
 * zero; a swallowed cancel gives the value.
 *
 * A task's result is a number in C: the index of the word that the Python program returns. */
#include "oracle.h"
#include <math.h>

enum { NOTHING, Q, AFTER_CANCEL, X };

static const char *const words[] = {"None", "q", "value after cancel", "x"};

static int slow(void *arg)
{
    int err = gyre_sleep(5);

    gyre_sleep(.05);
    puts("inner cleanup finished");
    return err;
}

static int stubborn(void *arg)
{
    return gyre_sleep(5) == GYRE_ECANCELLED ? AFTER_CANCEL : NOTHING;
}

static int quick(void *arg)
{
    puts("quick ran");
    return Q;
}

static int half_a_second(void *arg)
{
    int err = gyre_sleep(.5);

    return err ? err : X;
}

static int await_it(gyre_future *future, double timeout)
{
    void *value = NULL;
    int code = gyre_wait_for(future, &value, timeout);

    if (code >= 0)
        printf("-> %s\n", value ? (char *)value : words[code]);
    else if (code == -ETIMEDOUT)
        printf("-> %s\n", oracle_name(code));
    gyre_future_unref(future);
    return code == -ETIMEDOUT || code >= 0 ? 0 : code;
}

static int await_task(gyre_coroutine fn, double timeout)
{
    gyre_task *task;

    gyre_create_task(&task, fn, NULL);
    return await_it(task, timeout);
}

static int await_slow(void *arg)
{
    return await_task(slow, 5);
}

static void await_finished_future(void)
{
    gyre_future *future = gyre_loop_create_future(gyre_get_running_loop());

    gyre_future_set_result(future, "done");
    await_it(future, 0);
}

static void cancel_outer(void)
{
    gyre_task *task;

    gyre_create_task(&task, await_slow, NULL);
    gyre_sleep(.01);
    gyre_task_cancel(task);
    gyre_wait(&task, 1);
    printf("outer cancel propagates: %s\n", py_bool(gyre_future_cancelled(task)));
    gyre_future_unref(task);
}

static void await_shielded(gyre_coroutine fn, double timeout)
{
    gyre_future *outer;
    gyre_task *inner;

    gyre_create_task(&inner, fn, NULL);
    gyre_shield(&outer, inner);
    gyre_future_unref(inner);
    await_it(outer, timeout);
}

static int run(void *arg)
{
    await_task(quick, 1);
    await_task(quick, INFINITY);
    await_task(slow, .02);
    await_finished_future();
    await_task(quick, 0);
    puts("(a coroutine with timeout 0 never starts)");
    cancel_outer();
    await_task(stubborn, .02);
    await_shielded(half_a_second, .05);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
