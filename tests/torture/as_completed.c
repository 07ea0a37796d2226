/* as_completed.c - futures as they end: each is given once, to one of those who wait for the next. */
#include "torture.h"

enum { CHILDREN = 3 };

static int child(void *delay)
{
    return gyre_sleep(*(double *)delay);
}

/* Until there are no more; the limit is for all of them. */
static int take_all(gyre_as_completed *iterator)
{
    int taken = 0, code;
    gyre_future *future;

    while ((code = gyre_as_completed_next(iterator, &future)) > 0) {
        torture_check(gyre_future_done(future), "what is completed is not done");
        taken++;
    }
    torture_check(code < 0 || taken == CHILDREN, "a future was never given");
    return code == -ETIMEDOUT ? gyre_sleep(0) : code;
}

static int iterate(void *limit)
{
    static double delays[CHILDREN] = {1, 0, 1};
    gyre_task *children[CHILDREN];
    gyre_as_completed iterator;
    int err;

    for (int i = 0; i < CHILDREN; i++)
        gyre_create_task(&children[i], child, &delays[i]);
    gyre_as_completed_begin(&iterator, children, CHILDREN, .timeout = *(double *)limit);
    err = torture_expect_victim(take_all(&iterator));
    gyre_as_completed_end(&iterator);
    for (int i = 0; i < CHILDREN; i++)
        gyre_future_unref(children[i]);
    return err;
}

static void begin(void)
{
    static double none = 0;

    torture_start(iterate, &none);
}

static void begin_limited(void)
{
    static double half = 0.5;

    torture_start(iterate, &half);
}

static void end(bool whole)
{
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "as_completed", .begin = begin, .end = end, .cancels = 3},
        {.name = "as_completed_limited", .begin = begin_limited, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
