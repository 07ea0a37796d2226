/* 034: a task may swallow a cancel and go on; each cancel() counts; uncancel() takes the count back. */
#include "oracle.h"

enum { FINISHED_ANYWAY = 7 };

static int body(void *arg)
{
    gyre_task *me = gyre_current_task();

    for (int i = 0; i < 2; i++)
        if (gyre_sleep(10) == GYRE_ECANCELLED)
            printf("swallowed %d cancelling %d\n", i, gyre_task_cancelling(me));
    printf("uncancel -> ");
    printf("%d ", gyre_task_uncancel(me));
    printf("%d ", gyre_task_uncancel(me));
    printf("%d\n", gyre_task_uncancel(me));
    return gyre_sleep(0) ? GYRE_ERUNTIME : FINISHED_ANYWAY;
}

static int run(void *arg)
{
    gyre_task *task;

    gyre_create_task(&task, body, NULL);
    gyre_sleep(0);
    gyre_task_cancel(task);
    gyre_task_cancel(task);
    puts("two cancels before it runs");
    gyre_sleep(0);
    gyre_sleep(0);
    gyre_task_cancel(task);
    printf("%s ", gyre_await(task, NULL) == FINISHED_ANYWAY ? "finished anyway" : "WRONG RESULT");
    printf("%s %d\n", py_bool(gyre_future_cancelled(task)), gyre_task_cancelling(task));
    gyre_future_unref(task);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
