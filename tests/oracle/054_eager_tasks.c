/* 054: eager tasks run their first step inside create_task; a body that never suspends is done on return.
 *
 * asyncio names a factory's task after it was made, and so after its first step: here, too. */
#include "oracle.h"

static int quick(void *arg)
{
    printf("quick runs inline %s\n", gyre_task_get_name(gyre_current_task()));
    return 1;
}

static int slow(void *arg)
{
    int err;

    puts("slow: first part inline");
    err = gyre_sleep(0);
    puts("slow: rest later");
    return err ? err : 2;
}

static void called(gyre_future *future, void *arg)
{
    puts("callback still goes through call_soon");
}

static gyre_task *make(gyre_coroutine fn, const char *name)
{
    gyre_task *task;

    gyre_create_task(&task, fn, NULL);
    gyre_task_set_name(task, name);
    return task;
}

static bool is_among_all(gyre_task *task)
{
    gyre_task *tasks[8];
    size_t count = gyre_all_tasks(NULL, tasks, 8);
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        found |= tasks[i] == task;
        gyre_future_unref(tasks[i]);
    }
    return found;
}

static void gather_two(void)
{
    gyre_future *gathered, *tasks[2];

    gyre_create_task(&tasks[0], quick, NULL);
    gyre_create_task(&tasks[1], quick, NULL);
    gyre_gather(&gathered, tasks, 2);
    oracle_await(gathered);
    printf("[%d, %d]\n", gyre_future_result(tasks[0], NULL), gyre_future_result(tasks[1], NULL));
    gyre_future_unref(tasks[0]);
    gyre_future_unref(tasks[1]);
}

static int run(void *arg)
{
    gyre_task *me = gyre_current_task(), *a, *b;

    gyre_loop_set_task_factory(gyre_get_running_loop(), gyre_eager_task_factory);
    a = make(quick, "Q");
    printf("done on return %s %d", py_bool(gyre_future_done(a)), gyre_future_result(a, NULL));
    printf(" current restored %s\n", py_bool(gyre_current_task() == me));
    gyre_future_add_done_callback(a, called, NULL);
    puts("no inline callback");
    b = make(slow, "S");
    printf("suspended %s %s\n", py_bool(!gyre_future_done(b)), py_bool(is_among_all(b)));
    printf("%d\n", oracle_await(b));
    gather_two();
    gyre_future_unref(a);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
