/* lock.c - what a lock costs: free, against two calls that do nothing; and handed from task to task, against
 * two tasks that only give way to each other. */
#include "measure.h"
#include <gyre/gyre.h>

enum { TIMES = 20000000, HANDOVERS = 200000 };

static gyre_lock lock;

/* Called by address, so that the calls are real ones however the program is linked. */
typedef int (*operation)(gyre_lock *lock);

static int nothing(gyre_lock *of)
{
    (void)of;
    return 0;
}

static double time_calls(operation volatile first, operation volatile second)
{
    double start = measure_now();

    for (int i = 0; i < TIMES; i++) {
        first(&lock);
        second(&lock);
    }
    return (measure_now() - start) * 1e9 / TIMES;
}

static double take_and_give(void)
{
    return time_calls(gyre_lock_acquire, gyre_lock_release);
}

static double call_twice(void)
{
    return time_calls(nothing, nothing);
}

/* The other one waits already when this one releases it. */
static int hand_over(void *arg)
{
    (void)arg;
    gyre_lock_acquire(&lock);
    gyre_sleep(0);
    for (int i = 0; i < HANDOVERS; i++) {
        gyre_lock_release(&lock);
        gyre_lock_acquire(&lock);
    }
    return gyre_lock_release(&lock);
}

static int give_way(void *arg)
{
    (void)arg;
    for (int i = 0; i < HANDOVERS; i++)
        gyre_sleep(0);
    return 0;
}

static int run_two(void *fn)
{
    gyre_coroutine each = *(gyre_coroutine *)fn;
    gyre_task *tasks[2];

    for (int i = 0; i < 2; i++)
        gyre_create_task(&tasks[i], each, NULL);
    gyre_wait(tasks, 2);
    for (int i = 0; i < 2; i++)
        gyre_future_unref(tasks[i]);
    return 0;
}

static double time_two(gyre_coroutine fn)
{
    double start = measure_now();

    gyre_lock_init(&lock);
    gyre_run(run_two, &fn);
    return (measure_now() - start) * 1e9 / (2.0 * HANDOVERS);
}

static double handed_over(void)
{
    return time_two(hand_over);
}

static double turns(void)
{
    return time_two(give_way);
}

int main(void)
{
    measure((struct measure_question){.what = "free lock acquired and released",
                                      .unit = "ns",
                                      .ours = take_and_give,
                                      .against = "two empty calls",
                                      .theirs = call_twice});
    measure((struct measure_question){.what = "lock handed from task to task",
                                      .unit = "ns",
                                      .ours = handed_over,
                                      .against = "sleep(0)",
                                      .theirs = turns});
    return 0;
}
