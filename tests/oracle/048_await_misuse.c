/* 048: awaiting oneself, or a future of another loop, is a RuntimeError at the await; the task survives it.
 */
#include "oracle.h"

enum { ALIVE = 1 };

static bool says(int err, const char *word)
{
    return strcmp(oracle_name(err), "RuntimeError") == 0 && strstr(oracle_str(err), word);
}

static int self_await(void *arg)
{
    int err = gyre_await(gyre_current_task(), NULL);

    printf("RuntimeError: await on itself: %s\n", py_bool(says(err, "itself")));
    return ALIVE;
}

static int foreign(void *arg)
{
    gyre_loop *loop = gyre_new_event_loop();
    gyre_future *future = gyre_loop_create_future(loop);
    int err = gyre_await(future, NULL);

    printf("RuntimeError: different loop: %s\n", py_bool(says(err, "different loop")));
    gyre_future_unref(future);
    gyre_loop_unref(loop);
    return ALIVE;
}

static void await_task(gyre_coroutine fn)
{
    gyre_task *task;

    gyre_create_task(&task, fn, NULL);
    puts(oracle_await(task) == ALIVE ? "alive" : "WRONG RESULT");
}

static int run(void *arg)
{
    await_task(self_await);
    await_task(foreign);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
