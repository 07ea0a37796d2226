/* wait.c - waiting for several, in all its ways; and for one with a limit, which waits for its cleanup. */
#include "torture.h"

enum { CHILDREN = 3 };

/* The first two end together, the third later. */
static int child(void *number)
{
    int err = gyre_sleep(0);

    if (!err && number)
        err = gyre_sleep(1);
    return torture_expect_request(err);
}

static int wait_each_way(gyre_task **children)
{
    int err = gyre_wait(children, CHILDREN, .return_when = GYRE_FIRST_COMPLETED);

    if (err >= 0)
        err = gyre_wait(children, CHILDREN, .timeout = 0.5);
    if (err >= 0)
        err = gyre_wait(children, CHILDREN);
    torture_check(err < 0 || err == CHILDREN, "wait has not waited for all");
    return err < 0 ? err : 0;
}

static int wait_for_children(void *arg)
{
    gyre_task *children[CHILDREN];
    int err;

    for (int i = 0; i < CHILDREN; i++)
        gyre_create_task(&children[i], child, i == CHILDREN - 1 ? arg : NULL);
    err = wait_each_way(children);
    for (int i = 0; i < CHILDREN; i++)
        gyre_future_unref(children[i]);
    return err;
}

/* Has a cleanup that takes time. */
static int slow(void *arg)
{
    int err = gyre_sleep(2);

    if (err)
        gyre_sleep(0.25);
    return err;
}

static int quick(void *arg)
{
    return gyre_sleep(1);
}

static int limit(void *fn)
{
    gyre_task *task;
    int err;

    gyre_create_task(&task, *(gyre_coroutine *)fn, NULL);
    err = gyre_wait_for(task, NULL, 1);
    torture_check(gyre_future_done(task) || gyre_loop_is_closed(torture_loop),
                  "wait_for came back before the task had ended");
    gyre_future_unref(task);
    return err == -ETIMEDOUT ? gyre_sleep(0) : err;
}

static void begin_wait(void)
{
    torture_start(wait_for_children, "late");
}

static void begin_slow(void)
{
    static gyre_coroutine fn = slow;

    torture_start(limit, &fn);
    torture_start(limit, &fn);
}

/* The limit strikes in the moment in which the task ends. */
static void begin_quick(void)
{
    static gyre_coroutine fn = quick;

    torture_start(limit, &fn);
}

static void end(bool whole)
{
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "wait", .begin = begin_wait, .end = end, .cancels = 3},
        {.name = "wait_for", .begin = begin_slow, .end = end, .cancels = 3},
        {.name = "wait_for_at_once", .begin = begin_quick, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
