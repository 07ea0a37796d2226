/* semaphore.c - never more inside than there are places, and all places are free again. */
#include "torture.h"

enum { PLACES = 2, TASKS = 4 };

static gyre_semaphore semaphore;
static gyre_bounded_semaphore bounded;
static int inside;

static int stay(void)
{
    int err;

    torture_check(inside++ < PLACES, "more are inside than there are places");
    err = gyre_sleep(0);
    inside--;
    return err;
}

static int work(void *arg)
{
    int err = torture_expect_victim(gyre_semaphore_acquire(&semaphore));

    if (err)
        return err;
    err = stay();
    gyre_semaphore_release(&semaphore);
    return err;
}

/* Comes again at once: behind those who were woken, before places that are free. */
static int work_twice(void *arg)
{
    int err = work(arg);

    return err ? err : work(arg);
}

static int work_bounded(void *arg)
{
    int err = torture_expect_victim(gyre_bounded_semaphore_acquire(&bounded));

    if (err)
        return err;
    err = stay();
    torture_check(gyre_bounded_semaphore_release(&bounded) == 0, "a place came from nowhere");
    return err;
}

static void begin(void)
{
    inside = 0;
    gyre_semaphore_init(&semaphore, PLACES);
    for (int i = 0; i < TASKS; i++)
        torture_start(work, NULL);
}

static void begin_twice(void)
{
    inside = 0;
    gyre_semaphore_init(&semaphore, PLACES);
    for (int i = 0; i < TASKS; i++)
        torture_start(i < PLACES ? work_twice : work, NULL);
}

static void begin_bounded(void)
{
    inside = 0;
    gyre_bounded_semaphore_init(&bounded, PLACES);
    for (int i = 0; i < TASKS; i++)
        torture_start(work_bounded, NULL);
}

static void end(bool whole)
{
    torture_check(semaphore.value == PLACES, "a place was lost, or won");
    gyre_semaphore_destroy(&semaphore);
}

static void end_bounded(bool whole)
{
    torture_check(bounded.semaphore.value == PLACES, "a place was lost, or won");
    gyre_bounded_semaphore_destroy(&bounded);
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "semaphore", .begin = begin, .end = end, .cancels = 3},
        {.name = "semaphore_twice", .begin = begin_twice, .end = end, .cancels = 3},
        {.name = "bounded_semaphore", .begin = begin_bounded, .end = end_bounded, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
