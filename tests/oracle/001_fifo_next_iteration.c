/* 001: call_soon is exact FIFO; work queued by a callback runs in the next turn. */
#include "oracle.h"

static void a(void *loop)
{
    puts("a");
    gyre_loop_call_soon(loop, oracle_say, "a-child");
    gyre_loop_call_soon(loop, oracle_say, "a-child2");
}

static void b(void *loop)
{
    puts("b");
    gyre_loop_call_soon(loop, oracle_say, "b-child");
}

static void stop_next_turn(void *loop)
{
    gyre_loop_call_soon(loop, oracle_stop, loop);
}

static void stop_in_two_turns(void *loop)
{
    gyre_loop_call_soon(loop, stop_next_turn, loop);
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();

    gyre_loop_call_soon(loop, a, loop);
    gyre_loop_call_soon(loop, b, loop);
    gyre_loop_call_soon(loop, oracle_say, "c");
    gyre_loop_call_soon(loop, stop_in_two_turns, loop);
    gyre_loop_run_forever(loop);
    printf("running %s\n", py_bool(gyre_loop_is_running(loop)));
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
