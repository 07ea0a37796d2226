/* task_group.c - a group waits for every child, whoever of them is cancelled, fails, or begets another. */
#include "torture.h"

static gyre_task_group group;
static int alive;

static int child(void *delay)
{
    int err;

    alive++;
    err = torture_expect_request(gyre_sleep(*(double *)delay));
    alive--;
    return err;
}

static int fail(void *delay)
{
    int err = child(delay);

    return err ? err : -EIO;
}

/* It begins another child in its middle; a group that is ending refuses that. */
static int beget(void *delay)
{
    int err = child(delay);

    if (!err)
        gyre_task_group_create_task(&group, NULL, child, delay);
    return err;
}

/* Errors come first; a cancel that came as well comes out of the next wait. */
static int leave(int err)
{
    err = (int)gyre_task_group_end(&group, err);
    torture_check(alive == 0 || gyre_loop_is_closed(torture_loop), "a child outlived its group");
    return torture_expect_victim(err == -EIO ? gyre_sleep(0) : err);
}

static int run_group(void *second)
{
    static double now = 0, later = 1;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, child, &later);
    gyre_task_group_create_task(&group, NULL, *(gyre_coroutine *)second, &now);
    return leave(gyre_sleep(0));
}

static void begin_with(gyre_coroutine *second)
{
    alive = 0;
    torture_start(run_group, second);
}

static void begin_failing(void)
{
    static gyre_coroutine second = fail;

    begin_with(&second);
}

static void begin_begetting(void)
{
    static gyre_coroutine second = beget;

    begin_with(&second);
}

static void end(bool whole)
{
    torture_check(alive == 0, "a child never ended");
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "task_group", .begin = begin_begetting, .end = end, .cancels = 3},
        {.name = "task_group_failing", .begin = begin_failing, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
