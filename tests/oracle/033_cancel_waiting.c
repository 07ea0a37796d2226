/* 033: cancel() of a waiting task cancels the future that it waits for, then the error arrives at the await;
 * cleaning up may await.
 *
 * A cancel carries no message in C: the message travels beside it. */
#include "oracle.h"

struct waiting {
    gyre_future *future;
    const char *message;
};

static int body(void *arg)
{
    struct waiting *waiting = arg;
    int err = gyre_await(waiting->future, NULL);

    if (err == GYRE_ECANCELLED)
        printf("got (%s,)\n", py_str(waiting->message));
    puts("finally");
    gyre_sleep(0);
    puts("finally after await");
    return err;
}

static void say_callback(gyre_future *future, void *arg)
{
    puts("inner future callback");
}

static int run(void *arg)
{
    struct waiting waiting = {.future = gyre_loop_create_future(gyre_get_running_loop())};
    gyre_task *task;

    gyre_create_task(&task, body, &waiting);
    gyre_sleep(0);
    gyre_future_add_done_callback(waiting.future, say_callback, NULL);
    waiting.message = "why";
    printf("%s | ", py_bool(gyre_task_cancel(task)));
    printf("inner cancelled at once: %s | task done: %s\n", py_bool(gyre_future_cancelled(waiting.future)),
           py_bool(gyre_future_done(task)));
    if (gyre_await(task, NULL) == GYRE_ECANCELLED)
        printf("task ended %s\n", py_bool(gyre_future_cancelled(task)));
    gyre_future_unref(task);
    gyre_future_unref(waiting.future);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
