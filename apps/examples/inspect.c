/* What can be known of tasks while they run: who there is, and who waits for whom; how one is asked to end,
 * and declines; and how a program makes its tasks in a way of its own. */
#include <gyre/gyre.h>
#include <stdio.h>

static int wait_for_it(void *future)
{
    return gyre_await(future, NULL);
}

/* Who there is; then this task, who waits for it, who waits for those. */
static int look_around(void *arg)
{
    gyre_task *tasks[8];
    size_t count = gyre_all_tasks(NULL, tasks, 8);

    for (size_t i = 0; i < count; i++) {
        printf("there is %s\n", gyre_task_get_name(tasks[i]));
        gyre_future_unref(tasks[i]);
    }
    gyre_print_call_graph(NULL);
    return 0;
}

static void who_waits_for_whom(void)
{
    gyre_task *looker, *waiter;
    gyre_future *awaiter;

    gyre_task_set_name(gyre_current_task(), "main");
    gyre_create_task(&looker, look_around, NULL, .name = "looker");
    gyre_create_task(&waiter, wait_for_it, looker, .name = "waiter", .eager_start = GYRE_YES);
    if (gyre_future_awaited_by(looker, &awaiter, 1) == 1) {
        printf("%s awaits %s\n", gyre_task_get_name(awaiter), gyre_task_get_name(looker));
        gyre_future_unref(awaiter);
    }
    gyre_await(waiter, NULL);
    gyre_future_unref(waiter);
    gyre_future_unref(looker);
}

/* A request to end is an error of a wait. Who goes on all the same should take it back. */
static int decline(void *arg)
{
    gyre_task *self = gyre_current_task();
    int err = gyre_sleep(10);

    if (err == GYRE_ECANCELLED && gyre_task_cancelling(self) == 1 && gyre_task_uncancel(self) == 0)
        err = gyre_sleep(.01);
    return err;
}

static void ask_to_end(void)
{
    gyre_task *task;

    gyre_create_task(&task, decline, NULL);
    gyre_sleep(0);
    gyre_task_cancel(task);
    printf("asked to end: %s\n", gyre_error_name(gyre_await(task, NULL)));
    gyre_future_unref(task);
}

static int made;

/* Makes what others ask for, and counts it. */
static int count(gyre_loop *loop, gyre_task **task, gyre_coroutine fn, void *arg,
                 const gyre_task_options *options)
{
    made++;
    return (gyre_task_new)(loop, task, fn, arg, options);
}

static int greet(void *name)
{
    printf("hello, %s\n", (const char *)name);
    return 0;
}

static void make_in_own_way(void)
{
    gyre_loop *loop = gyre_get_running_loop();

    gyre_loop_set_task_factory(loop, count);
    gyre_loop_create_task(loop, NULL, greet, "factory");
    gyre_sleep(0);
    printf("%d made\n", made);
    /* From now on each runs at once until it waits. */
    gyre_loop_set_task_factory(loop, gyre_eager_task_factory);
    gyre_create_task(NULL, greet, "eager");
    printf("%s\n", gyre_loop_get_task_factory(loop) == gyre_eager_task_factory ? "eager it is" : "not eager");
}

static int inspect(void *arg)
{
    who_waits_for_whom();
    ask_to_end();
    make_in_own_way();
    return 0;
}

int main(void)
{
    return gyre_run(inspect, NULL);
}
