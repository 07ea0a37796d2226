/* lock.c - one at a time, and everybody in the end. */
#include "torture.h"

enum { TASKS = 3 };

static gyre_lock lock;
static int inside;

static int work(void *arg)
{
    int err = torture_expect_victim(gyre_lock_acquire(&lock));

    if (err)
        return err;
    torture_check(inside++ == 0, "two have the lock");
    err = gyre_sleep(0);
    inside--;
    torture_check(gyre_lock_release(&lock) == 0, "the lock was nobody's");
    return err;
}

/* Comes again as soon as it is done. */
static int work_twice(void *arg)
{
    int err = work(arg);

    return err ? err : work(arg);
}

static void end(bool whole)
{
    torture_check(!gyre_lock_locked(&lock), "the lock is still locked");
    gyre_lock_destroy(&lock);
}

static void begin(void)
{
    inside = 0;
    gyre_lock_init(&lock);
    for (int i = 0; i < TASKS; i++)
        torture_start(work, NULL);
}

static void begin_twice(void)
{
    inside = 0;
    gyre_lock_init(&lock);
    for (int i = 0; i < TASKS; i++)
        torture_start(i % 2 ? work : work_twice, NULL);
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "lock", .begin = begin, .end = end, .cancels = 3},
        {.name = "lock_twice", .begin = begin_twice, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
