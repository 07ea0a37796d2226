/* 105: a timer that is armed inside a callback, even with delay 0, runs after what the same callback queued
 * with call_soon. */
#include "oracle.h"

static void y(void *loop)
{
    gyre_loop_call_later(loop, 0, oracle_say, "timer 2");
    gyre_loop_call_soon(loop, oracle_say, "soon 2");
    gyre_loop_call_later(loop, .01, oracle_stop, loop);
}

static void x(void *loop)
{
    gyre_loop_call_later(loop, 0, oracle_say, "timer");
    gyre_loop_call_soon(loop, oracle_say, "soon");
    gyre_loop_call_soon(loop, y, loop);
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();

    gyre_loop_call_soon(loop, x, loop);
    gyre_loop_run_forever(loop);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
