/* call_soon.c - what a callback costs from call_soon to its return: batches of 1000 a turn, and a chain in
 * which each callback schedules the next.
 */
#include "measure.h"
#include <gyre/gyre.h>

enum { BATCH = 1000, BATCHES = 2000, LINKS = 1000000 };

static gyre_loop *loop;
static long left;

static void nothing(void *arg)
{
    (void)arg;
}

static void schedule_batch(void *arg)
{
    if (left-- == 0) {
        gyre_loop_stop(loop);
        return;
    }
    for (int i = 1; i < BATCH; i++)
        gyre_loop_call_soon(loop, nothing, NULL);
    gyre_loop_call_soon(loop, schedule_batch, arg);
}

static void next_link(void *arg)
{
    if (left-- == 0)
        gyre_loop_stop(loop);
    else
        gyre_loop_call_soon(loop, next_link, arg);
}

static double run(gyre_callback fn, long count, double calls)
{
    double start = measure_now();

    left = count;
    gyre_loop_call_soon(loop, fn, NULL);
    gyre_loop_run_forever(loop);
    return (measure_now() - start) * 1e9 / calls;
}

static double batches(void)
{
    return run(schedule_batch, BATCHES, (double)BATCH * BATCHES);
}

static double chain(void)
{
    return run(next_link, LINKS, LINKS);
}

int main(void)
{
    loop = gyre_loop_new();
    measure(
        (struct measure_question){.what = "call_soon and run, 1000 a turn", .unit = "ns", .ours = batches});
    measure((struct measure_question){.what = "call_soon and run, one a turn", .unit = "ns", .ours = chain});
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    return 0;
}
