/* 061: Event.set wakes every waiter, oldest first; a clear right after it does not un-wake them; waiting for
 * an event that is set does not give way. */
#include "oracle.h"

enum { WAITERS = 3 };

static gyre_event event;

static int wait_for_it(void *name)
{
    int err = gyre_event_wait(&event);

    if (!err)
        printf("%s woke, is_set %s\n", (char *)name, py_bool(gyre_event_is_set(&event)));
    return err;
}

static void set_and_clear(gyre_task **tasks)
{
    gyre_task_cancel(tasks[1]);
    gyre_event_set(&event);
    gyre_event_clear(&event);
    puts("set+clear");
    gyre_wait(tasks, WAITERS);
    for (int i = 0; i < WAITERS; i++)
        printf("%s%s", i ? ", " : "[", py_bool(gyre_future_cancelled(tasks[i])));
    puts("]");
}

static void wait_when_it_is_set(void)
{
    gyre_event_set(&event);
    gyre_event_set(&event);
    gyre_loop_call_soon(gyre_get_running_loop(), oracle_say, "other");
    printf("%s without yielding\n", py_bool(gyre_event_wait(&event) == 0));
    gyre_sleep(0);
}

static int run(void *arg)
{
    static char *names[] = {"a", "b", "c"};
    gyre_task *tasks[WAITERS];

    for (int i = 0; i < WAITERS; i++)
        gyre_create_task(&tasks[i], wait_for_it, names[i]);
    gyre_sleep(0);
    set_and_clear(tasks);
    wait_when_it_is_set();
    for (int i = 0; i < WAITERS; i++)
        gyre_future_unref(tasks[i]);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
