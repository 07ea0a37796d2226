/* 036: a future is completed, then the task is cancelled before it wakes: the cancel wins and the result is
 * not seen. */
#include "oracle.h"

static int body(void *future)
{
    void *value = NULL;
    int err = gyre_await(future, &value);

    if (!err)
        printf("result %s\n", (char *)value);
    else if (gyre_future_result(future, &value) == 0)
        printf("cancelled although f has %s\n", (char *)value);
    return err;
}

static gyre_task *start(gyre_future *future)
{
    gyre_task *task;

    gyre_create_task(&task, body, future);
    gyre_sleep(0);
    return task;
}

static void finish(gyre_task *task, gyre_future *future)
{
    gyre_wait(&task, 1);
    printf("cancelled %s\n", py_bool(gyre_future_cancelled(task)));
    gyre_future_unref(task);
    gyre_future_unref(future);
}

static void complete_then_cancel(gyre_loop *loop)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task = start(future);

    gyre_future_set_result(future, "R");
    puts(py_bool(gyre_task_cancel(task)));
    finish(task, future);
}

static void cancel_then_complete(gyre_loop *loop)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task = start(future);
    int err;

    gyre_task_cancel(task);
    err = gyre_future_set_result(future, "too late");
    if (err)
        printf("%s: the await had cancelled g\n", oracle_name(err));
    finish(task, future);
}

static int run(void *arg)
{
    complete_then_cancel(gyre_get_running_loop());
    cancel_then_complete(gyre_get_running_loop());
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
