/* 005: timers fire in deadline order, whatever the order of registration; zero and negative delays run in the
 * first pass, but after all that is in the ready queue. */
#include "oracle.h"

static void arm(gyre_loop *loop, double start)
{
    gyre_loop_call_later(loop, 0.30, oracle_say, "t300");
    gyre_loop_call_later(loop, 0.10, oracle_say, "t100");
    gyre_loop_call_at(loop, start + 0.20, oracle_say, "t200");
    gyre_loop_call_later(loop, -5, oracle_say, "negative");
    gyre_loop_call_later(loop, 0, oracle_say, "zero");
    gyre_loop_call_soon(loop, oracle_say, "soon1");
    gyre_loop_call_soon(loop, oracle_say, "soon2");
    gyre_loop_call_later(loop, 0.40, oracle_stop, loop);
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();
    double start = gyre_loop_time(loop);

    arm(loop, start);
    gyre_loop_run_forever(loop);
    printf("clock never early: %s\n", py_bool(gyre_loop_time(loop) - start >= 0.399));
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
