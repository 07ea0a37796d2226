/* task.c - what a task costs: created, run, awaited and freed; and a switch to a coroutine and back. */
#include "measure.h"
#include "task/coro.h"
#include <gyre/gyre.h>

enum { TASKS = 300000, SWITCHES = 2000000 };

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static int make_and_join(void *arg)
{
    (void)arg;
    for (int i = 0; i < TASKS; i++) {
        gyre_task *task;

        gyre_create_task(&task, nothing, NULL);
        gyre_await(task, NULL);
        gyre_future_unref(task);
    }
    return 0;
}

static int make_eager(void *arg)
{
    (void)arg;
    for (int i = 0; i < TASKS; i++)
        gyre_create_task(NULL, nothing, NULL, .eager_start = GYRE_YES);
    return 0;
}

static double nanoseconds_each(gyre_coroutine fn)
{
    gyre_loop *loop = gyre_loop_new();
    gyre_task *task;
    double start = measure_now();

    gyre_loop_create_task(loop, &task, fn, NULL);
    gyre_loop_run_until_complete(loop, task, NULL);
    start = measure_now() - start;
    gyre_future_unref(task);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    return start * 1e9 / TASKS;
}

static double joined(void)
{
    return nanoseconds_each(make_and_join);
}

static double eager(void)
{
    return nanoseconds_each(make_eager);
}

static struct gyre__coro coro;

static void bounce(void *arg)
{
    (void)arg;
    for (;;)
        gyre__coro_suspend(&coro);
}

/* Both ways are two switches. */
static double switches(void)
{
    double start = measure_now();

    for (int i = 0; i < SWITCHES; i++)
        gyre__coro_resume(&coro);
    return (measure_now() - start) * 1e9 / (2.0 * SWITCHES);
}

int main(void)
{
    struct gyre__stack_pool pool;

    gyre__stack_pool_init(&pool, 0);
    if (gyre__coro_start(&coro, &pool, bounce, NULL))
        return 1;
    measure((struct measure_question){.what = "coroutine switch", .unit = "ns", .ours = switches});
    measure(
        (struct measure_question){.what = "task created, run, awaited, freed", .unit = "ns", .ours = joined});
    measure(
        (struct measure_question){.what = "task started eagerly, run, freed", .unit = "ns", .ours = eager});
    return 0;
}
