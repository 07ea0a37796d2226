/* Tasks: two greetings one after the other, two at once, and one that is called off. */
#include <gyre/gyre.h>
#include <stdio.h>

struct greeting {
    double delay;
    const char *words;
};

static struct greeting hello = {.2, "hello"}, world = {.1, "world"};

static int say_after(void *arg)
{
    const struct greeting *greeting = arg;
    int err = gyre_sleep(greeting->delay);

    if (!err)
        puts(greeting->words);
    return err;
}

/* A coroutine is a function: calling it waits for it. */
static void one_after_the_other(void)
{
    say_after(&hello);
    say_after(&world);
}

/* A task runs beside its maker, who may wait for it. */
static void at_once(void)
{
    gyre_task *tasks[2];
    gyre_future *both;

    gyre_create_task(&tasks[0], say_after, &hello);
    gyre_create_task(&tasks[1], say_after, &world);
    gyre_gather(&both, tasks, 2);
    gyre_await(both, NULL);
    gyre_future_unref(both);
    gyre_future_unref(tasks[0]);
    gyre_future_unref(tasks[1]);
}

/* What the task waits for returns GYRE_ECANCELLED, and so should the task. */
static void called_off(void)
{
    gyre_task *task;

    gyre_create_task(&task, say_after, &hello, .name = "greeting");
    gyre_sleep(0);
    gyre_task_cancel(task, .msg = "not today");
    if (gyre_await(task, NULL) == GYRE_ECANCELLED)
        printf("%s: %s\n", gyre_task_get_name(task), gyre_error_text());
    gyre_future_unref(task);
}

static int greet(void *arg)
{
    one_after_the_other();
    at_once();
    called_off();
    return 0;
}

int main(void)
{
    return gyre_run(greet, NULL);
}
