/* gather.c - what waiting for a thousand tasks costs for each: await, a group, gather, wait and as_completed
 * against a countdown, in which the last task to end sets the one future that is awaited. All make, run and
 * free the same tasks. */
#include "measure.h"
#include <gyre/gyre.h>

enum { CHILDREN = 1000, ROUNDS = 200 };

static gyre_task *children[CHILDREN];

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static size_t left;

static int count_down(void *last)
{
    if (--left == 0)
        gyre_future_set_result(last, NULL);
    return 0;
}

static void make(gyre_coroutine fn, void *arg)
{
    for (size_t i = 0; i < CHILDREN; i++)
        gyre_create_task(&children[i], fn, arg);
}

static void await_all(void)
{
    make(nothing, NULL);
    for (size_t i = 0; i < CHILDREN; i++)
        gyre_await(children[i], NULL);
}

static void end_group(void)
{
    gyre_task_group group;

    gyre_task_group_begin(&group);
    for (size_t i = 0; i < CHILDREN; i++)
        gyre_task_group_create_task(&group, &children[i], nothing, NULL);
    gyre_task_group_end(&group, 0);
}

static void gather_all(void)
{
    gyre_future *all;

    make(nothing, NULL);
    gyre_gather(&all, children, CHILDREN);
    gyre_await(all, NULL);
    gyre_future_unref(all);
}

static void wait_for_all(void)
{
    make(nothing, NULL);
    gyre_wait(children, CHILDREN);
}

static void take_all(void)
{
    gyre_as_completed iterator;
    gyre_future *future;

    make(nothing, NULL);
    gyre_as_completed_begin(&iterator, children, CHILDREN);
    while (gyre_as_completed_next(&iterator, &future) > 0)
        continue;
    gyre_as_completed_end(&iterator);
}

static void count_all(void)
{
    gyre_future *last = gyre_loop_create_future(gyre_get_running_loop());

    left = CHILDREN;
    make(count_down, last);
    gyre_await(last, NULL);
    gyre_future_unref(last);
}

static void drop(void)
{
    for (size_t i = 0; i < CHILDREN; i++)
        gyre_future_unref(children[i]);
}

static void (*way)(void);

static int repeat(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        way();
        drop();
    }
    return 0;
}

static double nanoseconds_each(void (*fn)(void))
{
    double start = measure_now();

    way = fn;
    gyre_run(repeat, NULL);
    return (measure_now() - start) * 1e9 / (ROUNDS * CHILDREN);
}

static double awaited(void)
{
    return nanoseconds_each(await_all);
}

static double grouped(void)
{
    return nanoseconds_each(end_group);
}

static double gathered(void)
{
    return nanoseconds_each(gather_all);
}

static double waited(void)
{
    return nanoseconds_each(wait_for_all);
}

static double taken(void)
{
    return nanoseconds_each(take_all);
}

static double counted(void)
{
    return nanoseconds_each(count_all);
}

static void ask(const char *what, measure_run ours)
{
    measure((struct measure_question){what, "ns", ours, "countdown", counted});
}

int main(void)
{
    ask("a task, awaited after 999 others", awaited);
    ask("a task, in a group of 1000", grouped);
    ask("a task, gathered with 999 others", gathered);
    ask("a task, waited for with 999 others", waited);
    ask("a task, one of 1000 as they complete", taken);
    return 0;
}
