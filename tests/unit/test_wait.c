/* test_wait.c - waiting for several, and for one with a limit. */
#include "unit.h"
#include <math.h>

#include "task/task.h"

static gyre_future *futures[4];

static int make_futures(void **state)
{
    open_sim(state);
    for (int i = 0; i < 4; i++)
        futures[i] = gyre_loop_create_future(loop);
    return 0;
}

static int unref_futures(void **state)
{
    int leaked = 0;

    for (int i = 0; i < 4; i++) {
        /* T20: nobody left a callback behind. */
        leaked += futures[i]->callbacks != NULL;
        gyre_future_unref(futures[i]);
    }
    return close_loop(state) || leaked ? -1 : 0;
}

#define ON_FUTURES(test) cmocka_unit_test_setup_teardown(test, make_futures, unref_futures)

static size_t pending_timers(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(loop, &stats);
    return stats.timers;
}

struct waiting {
    gyre_return_when when;
    double timeout;
    size_t count;
    int result;
};

static int wait_for_them(void *arg)
{
    struct waiting *waiting = arg;

    waiting->result =
        gyre_wait(futures, waiting->count, .timeout = waiting->timeout, .return_when = waiting->when);
    note("back");
    return waiting->result;
}

static gyre_task *begin_wait(struct waiting *waiting)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, wait_for_them, waiting);
    run_once();
    return task;
}

/* test_tasks.py::BaseTaskTests::test_wait, test_tasks.py::BaseTaskTests::test_wait_errors,
 * test_tasks.py::BaseTaskTests::test_wait_with_exception; spec 8 wait S1, S2 */
static void test_all_completed(void **state)
{
    struct waiting waiting = {.count = 3};
    gyre_task *task = begin_wait(&waiting);

    gyre_future_set_result(futures[0], NULL);
    gyre_future_cancel(futures[1]);
    run_passes(2);
    assert_noted("");
    gyre_future_set_exception(futures[2], -EIO);
    run_once();
    assert_noted("");
    run_once();
    assert_noted("back");
    assert_int_equal(waiting.result, 3);
    gyre_future_unref(task);
    assert_int_equal(gyre_future_exception(futures[2]), -EIO);
}

/* test_tasks.py::BaseTaskTests::test_wait_first_completed,
 * test_tasks.py::BaseTaskTests::test_wait_really_done */
static void test_first_completed(void **state)
{
    struct waiting waiting = {.count = 3, .when = GYRE_FIRST_COMPLETED};
    gyre_task *task = begin_wait(&waiting);

    gyre_future_set_result(futures[1], NULL);
    run_passes(2);
    assert_noted("back");
    assert_int_equal(waiting.result, 1);
    assert_false(gyre_future_done(futures[0]));
    /* S6: the callbacks are gone before anybody completes the others. */
    assert_null(futures[0]->callbacks);
    gyre_future_unref(task);
}

/* test_tasks.py::BaseTaskTests::test_wait_first_exception,
 * test_tasks.py::BaseTaskTests::test_wait_first_exception_in_wait; S4 */
static void test_first_exception(void **state)
{
    struct waiting waiting = {.count = 4, .when = GYRE_FIRST_EXCEPTION};
    gyre_task *task = begin_wait(&waiting);

    gyre_future_set_result(futures[0], NULL);
    gyre_future_cancel(futures[1]);
    run_passes(2);
    assert_noted("");
    gyre_future_set_exception(futures[2], -EIO);
    run_passes(2);
    assert_noted("back");
    assert_int_equal(waiting.result, 3);
    gyre_future_unref(task);
}

/* No exception came: all completed. */
static void test_first_exception_that_never_comes(void **state)
{
    struct waiting waiting = {.count = 2, .when = GYRE_FIRST_EXCEPTION};
    gyre_task *task = begin_wait(&waiting);

    gyre_future_set_result(futures[0], NULL);
    gyre_future_cancel(futures[1]);
    run_passes(2);
    assert_noted("back");
    assert_int_equal(waiting.result, 2);
    gyre_future_unref(task);
}

