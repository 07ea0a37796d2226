/* timeout.c - a deadline eats its own cancel and no other, also when both come at once. */
#include "torture.h"

static int sleep_within(double limit, double delay)
{
    gyre_timeout timeout;
    int err;

    gyre_timeout_begin(&timeout, limit);
    err = gyre_sleep(delay);
    return (int)gyre_timeout_end(&timeout, err);
}

/* Nothing of a deadline that struck is left behind. */
static int go_on_after(int err)
{
    if (err == -ETIMEDOUT)
        err = gyre_sleep(0);
    return torture_expect_victim(err);
}

static int struck(void *arg)
{
    return go_on_after(sleep_within(1, 2));
}

static int in_time(void *arg)
{
    return go_on_after(sleep_within(1, 0));
}

/* The body ends in the moment in which the deadline strikes. */
static int at_once(void *arg)
{
    return go_on_after(sleep_within(1, 1));
}

static int nest(double outer_limit, double inner_limit)
{
    gyre_timeout outer;
    int err;

    gyre_timeout_begin(&outer, outer_limit);
    err = sleep_within(inner_limit, 3);
    if (err == -ETIMEDOUT)
        err = gyre_sleep(0);
    return go_on_after((int)gyre_timeout_end(&outer, err));
}

static int inner_first(void *arg)
{
    return nest(2, 1);
}

static int outer_first(void *arg)
{
    return nest(1, 2);
}

static void begin(void)
{
    torture_start(struck, NULL);
    torture_start(in_time, NULL);
    torture_start(at_once, NULL);
}

static void begin_nested(void)
{
    torture_start(inner_first, NULL);
    torture_start(outer_first, NULL);
}

static void end(bool whole)
{
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "timeout", .begin = begin, .end = end, .cancels = 3},
        {.name = "timeout_nested", .begin = begin_nested, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
