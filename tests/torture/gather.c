/* gather.c - one future for several tasks, some of them gathered again, whoever is cancelled. */
#include "torture.h"

enum { CHILDREN = 2 };

static int child(void *arg)
{
    int err = gyre_sleep(0);

    return err ? err : torture_expect_request(gyre_sleep(0));
}

static int await_and_let_go(gyre_future *future)
{
    int err = gyre_await(future, NULL);

    gyre_future_unref(future);
    return err;
}

static int gather(gyre_coroutine fn, int return_exceptions)
{
    gyre_task *children[CHILDREN];
    gyre_future *all = NULL;
    int err;

    for (int i = 0; i < CHILDREN; i++)
        gyre_create_task(&children[i], fn, NULL);
    gyre_gather(&all, children, CHILDREN, .return_exceptions = return_exceptions);
    err = await_and_let_go(all);
    for (int i = 0; i < CHILDREN; i++) {
        torture_check(err != 0 || gyre_future_done(children[i]), "a gathering ended before a child");
        gyre_future_unref(children[i]);
    }
    return err;
}

static int gather_children(void *arg)
{
    return gather(child, 0);
}

static int collect_children(void *arg)
{
    return gather(child, GYRE_YES);
}

static int gather_gatherings(void *arg)
{
    return gather(gather_children, 0);
}

static void begin(void)
{
    torture_start(gather_children, NULL);
}

static void begin_collecting(void)
{
    torture_start(collect_children, NULL);
}

static void begin_nested(void)
{
    torture_start(gather_gatherings, NULL);
}

static void end(bool whole)
{
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "gather", .begin = begin, .end = end, .cancels = 3},
        {.name = "gather_exceptions", .begin = begin_collecting, .end = end, .cancels = 3},
        {.name = "gather_nested", .begin = begin_nested, .end = end, .cancels = 2},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
