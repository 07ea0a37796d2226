/* 032: a task that is cancelled before its first step never runs its body; cancel() of a done task is False.
 */
#include "oracle.h"

static int body(void *arg)
{
    puts("NEVER");
    return gyre_sleep(1);
}

static int run(void *arg)
{
    gyre_task *task;
    bool cancelled;

    gyre_create_task(&task, body, NULL);
    cancelled = gyre_task_cancel(task);
    printf("cancel %s cancelled yet %s cancelling %d\n", py_bool(cancelled),
           py_bool(gyre_future_cancelled(task)), gyre_task_cancelling(task));
    printf("%s; ", oracle_name(gyre_await(task, NULL)));
    printf("cancelled %s\n", py_bool(gyre_future_cancelled(task)));
    printf("again %s ", py_bool(gyre_task_cancel(task)));
    printf("%s %d\n", py_bool(gyre_future_done(task)), gyre_task_cancelling(task));
    gyre_future_unref(task);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
