/* test_await.c - waiting for one future: from a task, from outside, from where it cannot be done. */
#include "unit.h"

#include "task/task.h"

static int yields;

static void count_turn(void *arg)
{
    yields++;
    gyre_loop_call_soon(loop, count_turn, NULL);
}

static int await_done(void *arg)
{
    gyre_future *future = gyre_loop_create_future(loop);
    void *value = NULL;
    int before;

    gyre_sleep(0);
    before = yields;
    gyre_future_set_result(future, "value");
    assert_int_equal(gyre_await(future, &value), 0);
    assert_string_equal(value, "value");
    /* T13: a done future does not yield. */
    assert_int_equal(yields, before);
    /* test_tasks.py::SleepTests::test_sleep_zero: exactly one turn. */
    assert_int_equal(gyre_sleep(0), 0);
    assert_int_equal(yields, before + 1);
    assert_int_equal(gyre_sleep(-5), 0);
    assert_int_equal(yields, before + 2);
    gyre_future_unref(future);
    return 0;
}

static void test_await_a_done_future(void **state)
{
    yields = 0;
    gyre_loop_call_soon(loop, count_turn, NULL);
    assert_int_equal(run_main(await_done, NULL), 0);
}

static void note_done(gyre_future *future, void *word)
{
    note(word);
}

static int await_it(void *future)
{
    void *value = NULL;
    int err = gyre_await(future, &value);

    note(err ? "raised" : value ? value : "woken");
    return err;
}

/* Spec 6 S2: the task wakes as a done-callback in its place, one turn after the completion. */
static void test_await_a_pending_future(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_future_add_done_callback(future, note_done, "before");
    gyre_loop_create_task(loop, NULL, await_it, future);
    run_once();
    gyre_future_add_done_callback(future, note_done, "after");
    gyre_future_set_result(future, "value");
    gyre_loop_call_soon(loop, note, "soon");
    assert_noted("");
    run_once();
    assert_noted("before value after soon");
    gyre_future_unref(future);
}

static int await_failing(void *future)
{
    int err = gyre_await(future, NULL);

    assert_int_equal(err, -EIO);
    assert_string_equal(gyre_error_text(), "it broke");
    return 0;
}

/* The exception comes out of the await with its sentence, and counts as seen. */
static void test_await_a_failing_future(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_loop_create_task(loop, NULL, await_failing, future);
    gyre_loop_create_task(loop, NULL, await_failing, future);
    run_once();
    gyre_error_set(-EIO, "it broke");
    gyre_future_set_exception(future, -EIO);
    run_once();
    gyre_future_unref(future);
    assert_told(0, "");
}

static int misuse(void *arg)
{
    gyre_loop *other = gyre_loop_new();
    gyre_future *foreign = gyre_loop_create_future(other);

    /* test_tasks.py::BaseTaskTests::test_task_awaits_on_itself */
    assert_int_equal(gyre_await(gyre_current_task(), NULL), GYRE_EAWAIT);
    assert_string_equal(gyre_error_text(), "Task cannot await on itself");
    /* test_tasks.py::BaseTaskTests::test_other_loop_future */
    assert_int_equal(gyre_await(foreign, NULL), GYRE_EWRONGLOOP);
    gyre_future_set_result(foreign, NULL);
    assert_int_equal(gyre_await(foreign, NULL), GYRE_EWRONGLOOP);
    /* test_tasks.py::BaseTaskTests::test_sleep_when_delay_is_nan */
    assert_int_equal(gyre_sleep(NAN), GYRE_EVALUE);
    assert_int_equal(gyre_loop_run_until_complete(loop, foreign, NULL), GYRE_ELOOPRUNNING);
    gyre_future_unref(foreign);
    gyre_loop_unref(other);
    return gyre_sleep(0) ? -1 : 42;
}

/* Spec 6 S3: the task survives. */
static void test_misuse(void **state)
{
    assert_int_equal(run_main(misuse, NULL), 42);
}

static int await_itself(void *arg)
{
    int err = gyre_await(gyre_current_task(), NULL);

    note(err == GYRE_EAWAIT ? "raised" : err == GYRE_ECANCELLED ? "cancelled" : "?");
    return 0;
}

/* The error comes at the task's next step, as all that asyncio raises at an await. */
static void test_misuse_takes_a_turn(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, NULL, await_itself, NULL);
    gyre_loop_create_task(loop, &task, await_itself, NULL);
    gyre_loop_call_soon(loop, note, "callback");
    run_once();
    assert_noted("callback");
    gyre_task_cancel(task);
    run_once();
    assert_noted("raised cancelled");
    gyre_future_unref(task);
}

