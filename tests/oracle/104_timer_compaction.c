/* 104: 10 000 cancelled long timers neither keep the loop, or memory, alive nor change the order of the live
 * ones. */
#include "oracle.h"

enum { LIVE = 100, CANCELLED = 10000 };

static int numbers[LIVE], out, in_order;

static void note(void *number)
{
    in_order += number == &numbers[out];
    out++;
}

static void arm_live(gyre_loop *loop)
{
    for (int i = 0; i < LIVE; i++)
        gyre_loop_call_later(loop, .10 + i / 1000.0, note, &numbers[i]);
}

static void arm_and_cancel(gyre_loop *loop)
{
    static gyre_handle handles[CANCELLED];

    for (int i = 0; i < CANCELLED; i++)
        handles[i] = gyre_loop_call_later(loop, 3600 + i, oracle_say, "NEVER");
    for (int i = 0; i < CANCELLED; i++)
        gyre_handle_cancel(&handles[i]);
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();

    arm_live(loop);
    arm_and_cancel(loop);
    gyre_loop_call_later(loop, .4, oracle_stop, loop);
    gyre_loop_run_forever(loop);
    printf("live timers in order: %s count %d\n", py_bool(in_order == LIVE), out);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