/* test_tasks.py::BaseTaskTests::test_wait_with_timeout: no error, no cancelling; S2, S3 */
static void test_timeout(void **state)
{
    struct waiting waiting = {.count = 3, .timeout = 0.003};
    double start = gyre_loop_time(loop);

    gyre_future_set_result(futures[0], NULL);
    assert_int_equal(run_main(wait_for_them, &waiting), 1);
    assert_true(gyre_loop_time(loop) == start + 0.003);
    assert_false(gyre_future_done(futures[1]));
    assert_int_equal(pending_timers(), 0);
}

/* test_tasks.py::BaseTaskTests::test_wait_concurrent_complete; S6: the timer goes too. */
static void test_timeout_that_is_not_needed(void **state)
{
    struct waiting waiting = {.count = 2, .timeout = 1000};
    gyre_task *task = begin_wait(&waiting);

    assert_int_equal(pending_timers(), 1);
    gyre_future_set_result(futures[0], NULL);
    gyre_future_set_result(futures[1], NULL);
    run_passes(2);
    assert_int_equal(waiting.result, 2);
    assert_int_equal(pending_timers(), 0);
    gyre_future_unref(task);
}

static void test_look_once(void **state)
{
    struct waiting waiting = {.count = 3, .timeout = -1}, forever = {.count = 1, .timeout = INFINITY};

    gyre_future_set_result(futures[0], NULL);
    assert_int_equal(run_main(wait_for_them, &waiting), 1);
    assert_int_equal(run_main(wait_for_them, &forever), 1);
    assert_int_equal(pending_timers(), 0);
}

/* test_tasks.py::BaseTaskTests::test_wait_duplicate_coroutines */
static void test_duplicates(void **state)
{
    gyre_future *twice[] = {futures[0], futures[1], futures[0]};

    gyre_future_set_result(futures[0], NULL);
    gyre_future_set_result(futures[1], NULL);
    assert_int_equal(gyre_wait(twice, 3), 2);
}

/* test_tasks.py::BaseTaskTests::test_wait_invalid_args; S5 */
static void test_invalid(void **state)
{
    gyre_loop *other = gyre_loop_new();
    gyre_future *mixed[] = {futures[0], gyre_loop_create_future(other)};

    assert_int_equal(gyre_wait(futures, 0), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "Set of Tasks/Futures is empty.");
    assert_int_equal(gyre_wait(mixed, 2), GYRE_EVALUE);
    assert_int_equal(gyre_wait(mixed, 1, .timeout = NAN), GYRE_EVALUE);
    gyre_future_unref(mixed[1]);
    gyre_loop_unref(other);
}

/* test_tasks.py::BaseTaskTests::test_yield_wait_does_not_shield_cancel,
 * test_tasks.py::BaseTaskTests::test_task_cancel_waiter_future; S3: the wait is cancelled, what it waits for
 * is not. */
static void test_cancel_the_wait(void **state)
{
    struct waiting waiting = {.count = 3, .timeout = 1000};
    gyre_task *task = begin_wait(&waiting);

    gyre_task_cancel(task);
    run_passes(2);
    assert_int_equal(waiting.result, GYRE_ECANCELLED);
    assert_true(gyre_future_cancelled(task));
    assert_false(gyre_future_done(futures[0]));
    assert_null(futures[0]->callbacks);
    assert_int_equal(pending_timers(), 0);
    gyre_future_unref(task);
}

/* Completed in the turn in which the wait is cancelled: the late callback finds nobody. */
static void test_complete_and_cancel_together(void **state)
{
    struct waiting waiting = {.count = 2, .when = GYRE_FIRST_COMPLETED};
    gyre_task *task = begin_wait(&waiting);

    gyre_task_cancel(task);
    gyre_future_set_result(futures[0], NULL);
    gyre_future_set_result(futures[1], NULL);
    run_passes(3);
    assert_int_equal(waiting.result, GYRE_ECANCELLED);
    gyre_future_unref(task);
}

/* Outside a task it drives the loop. */
static void test_wait_outside(void **state)
{
    assert_int_equal(gyre_wait(futures, 2, .timeout = 0.002), 0);
    gyre_future_set_result(futures[0], NULL);
    assert_int_equal(gyre_wait(futures, 2, .return_when = GYRE_FIRST_COMPLETED), 1);
}

