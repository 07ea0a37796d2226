/* test_timeout.c - deadlines over a stretch of a coroutine, in virtual time, where they strike exactly. */
#include "unit.h"

#include "virtual.h"
#include <gyre/task_group.h>

static size_t pending_timers(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(loop, &stats);
    return stats.timers;
}

/* Runs a coroutine, whose asserts are the test, and sees that no timer is left. */
static void check(gyre_coroutine fn)
{
    assert_int_equal(run_main(fn, NULL), 0);
    run_passes(2);
    assert_int_equal(pending_timers(), 0);
}

static int let_it_strike(void *arg)
{
    gyre_timeout timeout;
    double start = gyre_loop_time(loop);
    ptrdiff_t code;

    assert_int_equal(gyre_timeout_begin(&timeout, 0.003), 0);
    assert_true(gyre_timeout_when(&timeout) == start + 0.003);
    assert_false(gyre_timeout_expired(&timeout));
    code = gyre_sleep(1000);
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_true(gyre_timeout_expired(&timeout));
    assert_int_equal(gyre_timeout_end(&timeout, code), -ETIMEDOUT);
    assert_true(gyre_timeout_expired(&timeout));
    assert_true(gyre_loop_time(loop) == start + 0.003);
    /* test_timeouts.py::TimeoutTests::test_outer_task_is_not_cancelled */
    assert_int_equal(gyre_task_cancelling(gyre_current_task()), 0);
    return gyre_sleep(0);
}

/* test_timeouts.py::TimeoutTests::test_timeout_basic */
static void test_basic(void **state)
{
    check(let_it_strike);
}

static int strike_at(void *arg)
{
    gyre_timeout timeout;
    double when = gyre_loop_time(loop) + 0.003;

    gyre_timeout_begin_at(&timeout, when);
    assert_true(gyre_timeout_when(&timeout) == when);
    assert_int_equal(gyre_timeout_end(&timeout, gyre_sleep(1000)), -ETIMEDOUT);
    assert_true(gyre_loop_time(loop) == when);
    return 0;
}

/* test_timeouts.py::TimeoutTests::test_timeout_at_basic */
static void test_at(void **state)
{
    check(strike_at);
}

