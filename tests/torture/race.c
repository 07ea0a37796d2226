/* race.c - a staggered race waits for all who have started, whoever wins, fails, or is cancelled: that is one
 * more way to fail. */
#include "torture.h"

enum { RACERS = 3 };

static int running;

static int run_until(double delay)
{
    int err;

    running++;
    err = gyre_sleep(delay);
    if (err)
        gyre_sleep(0);
    running--;
    return err;
}

static int fail(void *arg)
{
    int err = run_until(0);

    return err ? err : -EIO;
}

static int win(void *arg)
{
    return run_until(1);
}

static int run_race(void *arg)
{
    gyre_racer racers[RACERS] = {{.fn = fail}, {.fn = win}, {.fn = win}};
    size_t winner;
    int code = gyre_staggered_race(&winner, racers, RACERS, 0.5);

    torture_check(running == 0 || gyre_loop_is_closed(torture_loop), "a racer outlived the race");
    torture_expect_victim(code);
    torture_check(code == GYRE_ECANCELLED || !torture_is_victim(), "a cancel was lost");
    torture_check(code < 0 || code == 0 || racers[winner].code >= 0, "the winner has failed");
    return code < 0 ? code : 0;
}

static void begin(void)
{
    running = 0;
    torture_start(run_race, NULL);
}

static void end(bool whole)
{
    torture_check(running == 0, "a racer never ended");
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "staggered_race", .begin = begin, .end = end, .cancels = 3, .swallows = true},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