static void await_in_callback(void *future)
{
    gyre_loop_stats before, after;

    gyre_loop_get_stats(loop, &before);
    assert_int_equal(gyre_await(future, NULL), GYRE_EAWAIT);
    assert_int_equal(gyre_sleep(0), GYRE_EAWAIT);
    assert_int_equal(gyre_sleep(1000), GYRE_EAWAIT);
    assert_int_equal(gyre_wait_for(future, NULL, 1000), GYRE_EAWAIT);
    assert_int_equal(gyre_wait((gyre_future *[]){future}, 1), GYRE_EAWAIT);
    gyre_loop_get_stats(loop, &after);
    assert_int_equal(after.timers, before.timers);
    assert_int_equal(after.tasks, before.tasks);
    note("back");
}

/* T14, spec 6 S4: a plain callback cannot wait; it gets a code, and nothing is left behind. */
static void test_await_in_a_plain_callback(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_loop_call_soon(loop, await_in_callback, future);
    run_once();
    assert_noted("back");
    assert_false(gyre_future_done(future));
    gyre_future_unref(future);
}

static void complete(void *future)
{
    gyre_future_set_result(future, "late");
}

/* test_events.py::EventLoopTestsMixin::test_run_until_complete: outside, it drives the loop. */
static void test_await_outside(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    double start = gyre_loop_time(loop);
    void *value = NULL;

    gyre_loop_call_later(loop, 0.005, complete, future);
    assert_int_equal(gyre_await(future, &value), 0);
    assert_string_equal(value, "late");
    assert_int_equal(gyre_sleep(0.005), 0);
    assert_true(gyre_loop_time(loop) >= start + 0.01);
    assert_int_equal(gyre_sleep(0), 0);
    assert_int_equal(gyre_sleep(NAN), GYRE_EVALUE);
    gyre_future_unref(future);
}

/* test_base_events.py::BaseEventLoopTests::test_run_until_complete_loop; spec 2, run_until_complete S2, S3,
 * S7
 */
static void test_run_until_complete(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop), *failed = gyre_loop_create_future(loop);
    gyre_loop *other = gyre_loop_new();
    void *value = NULL;

    gyre_future_set_result(future, "done");
    assert_int_equal(gyre_loop_run_until_complete(loop, future, &value), 0);
    assert_string_equal(value, "done");
    gyre_error_set(-EIO, "why");
    gyre_future_set_exception(failed, -EIO);
    assert_int_equal(gyre_loop_run_until_complete(loop, failed, &value), -EIO);
    assert_string_equal(gyre_error_text(), "why");
    assert_int_equal(gyre_loop_run_until_complete(other, future, NULL), GYRE_EWRONGLOOP);
    assert_string_equal(gyre_error_text(), "The future belongs to a different loop than the one specified");
    gyre_future_unref(failed);
    failed = gyre_loop_create_future(loop);
    gyre_future_cancel(failed);
    assert_int_equal(gyre_loop_run_until_complete(loop, failed, NULL), GYRE_ECANCELLED);
    gyre_future_unref(failed);
    gyre_future_unref(future);
    gyre_loop_unref(other);
}

static int fail_with(void *text)
{
    return gyre_error_set(GYRE_EVALUE, "%s", (const char *)text);
}

/* uv:test_base.py::_TestBase::test_run_until_complete_error */
static void test_run_until_it_fails(void **state)
{
    assert_int_equal(run_main(fail_with, "aaa"), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "aaa");
}

/* test_base_events.py::BaseEventLoopTests::test_run_until_complete_type_error: the loop may run after it. */
static void test_run_until_nothing(void **state)
{
    assert_int_equal(gyre_loop_run_until_complete(loop, NULL, NULL), GYRE_ETYPE);
    assert_string_equal(gyre_error_text(), "A future or a task is required");
    assert_false(gyre_loop_is_running(loop));
    run_once();
}

/* test_events.py::EventLoopTestsMixin::test_run_until_complete_stopped,
 * test_tasks.py::BaseTaskTests::test_stop_while_run_in_complete; S4, S5, T3 */