static int be_in_time(void *arg)
{
    gyre_timeout timeout;

    /* test_timeouts.py::TimeoutTests::test_timeout_not_called,
     * test_timeouts.py::TimeoutTests::test_timeout_finished */
    gyre_timeout_begin(&timeout, 1000);
    assert_int_equal(pending_timers(), 1);
    assert_int_equal(gyre_timeout_end(&timeout, 17), 17);
    assert_int_equal(pending_timers(), 0);
    assert_false(gyre_timeout_expired(&timeout));
    assert_int_equal(gyre_timeout_reschedule(&timeout, 5), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Cannot change state of finished Timeout");
    /* test_timeouts.py::TimeoutTests::test_timeout_disabled,
     * test_timeouts.py::TimeoutTests::test_timeout_at_disabled */
    gyre_timeout_begin(&timeout, INFINITY);
    assert_int_equal(pending_timers(), 0);
    assert_true(isinf(gyre_timeout_when(&timeout)));
    assert_int_equal(gyre_timeout_end(&timeout, gyre_sleep(0.002)), 0);
    gyre_timeout_begin_at(&timeout, INFINITY);
    assert_int_equal(gyre_timeout_end(&timeout, gyre_sleep(0)), 0);
    /* A byte count passes. */
    gyre_timeout_begin(&timeout, 1000);
    assert_true(gyre_timeout_end(&timeout, PTRDIFF_MAX) == PTRDIFF_MAX);
    return 0;
}

static void test_in_time(void **state)
{
    check(be_in_time);
}

static int nest(void *arg)
{
    gyre_timeout outer, inner;
    ptrdiff_t code;

    /* Only the outer strikes. */
    gyre_timeout_begin(&outer, 0.002);
    gyre_timeout_begin(&inner, 1000);
    code = gyre_timeout_end(&inner, gyre_sleep(1000));
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_false(gyre_timeout_expired(&inner));
    assert_int_equal(gyre_timeout_end(&outer, code), -ETIMEDOUT);
    /* Only the inner. */
    gyre_timeout_begin(&outer, 1000);
    gyre_timeout_begin(&inner, 0.002);
    assert_int_equal(gyre_timeout_end(&inner, gyre_sleep(1000)), -ETIMEDOUT);
    assert_int_equal(gyre_sleep(0), 0);
    assert_int_equal(gyre_timeout_end(&outer, 0), 0);
    return 0;
}

static int nest_with_one_deadline(void *arg)
{
    double deadline = gyre_loop_time(loop) + 0.01;
    gyre_timeout outer, inner;
    ptrdiff_t code;

    gyre_timeout_begin_at(&outer, deadline);
    gyre_timeout_begin_at(&inner, deadline);
    code = gyre_timeout_end(&inner, gyre_sleep(10));
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_int_equal(gyre_timeout_end(&outer, code), -ETIMEDOUT);
    assert_true(gyre_timeout_expired(&outer) && gyre_timeout_expired(&inner));
    return gyre_sleep(0);
}

static void test_nested(void **state)
{
    check(nest);
    /* test_timeouts.py::TimeoutTests::test_nested_timeouts */
    check(nest_with_one_deadline);
}

static int nest_at_once(void *arg)
{
    gyre_timeout outer, inner;
    ptrdiff_t code;

    /* Both strike in one turn. */
    gyre_timeout_begin(&outer, 0.002);
    gyre_timeout_begin(&inner, 0.001);
    hold_up(loop, 0.005);
    code = gyre_sleep(1000);
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_true(gyre_timeout_expired(&inner) && gyre_timeout_expired(&outer));
    /* The outer request is open: the inner scope leaves the cancellation to it. */
    code = gyre_timeout_end(&inner, code);
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_int_equal(gyre_timeout_end(&outer, code), -ETIMEDOUT);
    assert_int_equal(gyre_task_cancelling(gyre_current_task()), 0);
    return gyre_sleep(0);
}

static int nest_and_be_busy(void *arg)
{
    gyre_timeout outer, inner;
    ptrdiff_t code;

    gyre_timeout_begin(&outer, 0.002);
    gyre_timeout_begin(&inner, 1000);
    nap(0.01);
    code = gyre_timeout_end(&inner, gyre_sleep(1000));
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_false(gyre_timeout_expired(&inner));
    assert_int_equal(gyre_timeout_end(&outer, code), -ETIMEDOUT);
    return gyre_sleep(0);
}

static void test_nested_both_strike(void **state)
{
    /* test_timeouts.py::TimeoutTests::test_nested_timeouts_loop_busy */
    check(nest_at_once);
    /* test_timeouts.py::TimeoutTests::test_nested_timeouts_concurrent */
    check(nest_and_be_busy);
}

static int wait_in_scope(void *arg)
{
    gyre_timeout timeout;

    gyre_timeout_begin(&timeout, 1000);
    return (int)gyre_timeout_end(&timeout, gyre_sleep(1000));
}

/* test_timeouts.py::TimeoutTests::test_foreign_cancel_doesnt_timeout_if_not_expired */
static void test_a_foreign_cancel(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, wait_in_scope, NULL);
    run_once();
    gyre_task_cancel(task);
    run_passes(2);
    assert_true(gyre_future_cancelled(task));
    assert_int_equal(pending_timers(), 0);
    gyre_future_unref(task);
}

static int cancelled_and_expired(void *arg)
{
    gyre_timeout timeout;
    ptrdiff_t code;

    gyre_timeout_begin(&timeout, 0.001);
    hold_up(loop, 0.003);
    gyre_task_cancel(gyre_current_task());
    code = gyre_sleep(1000);
    assert_int_equal(code, GYRE_ECANCELLED);
    /* The scope was entered in this very turn, so the cancel woke the task before the deadline could strike.
     */
    assert_false(gyre_timeout_expired(&timeout));
    code = gyre_sleep(1000);
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_true(gyre_timeout_expired(&timeout));
    /* A foreign request is open: it stays a CancelledError. */
    assert_int_equal(gyre_timeout_end(&timeout, code), GYRE_ECANCELLED);
    assert_int_equal(gyre_task_cancelling(gyre_current_task()), 1);
    return 0;
}

/* test_timeouts.py::TimeoutTests::test_timeout_after_cancellation,
 * test_timeouts.py::TimeoutTests::test_cancel_in_timeout_after_cancellation */
static void test_a_foreign_cancel_and_the_deadline(void **state)
{
    check(cancelled_and_expired);
}

static int after_a_cancel(void *arg)
{
    gyre_timeout timeout;

    gyre_task_cancel(gyre_current_task());
    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    /* One request is open from before: the scope converts its own all the same. */
    gyre_timeout_begin(&timeout, 0.001);
    assert_int_equal(gyre_timeout_end(&timeout, gyre_sleep(1000)), -ETIMEDOUT);
    assert_int_equal(gyre_task_cancelling(gyre_current_task()), 1);
    return gyre_sleep(0);
}

