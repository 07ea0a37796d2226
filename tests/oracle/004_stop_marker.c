/* 004 and S06: what stop() lets run. By default it is a marker in the queue, as the 2013 text has it
 * (.seed.out); with --flag, the loop option, it is asyncio's flag since 3.5.1 (.out). */
#include "oracle.h"

static int stop_flag;

static void x(void *loop)
{
    puts("x");
    gyre_loop_call_soon(loop, oracle_say, "queued before stop()");
    gyre_loop_stop(loop);
    gyre_loop_call_soon(loop, oracle_say, "queued after stop()");
}

static void run(gyre_loop *loop, const char *which)
{
    gyre_loop_run_forever(loop);
    printf("-- run %s over\n", which);
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop(.stop_flag = stop_flag);

    gyre_loop_call_soon(loop, x, loop);
    gyre_loop_call_soon(loop, oracle_say, "y");
    run(loop, "1");
    gyre_loop_call_soon(loop, oracle_stop, loop);
    run(loop, "2");
    gyre_loop_stop(loop);
    gyre_loop_call_soon(loop, oracle_say, "queued after a stop() made while not running");
    run(loop, "3");
    gyre_loop_call_soon(loop, oracle_stop, loop);
    run(loop, "4");
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    stop_flag = oracle_asked(argc, argv, "--flag") ? GYRE_YES : GYRE_NO;
    return oracle_script(argc, argv, script);
}
