/* group_scene.h - what the tests of task groups share: children that act by a script, and a look at the
 * errors. */
#ifndef GYRE_TESTS_GROUP_SCENE_H
#define GYRE_TESTS_GROUP_SCENE_H

#include "unit.h"
#include <gyre/task_group.h>

/* Errors of the program's own, by the names that Python's tests give them. */
enum {
    ZERO_DIVISION = GYRE_EUSER - 1,
    MY_EXC = GYRE_EUSER - 2,
    VALUE = GYRE_EUSER - 3,
    TYPE = GYRE_EUSER - 4
};

/* What a child does: it sleeps and returns its code; when it is cancelled instead, it counts that, cleans up,
 * and returns another one. */
struct act {
    double delay;   /* how long it sleeps */
    int code;       /* what it returns then */
    double cleanup; /* how long it cleans up after a cancellation */
    int instead;    /* what it returns after one, 0: GYRE_ECANCELLED */
};

#define ACT(...) (&(struct act){__VA_ARGS__})

/* Children that were cancelled in their sleep. */
static int heard;

static inline int act(void *arg)
{
    const struct act *act = arg;
    struct act own = *act;
    int err = gyre_sleep(own.delay);

    if (!err)
        return own.code;
    heard++;
    if (own.cleanup > 0)
        gyre_sleep(own.cleanup);
    return own.instead ? own.instead : err;
}

/* The body of a group that waits until it is cancelled, which it counts ten times. */
static inline int body(double delay)
{
    int err = gyre_sleep(delay);

    if (err)
        heard += 10;
    return err;
}

/* Compares what ended a group with up to three codes, 0 for none. */
static inline void assert_errors(const gyre_task_group *group, int first, int second, int third)
{
    const int expected[] = {first, second, third};
    const gyre_group_error *errors = NULL;
    size_t count = gyre_task_group_errors(group, &errors);

    for (size_t i = 0; i < 3; i++)
        assert_int_equal(i < count ? errors[i].code : 0, expected[i]);
    assert_true(count <= 3);
}

/* Looks at a task's outcome and gives the reference back. */
static inline void assert_outcome(gyre_task *task, int code)
{
    assert_int_equal(gyre_future_result(task, NULL), code);
    gyre_future_unref(task);
}

static inline int cancelling(void)
{
    return gyre_task_cancelling(gyre_current_task());
}

/* Runs fn(arg) as a task, cancels it after `delay`, and returns its outcome. */
static inline int cancel_after(gyre_coroutine fn, double delay)
{
    gyre_task *task;
    int code;

    gyre_create_task(&task, fn, NULL);
    assert_int_equal(gyre_sleep(delay), 0);
    assert_false(gyre_future_done(task));
    gyre_task_cancel(task, .msg = "test");
    code = gyre_await(task, NULL);
    gyre_future_unref(task);
    return code;
}

/* Runs a coroutine, whose asserts are the test, and sees that neither task nor timer is left. */
static inline void check(gyre_coroutine fn)
{
    gyre_loop_stats stats;

    heard = 0;
    assert_int_equal(run_main(fn, NULL), 0);
    run_passes(2);
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.timers, 0);
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 0);
}

#endif
