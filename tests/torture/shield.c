/* shield.c - the task behind it never hears of a cancel, whoever waits in front of it. */
#include "torture.h"

enum { WAITERS = 2 };

static gyre_task *behind;

/* Nobody cancels this one. */
static int work(void *arg)
{
    int err = gyre_sleep(0);

    if (!err)
        err = gyre_sleep(1);
    torture_check(!err || gyre_loop_is_closed(torture_loop), "a cancel came through the shield");
    return err;
}

static int await_shielded(void *arg)
{
    gyre_future *outer;
    int err;

    gyre_shield(&outer, behind);
    err = torture_expect_victim(gyre_await(outer, NULL));
    gyre_future_unref(outer);
    return err;
}

/* Lets go at once, and comes back. */
static int await_again(void *arg)
{
    int err = await_shielded(arg);

    if (err)
        await_shielded(arg);
    return err;
}

static void begin(void)
{
    behind = torture_start_safe(work, NULL);
    for (int i = 0; i < WAITERS; i++)
        torture_start(i ? await_shielded : await_again, NULL);
}

static void end(bool whole)
{
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "shield", .begin = begin, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
