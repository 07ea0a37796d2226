/* condition.c - news reach somebody who can use them, and every wait comes back with the lock. */
#include "torture.h"

static gyre_condition condition;
static int items, inside;
static bool over;

static void enter(void)
{
    torture_check(inside++ == 0 || gyre_loop_is_closed(torture_loop), "two have the lock");
}

static int leave(int err)
{
    inside--;
    torture_check(gyre_condition_release(&condition) == 0 || gyre_loop_is_closed(torture_loop),
                  "a wait came back without the lock");
    return err;
}

static int wait_for_item(void)
{
    int err = 0;

    while (!err && items == 0 && !over) {
        inside--;
        err = torture_expect_victim(gyre_condition_wait(&condition));
        enter();
    }
    return err;
}

static int consume(void *arg)
{
    int err = gyre_condition_acquire(&condition);

    if (err)
        return err;
    enter();
    err = wait_for_item();
    if (!err && items > 0)
        items--;
    return leave(err ? err : gyre_sleep(0));
}

static int produce(void *arg)
{
    int err = gyre_condition_acquire(&condition);

    if (err)
        return err;
    enter();
    err = gyre_sleep(0);
    items++;
    gyre_condition_notify(&condition, 1);
    return leave(err);
}

static int is_over(void *arg)
{
    return over || items > 0;
}

/* Waits by predicate, takes nothing, and tells the next. */
static int look_on(void *arg)
{
    int err = gyre_condition_acquire(&condition);

    if (err)
        return err;
    enter();
    inside--;
    err = gyre_condition_wait_for(&condition, is_over, NULL);
    enter();
    gyre_condition_notify(&condition, 1);
    return leave(err < 0 ? err : 0);
}

static void settle(void)
{
    torture_check(items == 0, "somebody sleeps beside an item");
    torture_check(!gyre_condition_locked(&condition), "the lock is still locked");
    over = true;
    gyre_condition_acquire(&condition);
    gyre_condition_notify_all(&condition);
    gyre_condition_release(&condition);
}

static void end(bool whole)
{
    torture_check(!whole || !gyre_condition_locked(&condition), "the lock is still locked");
    gyre_condition_destroy(&condition);
}

static void begin(void)
{
    items = inside = 0;
    over = false;
    gyre_condition_init(&condition, NULL);
}

static void begin_market(void)
{
    begin();
    torture_start(consume, NULL);
    torture_start(consume, NULL);
    torture_start(produce, NULL);
    torture_start(produce, NULL);
    torture_start(consume, NULL);
}

static void begin_watched(void)
{
    begin();
    torture_start(look_on, NULL);
    torture_start(consume, NULL);
    torture_start(produce, NULL);
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "condition", .begin = begin_market, .settle = settle, .end = end, .cancels = 3},
        {.name = "condition_wait_for", .begin = begin_watched, .settle = settle, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
