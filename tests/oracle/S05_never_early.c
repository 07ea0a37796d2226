/* S05: a timer never fires before its deadline on the loop's clock. */
#include "oracle.h"

enum { TIMERS = 300 };

struct deadline {
    gyre_loop *loop;
    double when;
};

static int early;

static void check(void *arg)
{
    struct deadline *deadline = arg;

    early += gyre_loop_time(deadline->loop) < deadline->when - 2e-9;
}

static void arm(gyre_loop *loop, struct deadline *deadlines)
{
    for (int i = 0; i < TIMERS; i++) {
        double delay = 0.001 + i % 97 * 0.000731;

        deadlines[i] = (struct deadline){loop, gyre_loop_time(loop) + delay};
        gyre_loop_call_at(loop, deadlines[i].when, check, &deadlines[i]);
    }
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();
    struct deadline deadlines[TIMERS];

    arm(loop, deadlines);
    gyre_loop_call_later(loop, .3, oracle_stop, loop);
    gyre_loop_run_forever(loop);
    printf("early: %d\n", early);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
