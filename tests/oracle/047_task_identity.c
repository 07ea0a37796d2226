/* 047: current_task, all_tasks, names; plain callbacks have no current task. */
#include "oracle.h"

enum { MOST = 8 };

static const char *names_of_all(void)
{
    gyre_task *tasks[MOST];
    const char *names[MOST];
    size_t count = gyre_all_tasks(NULL, tasks, MOST);

    for (size_t i = 0; i < count && i < MOST; i++) {
        names[i] = gyre_task_get_name(tasks[i]);
        gyre_future_unref(tasks[i]);
    }
    return py_sorted(names, count < MOST ? count : MOST);
}

static void callback(void *arg)
{
    printf("in callback: %s\n", gyre_current_task() ? "a task" : "None");
}

static int child(void *arg)
{
    printf("child is %s %s\n", gyre_task_get_name(gyre_current_task()), names_of_all());
    return gyre_sleep(.01);
}

static int run(void *arg)
{
    gyre_task *a, *b;

    gyre_task_set_name(gyre_current_task(), "M");
    gyre_loop_call_soon(gyre_get_running_loop(), callback, NULL);
    gyre_create_task(&a, child, NULL, .name = "A");
    gyre_create_task(&b, child, NULL, .name = "B");
    gyre_sleep(0);
    printf("main is %s\n", gyre_task_get_name(gyre_current_task()));
    oracle_await(a);
    oracle_await(b);
    puts(names_of_all());
    return 0;
}

/* What asyncio.current_task() raises, gyre_get_running_loop() says: in C there is no task, as in a callback.
 */
static void ask_outside(void)
{
    if (!gyre_current_task() && !gyre_get_running_loop())
        printf("%s %s\n", oracle_name(GYRE_ENOLOOP), gyre_error_text());
}

int main(int argc, char **argv)
{
    int status = oracle_run(argc, argv, run);

    ask_outside();
    return status;
}
