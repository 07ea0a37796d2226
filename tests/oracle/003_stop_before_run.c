/* 003: stop() before run_forever(): one pass, without waiting, over what is queued already, then return. */
#include "oracle.h"

static void first(void *loop)
{
    puts("first");
    gyre_loop_call_soon(loop, oracle_say, "child-of-first");
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();

    gyre_loop_call_later(loop, 30, oracle_say, "NEVER: timer in the future");
    gyre_loop_call_soon(loop, first, loop);
    gyre_loop_stop(loop);
    gyre_loop_run_forever(loop);
    puts("-- returned");
    gyre_loop_stop(loop);
    gyre_loop_run_forever(loop);
    puts("-- returned again");
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