static void test_after_a_cancel(void **state)
{
    check(after_a_cancel);
}

static int no_time(void *arg)
{
    gyre_timeout timeout;
    double seconds[] = {0, -1, -INFINITY};

    for (int i = 0; i < 3; i++) {
        assert_int_equal(gyre_timeout_begin(&timeout, seconds[i]), 0);
        /* S4: the body starts. test_timeouts.py::TimeoutTests::test_timeout_zero */
        assert_false(gyre_timeout_expired(&timeout));
        assert_int_equal(gyre_timeout_end(&timeout, gyre_sleep(1000)), -ETIMEDOUT);
        /* test_timeouts.py::TimeoutTests::test_timeout_zero_sleep_zero,
         * test_timeouts.py::TimeoutTests::test_timeout_in_the_past_sleep_zero */
        gyre_timeout_begin(&timeout, seconds[i]);
        assert_int_equal(gyre_timeout_end(&timeout, gyre_sleep(0)), -ETIMEDOUT);
        /* Left before it could strike. */
        gyre_timeout_begin(&timeout, seconds[i]);
        assert_int_equal(gyre_timeout_end(&timeout, 3), 3);
        assert_int_equal(gyre_sleep(0), 0);
    }
    return 0;
}

static void test_no_time(void **state)
{
    check(no_time);
}

static int swallow_the_strike(void *arg)
{
    gyre_timeout timeout;

    /* test_timeouts.py::TimeoutTests::test_foreign_exception_on_timeout: another error wins. */
    gyre_timeout_begin(&timeout, 0.001);
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    assert_int_equal(gyre_timeout_end(&timeout, -EIO), -EIO);
    assert_true(gyre_timeout_expired(&timeout));
    /* So does a result. */
    gyre_timeout_begin(&timeout, 0.001);
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    assert_int_equal(gyre_timeout_end(&timeout, 5), 5);
    assert_int_equal(gyre_task_cancelling(gyre_current_task()), 0);
    /* test_timeouts.py::TimeoutTests::test_foreign_exception_passed */
    gyre_timeout_begin(&timeout, 1000);
    assert_int_equal(gyre_timeout_end(&timeout, -EPIPE), -EPIPE);
    return gyre_sleep(0);
}

static void test_another_outcome_wins(void **state)
{
    check(swallow_the_strike);
}

static gyre_future *door;

static void open_door(void *arg)
{
    gyre_future_set_result(door, NULL);
}

static int end_as_it_strikes(void *arg)
{
    gyre_timeout timeout;
    double when = gyre_loop_time(loop) + 0.001;

    /* The door opens in the same turn, before the deadline strikes: the body is ready, the cancel is not
     * delivered yet. */
    gyre_loop_call_at(loop, when, open_door, NULL);
    gyre_timeout_begin_at(&timeout, when);
    assert_int_equal(gyre_await(door, NULL), GYRE_ECANCELLED);
    assert_int_equal(gyre_timeout_end(&timeout, 0), 0);
    assert_true(gyre_timeout_expired(&timeout));
    return gyre_sleep(0);
}

static void strike_now(void *arg)
{
    gyre_timeout *timeout = arg;

    assert_true(gyre_timeout_expired(timeout));
    note("struck");
}

static int leave_before_delivery(void *arg)
{
    gyre_timeout timeout;

    /* The deadline strikes while the task is ready, not waiting; the body does not wait again. */
    gyre_timeout_begin(&timeout, 0.001);
    hold_up(loop, 0.002);
    assert_int_equal(gyre_sleep(0), 0);
    gyre_loop_call_soon(loop, strike_now, &timeout);
    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    assert_int_equal(gyre_timeout_end(&timeout, 8), 8);
    /* S6, T22: no stray cancel at the next wait. */
    assert_int_equal(gyre_sleep(0), 0);
    assert_int_equal(gyre_sleep(0.001), 0);
    return 0;
}

/* T22: a deadline that strikes as the body ends leaves nothing behind. */
static void test_it_strikes_as_the_body_ends(void **state)
{
    door = gyre_loop_create_future(loop);
    check(end_as_it_strikes);
    gyre_future_unref(door);
    check(leave_before_delivery);
    noted[0] = '\0';
}

static gyre_timeout eager;

static void cancel_scope(void *arg)
{
    gyre_timeout_reschedule(&eager, 0);
}

