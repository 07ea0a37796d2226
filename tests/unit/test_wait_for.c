/* test_wait_for.c - waiting for one future, with a limit. */
#include "unit.h"

#include "task/task.h"

static size_t pending_timers(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(loop, &stats);
    return stats.timers;
}

static bool about(double one, double other)
{
    return fabs(one - other) < 1e-6;
}

/* Runs gyre_wait_for as the main task. */
struct limited {
    gyre_future *future;
    double timeout;
    void *value;
};

static int limit(void *arg)
{
    struct limited *limited = arg;
    int code = gyre_wait_for(limited->future, &limited->value, limited->timeout);

    assert_true(code == GYRE_EVALUE || gyre_future_done(limited->future));
    return code;
}

static int wait_for(gyre_future *future, double timeout)
{
    struct limited limited = {future, timeout, NULL};

    return run_main(limit, &limited);
}

static gyre_task *make_task(gyre_coroutine fn, void *arg)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, fn, arg);
    return task;
}

/* Makes a task of fn, waits for it, and gives it back. */
static int limit_task(gyre_coroutine fn, void *arg, double timeout)
{
    gyre_task *task = make_task(fn, arg);
    int code = wait_for(task, timeout);

    gyre_future_unref(task);
    return code;
}

static void complete(void *future)
{
    gyre_future_set_result(future, "ok");
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_race_condition,
 * uv:test_base.py::_TestBase::test_inf_wait_for; S1: in time, or without a limit. */
static void test_in_time(void **state)
{
    double timeouts[] = {0.2, INFINITY};

    for (int i = 0; i < 2; i++) {
        gyre_future *future = gyre_loop_create_future(loop);
        struct limited limited = {future, timeouts[i], NULL};

        gyre_loop_call_later(loop, 0.1, complete, future);
        assert_int_equal(run_main(limit, &limited), 0);
        assert_string_equal(limited.value, "ok");
        assert_int_equal(pending_timers(), 0);
        gyre_future_unref(future);
    }
}

static int give_five(void *arg)
{
    return 5;
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_blocking */
static void test_no_limit(void **state)
{
    assert_int_equal(limit_task(give_five, NULL, INFINITY), 5);
}

/* What a coroutine did. */
struct progress {
    bool started, ended;
};

static int sleep_long(void *arg)
{
    struct progress *progress = arg;
    int err;

    progress->started = true;
    err = gyre_sleep(1000);
    progress->ended = true;
    return err;
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for; S2: at the deadline, exactly. */
static void test_too_late(void **state)
{
    struct progress progress = {0};
    double start = gyre_loop_time(loop);

    assert_int_equal(limit_task(sleep_long, &progress, 0.1), -ETIMEDOUT);
    assert_true(progress.started && progress.ended);
    assert_true(about(gyre_loop_time(loop), start + 0.1));
    assert_int_equal(pending_timers(), 0);
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_timeout_less_then_0_or_0_future_done; S4 */
static void test_no_time_for_the_done(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    struct limited limited = {future, 0, NULL};

    gyre_future_set_result(future, "done");
    assert_int_equal(run_main(limit, &limited), 0);
    assert_string_equal(limited.value, "done");
    gyre_future_unref(future);
}

static int limit_unstarted(void *arg)
{
    gyre_task *task = make_task(sleep_long, arg);
    int code = gyre_wait_for(task, NULL, 0);

    assert_true(gyre_future_cancelled(task));
    gyre_future_unref(task);
    return code;
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started */
static void test_no_time_to_start(void **state)
{
    struct progress progress = {0};

    assert_int_equal(run_main(limit_unstarted, &progress), -ETIMEDOUT);
    assert_false(progress.started);
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_timeout_less_then_0_or_0: it had begun. */
static void test_no_time_at_all(void **state)
{
    for (int i = 0; i < 2; i++) {
        struct progress progress = {0};
        gyre_task *task = make_task(sleep_long, &progress);

        run_once();
        assert_true(progress.started && !progress.ended);
        assert_int_equal(wait_for(task, -i), -ETIMEDOUT);
        assert_true(progress.ended);
        gyre_future_unref(task);
    }
}

/* Runs on to its end, whoever cancels it. */
static int ignore_cancels(void *arg)
{
    double end = gyre_loop_time(loop) + 0.2;

    while (end - gyre_loop_time(loop) > 1e-9)
        gyre_sleep(end - gyre_loop_time(loop));
    *(bool *)arg = true;
    return 6;
}

/* test_waitfor.py::AsyncioWaitForTest::test_asyncio_wait_for_timeout */
static void test_late_and_stubborn(void **state)
{
    bool exited = false;
    double start = gyre_loop_time(loop);

    assert_int_equal(limit_task(ignore_cancels, &exited, 0.1), 6);
    assert_true(exited);
    assert_true(about(gyre_loop_time(loop), start + 0.2));
}

/* test_waitfor.py::AsyncioWaitForTest::test_asyncio_wait_for_cancelled; S5: cancelled, it waits for the inner
 * one, and gives what that gave. */
static void test_cancelled_and_stubborn(void **state)
{
    bool exited = false;
    struct limited limited = {make_task(ignore_cancels, &exited), 0.4, NULL};
    gyre_task *task = make_task(limit, &limited);

    run_once();
    gyre_task_cancel(task);
    assert_int_equal(gyre_wait(&task, 1), 1);
    assert_true(exited);
    assert_int_equal(gyre_future_result(task, NULL), 6);
    gyre_future_unref(limited.future);
    gyre_future_unref(task);
}

static int give_one_when_cancelled(void *arg)
{
    return gyre_sleep(10) == GYRE_ECANCELLED ? 1 : 2;
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_cancellation_race_condition,
 * test_waitfor.py::AsyncioWaitForTest::test_wait_for_cancel_suppressed; S3 */
static void test_suppressed(void **state)
{
    assert_int_equal(limit_task(give_one_when_cancelled, NULL, 0.01), 1);
}

/* Cleans up for a while, and returns what it was told, else the cancellation. */
static int clean_up(void *code)
{
    int err = gyre_sleep(1000);

    assert_int_equal(gyre_sleep(0.1), 0);
    note("cleaned");
    return code ? *(int *)code : err;
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_waits_for_task_cancellation; S2 */
static void test_it_waits_for_the_cleanup(void **state)
{
    double start = gyre_loop_time(loop);

    assert_int_equal(limit_task(clean_up, NULL, 0.1), -ETIMEDOUT);
    assert_noted("cleaned");
    assert_true(about(gyre_loop_time(loop), start + 0.2));
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_waits_for_task_cancellation_w_timeout_0 */
static void test_it_waits_for_the_cleanup_without_time(void **state)
{
    gyre_task *task = make_task(clean_up, NULL);

    run_once();
    assert_int_equal(wait_for(task, 0), -ETIMEDOUT);
    assert_noted("cleaned");
    gyre_future_unref(task);
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_reraises_exception_during_cancellation; S7, with time
 * and without. */
static void test_the_cleanup_fails(void **state)
{
    int code = -EPIPE;
    gyre_task *task = make_task(clean_up, &code);

    run_once();
    assert_int_equal(wait_for(task, 0), -EPIPE);
    gyre_future_unref(task);
    assert_int_equal(limit_task(clean_up, &code, 0.1), -EPIPE);
    assert_noted("cleaned cleaned");
}

/* Cancels a gyre_wait_for with this limit. */
static void cancel_wait_for(double timeout)
{
    struct progress progress = {0};
    struct limited limited = {make_task(sleep_long, &progress), timeout, NULL};
    gyre_task *task = make_task(limit, &limited);

    run_once();
    assert_true(gyre_task_cancel(task));
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_true(gyre_future_cancelled(task) && gyre_future_cancelled(limited.future));
    assert_int_equal(pending_timers(), 0);
    gyre_future_unref(limited.future);
    gyre_future_unref(task);
}

/* test_waitfor.py::AsyncioWaitForTest::test_cancel_blocking_wait_for,
 * test_waitfor.py::AsyncioWaitForTest::test_cancel_wait_for; S5 */
static void test_cancelled(void **state)
{
    cancel_wait_for(INFINITY);
    cancel_wait_for(60);
}

static int give_it_no_time(void *future)
{
    return gyre_wait_for(future, NULL, 0);
}

/* Cancelled while it waits for the cleanup, without time: it leaves, the inner one goes on, and no callback
 * stays behind. */
static void test_cancelled_in_the_cleanup(void **state)
{
    gyre_task *inner = make_task(clean_up, NULL), *task = make_task(give_it_no_time, inner);

    run_passes(2);
    assert_non_null(inner->callbacks);
    gyre_task_cancel(task);
    run_passes(2);
    assert_true(gyre_future_cancelled(task));
    assert_null(inner->callbacks);
    assert_false(gyre_future_done(inner));
    gyre_await(inner, NULL);
    assert_noted("cleaned");
    gyre_future_unref(inner);
    gyre_future_unref(task);
}

static int wait_and_sleep(void *arg)
{
    int err = gyre_wait_for(arg, NULL, 100);

    if (err >= 0)
        err = gyre_sleep(1);
    if (err >= 0)
        note("the end");
    return err;
}

/* test_waitfor.py::AsyncioWaitForTest::test_wait_for_issue86296; S6: the result and the cancel in one turn.
 */
static void test_result_and_cancel_together(void **state)
{
    gyre_task *inner = make_task(give_five, NULL), *task = make_task(wait_and_sleep, inner);

    run_once();
    assert_true(gyre_future_done(inner));
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_int_equal(gyre_await(inner, NULL), 5);
    assert_noted("");
    assert_int_equal(pending_timers(), 0);
    gyre_future_unref(task);
    gyre_future_unref(inner);
}

static int sleep_and_give_five(void *arg)
{
    int err = gyre_sleep(0.1);

    return err ? err : 5;
}

/* Makes a task and its shield, and waits for the shield. */
static int limit_shielded(gyre_task **task, double timeout)
{
    gyre_future *shielded;
    int code;

    *task = make_task(sleep_and_give_five, NULL);
    gyre_shield(&shielded, *task);
    code = wait_for(shielded, timeout);
    assert_int_equal(gyre_future_cancelled(shielded), code == -ETIMEDOUT);
    gyre_future_unref(shielded);
    return code;
}

/* test_waitfor.py::WaitForShieldTests::test_zero_timeout,
 * test_waitfor.py::WaitForShieldTests::test_shielded_timeout: the shield is cancelled, the task goes on. */
static void test_shielded(void **state)
{
    double timeouts[] = {0, 0.01};

    for (int i = 0; i < 2; i++) {
        gyre_task *task;

        assert_int_equal(limit_shielded(&task, timeouts[i]), -ETIMEDOUT);
        assert_false(gyre_future_done(task));
        assert_int_equal(gyre_await(task, NULL), 5);
        gyre_future_unref(task);
    }
}

/* test_waitfor.py::WaitForShieldTests::test_none_timeout */
static void test_shielded_without_limit(void **state)
{
    gyre_task *task;

    assert_int_equal(limit_shielded(&task, INFINITY), 5);
    assert_true(gyre_future_done(task));
    gyre_future_unref(task);
}

/* A limit that is no number. */
static void test_nan(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    assert_int_equal(wait_for(future, NAN), GYRE_EVALUE);
    gyre_future_unref(future);
}

static void wait_in_callback(void *future)
{
    assert_int_equal(gyre_wait_for(future, NULL, 1), GYRE_EAWAIT);
}

/* Outside a task, the value comes through; in a plain callback, nothing does. */
static void test_outside(void **state)
{
    gyre_future *futures[3];
    void *value = NULL;

    for (int i = 0; i < 3; i++)
        futures[i] = gyre_loop_create_future(loop);
    gyre_loop_call_later(loop, 0.1, complete, futures[0]);
    gyre_loop_call_soon(loop, wait_in_callback, futures[0]);
    assert_int_equal(gyre_wait_for(futures[0], &value, 1000), 0);
    assert_string_equal(value, "ok");
    assert_int_equal(gyre_wait_for(futures[1], &value, 0.2), -ETIMEDOUT);
    assert_true(gyre_future_cancelled(futures[1]));
    assert_int_equal(gyre_wait_for(futures[2], NULL, 0), -ETIMEDOUT);
    for (int i = 0; i < 3; i++)
        gyre_future_unref(futures[i]);
}

static int outside_and_stopped(gyre_future *future)
{
    void *value = NULL;

    gyre_loop_call_soon(loop, stop_loop, NULL);
    return gyre_wait_for(future, &value, 1000);
}

static int use_the_stack(void *arg)
{
    char rubbish[2000];

    memset(rubbish, 0x5a, sizeof rubbish);
    return rubbish[(intptr_t)arg];
}

/* The loop is stopped under it: the future stays usable, and what goes on in the background does not look at
 * this stack again. */
static void test_outside_and_stopped(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    assert_int_equal(outside_and_stopped(future), GYRE_ESTOPPED);
    assert_int_equal(use_the_stack(NULL), 0x5a);
    assert_false(gyre_future_done(future));
    gyre_future_set_result(future, "late");
    run_passes(3);
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 0);
    gyre_future_unref(future);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_in_time),
        ON_SIM(test_no_limit),
        ON_SIM(test_too_late),
        ON_SIM(test_no_time_for_the_done),
        ON_SIM(test_no_time_to_start),
        ON_SIM(test_no_time_at_all),
        ON_SIM(test_late_and_stubborn),
        ON_SIM(test_cancelled_and_stubborn),
        ON_SIM(test_suppressed),
        ON_SIM(test_it_waits_for_the_cleanup),
        ON_SIM(test_it_waits_for_the_cleanup_without_time),
        ON_SIM(test_the_cleanup_fails),
        ON_SIM(test_cancelled),
        ON_SIM(test_cancelled_in_the_cleanup),
        ON_SIM(test_result_and_cancel_together),
        ON_SIM(test_shielded),
        ON_SIM(test_shielded_without_limit),
        ON_SIM(test_nan),
        ON_SIM(test_outside),
        ON_SIM(test_outside_and_stopped),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
