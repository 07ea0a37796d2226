/* barrier.c - nobody waits when enough are there, and it is as good as new after all. */
#include "torture.h"

enum { PARTIES = 2 };

static gyre_barrier barrier;

static int come(void *arg)
{
    int number = torture_expect_victim(gyre_barrier_wait(&barrier));

    if (number < 0)
        return number == GYRE_EBROKENBARRIER ? 0 : number;
    torture_check(number < PARTIES, "a number beyond the parties");
    return 0;
}

static int come_twice(void *arg)
{
    int err = come(arg);

    return err ? err : come(arg);
}

static int reset(void *arg)
{
    int err = gyre_sleep(0);

    return err ? err : gyre_barrier_reset(&barrier);
}

static void settle(void)
{
    torture_check(gyre_barrier_n_waiting(&barrier) < PARTIES, "they wait, and are enough");
    torture_check(!gyre_barrier_broken(&barrier), "they wait at a broken barrier");
    torture_check(gyre_barrier_n_waiting(&barrier) > 0, "they wait, and nobody is counted");
    gyre_barrier_abort(&barrier);
}

/* As good as new, whatever has happened. */
static void end(bool whole)
{
    if (whole) {
        torture_check(gyre_barrier_reset(&barrier) == 0, "it cannot be reset");
        torture_check(!gyre_barrier_broken(&barrier) && gyre_barrier_n_waiting(&barrier) == 0,
                      "somebody is still counted");
    }
    gyre_barrier_destroy(&barrier);
}

static void begin_rounds(void)
{
    gyre_barrier_init(&barrier, PARTIES);
    torture_start(come_twice, NULL);
    torture_start(come, NULL);
    torture_start(come_twice, NULL);
}

static void begin_reset(void)
{
    gyre_barrier_init(&barrier, PARTIES);
    torture_start(come, NULL);
    torture_start(reset, NULL);
    torture_start(come, NULL);
    torture_start(come, NULL);
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "barrier", .begin = begin_rounds, .settle = settle, .end = end, .cancels = 3},
        {.name = "barrier_reset", .begin = begin_reset, .settle = settle, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