static int stray(void *arg)
{
    gyre_task *self = gyre_current_task();

    gyre_timeout_begin(&eager, 1000);
    assert_int_equal(gyre_sleep(0), 0);
    /* As if it had struck while this code ran: a request that is not delivered. */
    gyre_handle_cancel(&eager.timer.handle);
    gyre_task_cancel(self);
    eager.state = 2;
    assert_int_equal(gyre_timeout_end(&eager, 6), 6);
    assert_int_equal(gyre_task_cancelling(self), 0);
    return gyre_sleep(0);
}

/* S6: withdrawn at the end of the scope. */
static void test_an_undelivered_strike_is_withdrawn(void **state)
{
    check(stray);
}

static int reschedule(void *arg)
{
    double start = gyre_loop_time(loop);

    /* test_timeouts.py::TimeoutTests::test_reschedule */
    gyre_timeout_begin(&eager, 1000);
    assert_int_equal(gyre_timeout_reschedule(&eager, start + 0.1), 0);
    assert_true(gyre_timeout_when(&eager) == start + 0.1);
    assert_int_equal(pending_timers(), 1);
    assert_int_equal(gyre_timeout_end(&eager, gyre_sleep(1000)), -ETIMEDOUT);
    /* test_timeouts.py::TimeoutTests::test_timeout_expired */
    assert_int_equal(gyre_timeout_reschedule(&eager, start), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Cannot change state of expired Timeout");
    /* To never, and back, by a callback. */
    gyre_timeout_begin(&eager, 0.001);
    assert_int_equal(gyre_timeout_reschedule(&eager, INFINITY), 0);
    assert_int_equal(pending_timers(), 0);
    assert_int_equal(gyre_sleep(0.003), 0);
    assert_int_equal(gyre_timeout_reschedule(&eager, NAN), GYRE_EVALUE);
    gyre_loop_call_soon(loop, cancel_scope, NULL);
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    /* test_timeouts.py::TimeoutTests::test_timeout_expiring */
    assert_int_equal(gyre_timeout_reschedule(&eager, start), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Cannot change state of expiring Timeout");
    assert_int_equal(gyre_timeout_end(&eager, GYRE_ECANCELLED), -ETIMEDOUT);
    return 0;
}

static void test_reschedule(void **state)
{
    check(reschedule);
}

/* test_timeouts.py::TimeoutTests::test_timeout_without_task */
static void test_without_a_task(void **state)
{
    gyre_timeout timeout;

    assert_int_equal(gyre_timeout_begin(&timeout, 1), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Timeout should be used inside a task");
    assert_int_equal(gyre_timeout_reschedule(&timeout, 0.02), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Timeout has not been entered");
    assert_int_equal(pending_timers(), 0);
}

static int no_number(void *arg)
{
    gyre_timeout timeout;

    assert_int_equal(gyre_timeout_begin(&timeout, NAN), GYRE_EVALUE);
    assert_int_equal(gyre_timeout_begin_at(&timeout, NAN), GYRE_EVALUE);
    return 0;
}

static void test_not_a_number(void **state)
{
    check(no_number);
}

static int clean_up_in_scope(void *arg)
{
    gyre_timeout outer, inner;
    ptrdiff_t code;

    gyre_timeout_begin(&outer, 0.001);
    code = gyre_sleep(1000);
    /* Cleaning up with a deadline of its own. */
    gyre_timeout_begin(&inner, 0.001);
    assert_int_equal(gyre_timeout_end(&inner, gyre_sleep(1000)), -ETIMEDOUT);
    assert_int_equal(gyre_timeout_end(&outer, code), -ETIMEDOUT);
    return gyre_sleep(0);
}

/* test_timeouts.py::TimeoutTests::test_nested_timeout_in_finally */
static void test_nested_while_cleaning_up(void **state)
{
    check(clean_up_in_scope);
}

static int await_door(void *arg)
{
    gyre_timeout timeout;

    gyre_timeout_begin(&timeout, 0.002);
    return (int)gyre_timeout_end(&timeout, gyre_await(door, NULL));
}

/* test_timeouts.py::TimeoutTests::test_waiter_cancelled */
static void test_what_it_waits_for_is_cancelled(void **state)
{
    door = gyre_loop_create_future(loop);
    assert_int_equal(run_main(await_door, NULL), -ETIMEDOUT);
    assert_true(gyre_future_cancelled(door));
    gyre_future_unref(door);
}

static int fail_while_cleaning_up(void *arg)
{
    gyre_timeout timeout;

    /* test_timeouts.py::TimeoutTests::test_timeout_exception_context */
    gyre_timeout_begin(&timeout, 0.01);
    gyre_error_set(-EIO, "before");
    assert_int_equal(gyre_timeout_end(&timeout, gyre_sleep(1)), -ETIMEDOUT);
    assert_string_equal(gyre_error_text(), "The deadline has passed");
    /* test_timeouts.py::TimeoutTests::test_foreign_exception_on_timeout_2 */
    gyre_timeout_begin(&timeout, 0.01);
    assert_int_equal(gyre_sleep(1), GYRE_ECANCELLED);
    assert_int_equal(gyre_timeout_end(&timeout, gyre_error_set(-EIO, "by zero")), -EIO);
    assert_string_equal(gyre_error_text(), "by zero (after the deadline had passed)");
    /* A result, or a failure in time, has nothing to do with the deadline. */
    gyre_timeout_begin(&timeout, 0.01);
    assert_int_equal(gyre_timeout_end(&timeout, gyre_error_set(-EIO, "by zero")), -EIO);
    assert_string_equal(gyre_error_text(), "by zero");
    return gyre_sleep(0.02);
}

static void test_a_failure_says_that_it_came_late(void **state)
{
    check(fail_while_cleaning_up);
}

static int enter_twice(void *arg)
{
    gyre_timeout timeout;

    assert_int_equal(gyre_timeout_init(&timeout, 0.01), 0);
    assert_int_equal(gyre_timeout_enter(&timeout), 0);
    /* test_timeouts.py::TimeoutTests::test_timeout_already_entered */
    assert_int_equal(gyre_timeout_enter(&timeout), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Timeout has already been entered");
    assert_int_equal(gyre_timeout_end(&timeout, 0), 0);
    /* test_timeouts.py::TimeoutTests::test_timeout_double_enter */
    assert_int_equal(gyre_timeout_enter(&timeout), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Timeout has already been entered");
    return 0;
}

static int enter_late(void *arg)
{
    gyre_timeout timeout;

    /* test_timeouts.py::TimeoutTests::test_timeout_not_entered */
    assert_int_equal(gyre_timeout_init(&timeout, 0.01), 0);
    assert_int_equal(gyre_timeout_reschedule(&timeout, 0.02), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Timeout has not been entered");
    /* Until it is entered there is no deadline to pass; it counts from the init. */
    gyre_sleep(0.02);
    assert_false(gyre_timeout_expired(&timeout));
    assert_int_equal(gyre_timeout_enter(&timeout), 0);
    assert_int_equal(gyre_timeout_end(&timeout, gyre_sleep(0)), -ETIMEDOUT);
    return 0;
}

static void test_made_here_and_entered_there(void **state)
{
    check(enter_twice);
    check(enter_late);
}

static int crash_in_cleanup(void *arg)
{
    assert_int_equal(gyre_sleep(2), GYRE_ECANCELLED);
    return gyre_error_set(-EDOM, "by zero");
}

static int group_in_scope(void *arg)
{
    gyre_timeout timeout;
    gyre_task_group group;
    ptrdiff_t code;

    /* test_timeouts.py::TimeoutTests::test_timeout_taskgroup */
    gyre_timeout_begin(&timeout, 0.01);
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, crash_in_cleanup, NULL);
    code = gyre_task_group_end(&group, gyre_sleep(1));
    assert_int_equal(code, -EDOM);
    assert_int_equal(gyre_task_group_errors(&group, NULL), 1);
    assert_int_equal(gyre_timeout_end(&timeout, code), -EDOM);
    assert_string_equal(gyre_error_text(), "by zero (after the deadline had passed)");
    assert_true(gyre_timeout_expired(&timeout));
    assert_int_equal(gyre_task_cancelling(gyre_current_task()), 0);
    return gyre_sleep(0);
}

static void test_around_a_task_group(void **state)
{
    check(group_in_scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_basic),
        ON_SIM(test_at),
        ON_SIM(test_in_time),
        ON_SIM(test_nested),
        ON_SIM(test_nested_both_strike),
        ON_SIM(test_a_foreign_cancel),
        ON_SIM(test_a_foreign_cancel_and_the_deadline),
        ON_SIM(test_after_a_cancel),
        ON_SIM(test_no_time),
        ON_SIM(test_another_outcome_wins),
        ON_SIM(test_it_strikes_as_the_body_ends),
        ON_SIM(test_an_undelivered_strike_is_withdrawn),
        ON_SIM(test_reschedule),
        ON_SIM(test_without_a_task),
        ON_SIM(test_not_a_number),
        ON_SIM(test_nested_while_cleaning_up),
        ON_SIM(test_what_it_waits_for_is_cancelled),
        ON_SIM(test_a_failure_says_that_it_came_late),
        ON_SIM(test_made_here_and_entered_there),
        ON_SIM(test_around_a_task_group),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