static void complete(void *future)
{
    gyre_future_set_result(future, "value");
}

static int wait_for_value(void *timeout)
{
    void *value = NULL;
    int err = gyre_wait_for(futures[0], &value, *(double *)timeout);

    note(err ? (void *)gyre_error_name(err) : value);
    return err;
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for, uv:test_base.py::_TestBase::test_inf_wait_for; S1 */
static void test_in_time(void **state)
{
    double timeouts[] = {INFINITY, 1000};

    for (int i = 0; i < 2; i++) {
        gyre_loop_call_later(loop, 0.001, complete, futures[0]);
        assert_int_equal(run_main(wait_for_value, &timeouts[i]), 0);
        assert_noted("value");
        assert_int_equal(pending_timers(), 0);
        gyre_future_unref(futures[0]);
        futures[0] = gyre_loop_create_future(loop);
    }
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_blocking,
 * test_waitfor.py::AsyncioWaitForTest::test_asyncio_wait_for_timeout; S2 */
static void test_too_late(void **state)
{
    double timeout = 0.003, start = gyre_loop_time(loop);

    assert_int_equal(run_main(wait_for_value, &timeout), -ETIMEDOUT);
    assert_true(gyre_loop_time(loop) == start + 0.003);
    assert_noted("TimeoutError");
    assert_true(gyre_future_cancelled(futures[0]));
}

static int clean_up_slowly(void *arg)
{
    int err = gyre_sleep(1000);

    for (int i = 0; i < 3; i++)
        gyre_sleep(0);
    note("cleaned");
    return arg ? (int)(intptr_t)arg : err;
}

static int limit_task(void *arg)
{
    gyre_task *task = arg;
    void *value = NULL;
    int err = gyre_wait_for(task, &value, 0.002);

    note(err < 0 ? (void *)gyre_error_name(err) : "value");
    assert_true(gyre_future_done(task));
    return err;
}

static int limit_slow(void *outcome)
{
    gyre_task *task;
    int err;

    gyre_loop_create_task(loop, &task, clean_up_slowly, outcome);
    err = run_main(limit_task, task);
    gyre_future_unref(task);
    return err;
}

/* T21, test_waitfor.py::AsyncioWaitForTest::test_wait_for_waits_for_task_cancellation,
 * test_waitfor.py::AsyncioWaitForTest::test_wait_for_cancel_suppressed,
 * test_waitfor.py::AsyncioWaitForTest::test_wait_for_reraises_exception_during_cancellation; S2, S3, S7 */
static void test_it_waits_for_the_cleanup(void **state)
{
    assert_int_equal(limit_slow(NULL), -ETIMEDOUT);
    assert_noted("cleaned TimeoutError");
    assert_int_equal(limit_slow((void *)5), 5);
    assert_noted("cleaned value");
    assert_int_equal(limit_slow((void *)-EPIPE), -EPIPE);
    assert_noted("cleaned BrokenPipeError");
}

static int note_it(void *word)
{
    note(word);
    return 0;
}

static int limit_to_nothing(void *arg)
{
    gyre_task *task;

    for (int i = 0; i < 2; i++) {
        /* test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started */
        gyre_loop_create_task(loop, &task, note_it, "never");
        assert_int_equal(gyre_wait_for(task, NULL, -i), -ETIMEDOUT);
        assert_true(gyre_future_cancelled(task));
        gyre_future_unref(task);
        /* test_wait_for_waits_for_task_cancellation_w_timeout_0 */
        gyre_loop_create_task(loop, &task, clean_up_slowly, NULL);
        gyre_sleep(0);
        assert_int_equal(gyre_wait_for(task, NULL, -i), -ETIMEDOUT);
        gyre_future_unref(task);
    }
    /* test_wait_for_timeout_less_then_0_or_0_future_done */
    gyre_future_set_result(futures[1], "done");
    assert_int_equal(gyre_wait_for(futures[1], &arg, 0), 0);
    assert_string_equal(arg, "done");
    assert_int_equal(gyre_wait_for(futures[2], NULL, NAN), GYRE_EVALUE);
    return 0;
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_timeout_less_then_0_or_0; S4 */
static void test_no_time_at_all(void **state)
{
    assert_int_equal(run_main(limit_to_nothing, NULL), 0);
    assert_noted("cleaned cleaned");
}

/* test_waitfor.py::AsyncioWaitForTest::test_cancel_wait_for,
 * test_waitfor.py::AsyncioWaitForTest::test_cancel_blocking_wait_for,
 * test_waitfor.py::AsyncioWaitForTest::test_asyncio_wait_for_cancelled; S5 */
static void test_cancel_wait_for(void **state)
{
    double timeout = 1000;
    gyre_task *task;

    gyre_loop_create_task(loop, &task, wait_for_value, &timeout);
    run_once();
    gyre_task_cancel(task);
    assert_true(gyre_future_cancelled(futures[0]));
    run_passes(2);
    assert_noted("CancelledError");
    assert_true(gyre_future_cancelled(task));
    assert_int_equal(pending_timers(), 0);
    gyre_future_unref(task);
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_race_condition,
 * test_waitfor.py::AsyncioWaitForTest::test_wait_for_cancellation_race_condition,
 * test_waitfor.py::AsyncioWaitForTest::test_wait_for_issue86296; S6 */
static void test_result_and_cancel_together(void **state)
{
    double timeout = 1000;
    gyre_task *task;

    gyre_loop_create_task(loop, &task, wait_for_value, &timeout);
    run_once();
    gyre_future_set_result(futures[0], "value");
    gyre_task_cancel(task);
    run_passes(2);
    assert_true(gyre_future_cancelled(task));
    assert_noted("CancelledError");
    assert_int_equal(pending_timers(), 0);
    gyre_future_unref(task);
}

/* Outside a task, the value comes through. */
static void test_wait_for_outside(void **state)
{
    void *value = NULL;

    gyre_loop_call_later(loop, 0.001, complete, futures[0]);
    assert_int_equal(gyre_wait_for(futures[0], &value, 1000), 0);
    assert_string_equal(value, "value");
    assert_int_equal(gyre_wait_for(futures[1], &value, 0.002), -ETIMEDOUT);
    assert_true(gyre_future_cancelled(futures[1]));
    assert_int_equal(gyre_wait_for(futures[2], NULL, 0), -ETIMEDOUT);
}

static int outside_and_stopped(void)
{
    void *value = NULL;

    gyre_loop_call_soon(loop, stop_loop, NULL);
    return gyre_wait_for(futures[0], &value, 1000);
}

static int use_the_stack(void *arg)
{
    char rubbish[2000];

    memset(rubbish, 0x5a, sizeof rubbish);
    return rubbish[(intptr_t)arg];
}

/* The loop is stopped under it: the future stays usable, and what goes on in the background does not look at
 * this stack again. */
static void test_wait_for_outside_is_stopped(void **state)
{
    assert_int_equal(outside_and_stopped(), GYRE_ESTOPPED);
    assert_int_equal(use_the_stack(NULL), 0x5a);
    assert_false(gyre_future_done(futures[0]));
    gyre_future_set_result(futures[0], "late");
    run_passes(3);
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_FUTURES(test_all_completed),
        ON_FUTURES(test_first_completed),
        ON_FUTURES(test_first_exception),
        ON_FUTURES(test_first_exception_that_never_comes),
        ON_FUTURES(test_timeout),
        ON_FUTURES(test_timeout_that_is_not_needed),
        ON_FUTURES(test_look_once),
        ON_FUTURES(test_duplicates),
        ON_FUTURES(test_invalid),
        ON_FUTURES(test_cancel_the_wait),
        ON_FUTURES(test_complete_and_cancel_together),
        ON_FUTURES(test_wait_outside),
        ON_FUTURES(test_in_time),
        ON_FUTURES(test_too_late),
        ON_FUTURES(test_it_waits_for_the_cleanup),
        ON_FUTURES(test_no_time_at_all),
        ON_FUTURES(test_cancel_wait_for),
        ON_FUTURES(test_result_and_cancel_together),
        ON_FUTURES(test_wait_for_outside),
        ON_FUTURES(test_wait_for_outside_is_stopped),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