static void test_stopped_before_it_is_done(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop), *other = gyre_loop_create_future(loop);

    gyre_loop_call_soon(loop, stop_loop, NULL);
    assert_int_equal(gyre_loop_run_until_complete(loop, future, NULL), GYRE_ESTOPPED);
    assert_string_equal(gyre_error_text(), "Event loop stopped before Future completed.");
    assert_false(gyre_future_done(future));
    assert_null(future->callbacks);
    /* Its completion stops nobody. */
    gyre_future_set_result(future, "now");
    gyre_loop_call_later(loop, 0.002, complete, other);
    assert_int_equal(gyre_loop_run_until_complete(loop, other, NULL), 0);
    gyre_future_unref(future);
    gyre_future_unref(other);
}

static gyre_future *both[2];

static void stop_and_complete_first(void *arg)
{
    gyre_loop_stop(loop);
    gyre_future_set_result(both[0], NULL);
}

/* T3: completed after stop(): the callback waits behind the marker, and must not end the next run.
 * test_base_events.py::BaseEventLoopTests::test_run_until_complete_loop_orphan_future_close_loop */
static void test_a_stale_callback_ends_no_other_run(void **state)
{
    both[0] = gyre_loop_create_future(loop);
    both[1] = gyre_loop_create_future(loop);
    gyre_loop_call_soon(loop, stop_and_complete_first, NULL);
    assert_int_equal(gyre_loop_run_until_complete(loop, both[0], NULL), 0);
    gyre_loop_call_later(loop, 0.002, complete, both[1]);
    assert_int_equal(gyre_loop_run_until_complete(loop, both[1], NULL), 0);
    gyre_future_unref(both[0]);
    gyre_future_unref(both[1]);
}

/* Spec 2, run_until_complete S6: the batch of the done-callback is completed, nothing more. */
static void test_the_batch_is_completed(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_loop_call_soon(loop, complete, future);
    gyre_loop_call_soon(loop, note, "same batch");
    gyre_future_add_done_callback(future, note_done, "callback");
    assert_int_equal(gyre_loop_run_until_complete(loop, future, NULL), 0);
    assert_noted("same batch callback");
    gyre_future_unref(future);
}

static int nothing(void *arg)
{
    return 3;
}

/* Spec 2 S3: no leftover gets a step too many. */
static void test_leftovers_get_no_step_too_many(void **state)
{
    yields = 0;
    gyre_loop_call_soon(loop, count_turn, NULL);
    assert_int_equal(run_main(nothing, NULL), 3);
    /* One turn for the body, one for its done-callback. */
    assert_int_equal(yields, 2);
}

static int sleep_long(void *arg)
{
    return gyre_sleep(1000);
}

/* test_tasks.py::BaseTaskTests::test_sleep_cancel: its timer goes with it. */
static void test_a_cancelled_sleep_takes_its_timer_along(void **state)
{
    gyre_loop_stats stats;
    gyre_task *task;

    gyre_loop_create_task(loop, &task, sleep_long, NULL);
    run_once();
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.timers, 1);
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.timers, 0);
    gyre_future_unref(task);
}

static int sleep_and_note(void *arg)
{
    int err = gyre_sleep((double)(intptr_t)arg);

    note(arg == (void *)1 ? "1" : arg == (void *)4 ? "4" : "8");
    return err;
}

/* test_tasks.py::BaseTaskTests::test_sleep */
static void test_sleep(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, sleep_and_note, (void *)8);
    gyre_loop_create_task(loop, NULL, sleep_and_note, (void *)4);
    gyre_loop_create_task(loop, NULL, sleep_and_note, (void *)1);
    assert_int_equal(gyre_await(task, NULL), 0);
    assert_noted("1 4 8");
    assert_true(gyre_loop_time(loop) == 8);
    gyre_future_unref(task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_await_a_done_future),
        ON_LOOP(test_await_a_pending_future),
        ON_LOOP(test_await_a_failing_future),
        ON_LOOP(test_misuse),
        ON_LOOP(test_misuse_takes_a_turn),
        ON_LOOP(test_await_in_a_plain_callback),
        ON_LOOP(test_await_outside),
        ON_LOOP(test_run_until_complete),
        ON_LOOP(test_run_until_it_fails),
        ON_LOOP(test_run_until_nothing),
        ON_SIM(test_stopped_before_it_is_done),
        ON_SIM(test_a_stale_callback_ends_no_other_run),
        ON_LOOP(test_the_batch_is_completed),
        ON_LOOP(test_leftovers_get_no_step_too_many),
        ON_SIM(test_a_cancelled_sleep_takes_its_timer_along),
        ON_SIM(test_sleep),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
