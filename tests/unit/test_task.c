/* test_task.c - tasks: made, stepped, cancelled by the ten rules, finished. */
#include "unit.h"

#include "task/task.h"

static gyre_task *start(gyre_coroutine fn, void *arg)
{
    gyre_task *task;

    assert_int_equal(gyre_loop_create_task(loop, &task, fn, arg), 0);
    return task;
}

static int return_it(void *arg)
{
    return (int)(intptr_t)arg;
}

static int note_it(void *word)
{
    note(word);
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_task_basics, test_tasks.py::BaseTaskTests::test_bare_create_task,
 * test_base_events.py::BaseEventLoopTests::test_create_task; spec 7 S1, S2, T15 */
static void test_basics(void **state)
{
    gyre_task *task = start(note_it, "1");

    gyre_loop_create_task(loop, NULL, note_it, "2");
    gyre_create_task(NULL, note_it, "3");
    assert_noted("");
    assert_false(gyre_future_done(task));
    run_once();
    assert_noted("1 2 3");
    assert_true(gyre_future_done(task));
    assert_int_equal(gyre_future_result(task, NULL), 0);
    gyre_future_unref(task);
    assert_int_equal(run_main(return_it, (void *)7), 7);
}

/* test_tasks.py::BaseTaskTests::test_bare_create_named_task, uv:test_base.py::_TestBase::test_set_task_name;
 * S3 */
static void test_names(void **state)
{
    gyre_task *first = start(return_it, NULL), *named, *third;
    char name[] = "worker";

    gyre_loop_create_task(loop, &named, return_it, NULL, .name = name);
    name[0] = 'X';
    third = start(return_it, NULL);
    assert_string_equal(gyre_task_get_name(first), "Task-1");
    assert_string_equal(gyre_task_get_name(named), "worker");
    assert_string_equal(gyre_task_get_name(third), "Task-3");
    gyre_task_set_name(third, "other");
    assert_string_equal(gyre_task_get_name(third), "other");
    gyre_task_set_name(third, gyre_task_get_name(third));
    assert_string_equal(gyre_task_get_name(third), "other");
    gyre_task_set_name(third, NULL);
    assert_string_equal(gyre_task_get_name(third), "Task-3");
    run_once();
    gyre_future_unref(first);
    gyre_future_unref(named);
    gyre_future_unref(third);
}

/* test_base_events.py::BaseEventLoopTests::test_create_task_error_closes_coro; S4 */
static void test_on_a_closed_loop(void **state)
{
    gyre_task *task = NULL;
    int released = 0;

    close_now();
    assert_int_equal(gyre_loop_create_task(loop, &task, return_it, &released, .release = count_release),
                     GYRE_ELOOPCLOSED);
    assert_null(task);
    assert_int_equal(released, 1);
    assert_string_equal(gyre_error_text(), "Event loop is closed");
}

/* test_tasks.py::BaseTaskTests::test_task_set_methods,
 * test_tasks.py::SetMethodsTest::test_set_result_causes_invalid_state,
 * test_tasks.py::SetMethodsTest::test_set_exception_causes_invalid_state */
static void test_set_methods(void **state)
{
    gyre_task *task = start(return_it, (void *)5);

    assert_int_equal(gyre_future_set_result(task, NULL), GYRE_ERUNTIME);
    assert_int_equal(gyre_future_set_exception(task, -EIO), GYRE_ERUNTIME);
    assert_int_equal(gyre_await(task, NULL), 5);
    assert_int_equal(gyre_future_set_result(task, NULL), GYRE_ERUNTIME);
    gyre_future_unref(task);
}

static int raise_error(void *words)
{
    return gyre_error_set(-EIO, "%s", (const char *)words);
}

/* Each task has its own sentence; it goes with the exception. */
static void test_exception(void **state)
{
    gyre_task *one = start(raise_error, "one"), *two = start(raise_error, "two");

    gyre_error_set(-EPIPE, "outside");
    run_once();
    assert_string_equal(gyre_error_text(), "outside");
    assert_int_equal(gyre_future_exception(two), -EIO);
    assert_string_equal(gyre_error_text(), "two");
    assert_int_equal(gyre_future_exception(one), -EIO);
    assert_string_equal(gyre_error_text(), "one");
    assert_false(gyre_future_cancelled(one));
    gyre_future_unref(one);
    gyre_future_unref(two);
}

static int keep_sentence(void *word)
{
    gyre_error_set(-EIO, "%s", (const char *)word);
    for (int i = 0; i < 5; i++) {
        gyre_sleep(0);
        assert_string_equal(gyre_error_text(), word);
    }
    return 0;
}

static void test_the_sentence_is_switched_with_the_task(void **state)
{
    gyre_task *one = start(keep_sentence, "one"), *two = start(keep_sentence, "two");

    run_passes(10);
    assert_int_equal(gyre_future_result(one, NULL) | gyre_future_result(two, NULL), 0);
    gyre_future_unref(one);
    gyre_future_unref(two);
}

/* Reported when its last reference goes; nobody's tasks at their end. */
static void test_never_retrieved(void **state)
{
    gyre_task *task = start(raise_error, "unheard");

    gyre_loop_create_task(loop, NULL, raise_error, "orphan");
    run_once();
    assert_string_equal(told.text, "orphan");
    assert_told(1, "Task exception was never retrieved");
    assert_ptr_equal(told.task, told.future);
    gyre_future_unref(task);
    assert_string_equal(told.text, "unheard");
    assert_told(1, "Task exception was never retrieved");
}

/* test_tasks.py::BaseTaskTests::test_tb_logger_not_called_after_cancel */
static void test_not_reported_after_cancel(void **state)
{
    gyre_task *task = start(raise_error, "x");

    run_once();
    assert_false(gyre_task_cancel(task));
    gyre_future_unref(task);
    assert_told(0, "");
}

static void note_done(gyre_future *future, void *word)
{
    note(word);
}

/* Completion: done-callbacks come through the loop; spec 7. */
static void test_done_callbacks(void **state)
{
    gyre_task *task = start(note_it, "body");

    gyre_future_add_done_callback(task, note_done, "done");
    run_once();
    assert_noted("body");
    run_once();
    assert_noted("done");
    gyre_future_unref(task);
}

/* S5, test_tasks.py::BaseTaskTests::test_cancel_with_message_before_starting_task: the body never runs. */
static void test_cancel_before_the_start(void **state)
{
    gyre_task *task;
    int released = 0;

    gyre_loop_create_task(loop, &task, note_it, &released, .release = count_release);
    assert_true(gyre_task_cancel(task));
    assert_false(gyre_future_done(task));
    run_once();
    assert_noted("");
    assert_int_equal(released, 1);
    assert_true(gyre_future_cancelled(task));
    assert_int_equal(gyre_future_result(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
}

/* S1: done, so false, and it counts nothing. */
static void test_cancel_when_done(void **state)
{
    gyre_task *task = start(return_it, (void *)3);

    run_once();
    assert_false(gyre_task_cancel(task));
    assert_int_equal(gyre_task_cancelling(task), 0);
    assert_false(gyre_future_cancelled(task));
    assert_int_equal(gyre_future_result(task, NULL), 3);
    gyre_future_unref(task);
}

static int wait_and_note(void *future)
{
    int err = gyre_await(future, NULL);

    note(err == GYRE_ECANCELLED ? "cancelled" : err ? "raised" : "result");
    return err;
}

/* S3, test_tasks.py::BaseTaskTests::test_cancel: what it waits for is cancelled at once, the task hears of it
 * one turn later. */
static void test_cancel_while_waiting(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task = start(wait_and_note, future);

    run_once();
    assert_true(gyre_task_cancel(task));
    assert_true(gyre_future_cancelled(future));
    assert_false(gyre_future_done(task));
    assert_noted("");
    run_once();
    assert_noted("cancelled");
    assert_true(gyre_future_cancelled(task));
    gyre_future_unref(task);
    gyre_future_unref(future);
}

/* test_tasks.py::BaseTaskTests::test_cancel_inner_future: it comes out as CancelledError though nobody
 * cancelled the task; and so ends it. */
static void test_cancel_the_inner_future(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task = start(wait_and_note, future);

    run_once();
    gyre_future_cancel(future);
    run_once();
    assert_noted("cancelled");
    assert_true(gyre_future_cancelled(task));
    assert_int_equal(gyre_task_cancelling(task), 0);
    gyre_future_unref(task);
    gyre_future_unref(future);
}

/* test_tasks.py::BaseTaskTests::test_cancel_both_task_and_inner_future */
static void test_cancel_both(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task = start(wait_and_note, future);

    run_once();
    gyre_future_cancel(future);
    assert_true(gyre_task_cancel(task));
    run_once();
    assert_noted("cancelled");
    assert_true(gyre_future_cancelled(task));
    gyre_future_unref(task);
    gyre_future_unref(future);
}

/* S4, test_tasks.py::BaseTaskTests::test_cancel_with_message_then_future_result,
 * test_tasks.py::BaseTaskTests::test_cancel_with_message_then_future_exception: the future is done, the task
 * has not run: the result is lost. */
static void test_cancel_after_the_result(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop), *failed = gyre_loop_create_future(loop);
    gyre_task *task = start(wait_and_note, future), *other = start(wait_and_note, failed);

    run_once();
    gyre_future_set_result(future, NULL);
    gyre_future_set_exception(failed, -EIO);
    assert_true(gyre_task_cancel(task));
    assert_true(gyre_task_cancel(other));
    run_once();
    assert_noted("cancelled cancelled");
    gyre_future_unref(task);
    gyre_future_unref(other);
    gyre_future_unref(future);
    gyre_future_unref(failed);
}

/* S6, test_tasks.py::BaseTaskTests::test_cancel_current_task: not inline, and not at the await of what is
 * done already. */
static int cancel_itself(void *done)
{
    assert_true(gyre_task_cancel(gyre_current_task()));
    note("goes on");
    assert_int_equal(gyre_await(done, NULL), 0);
    note("done does not raise");
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    note("raised");
    /* S8: once. */
    assert_int_equal(gyre_sleep(0), 0);
    return 9;
}

static void test_cancel_the_current_task(void **state)
{
    gyre_future *done = gyre_loop_create_future(loop);

    gyre_future_set_result(done, NULL);
    assert_int_equal(run_main(cancel_itself, done), 9);
    assert_noted("goes on done does not raise raised");
    gyre_future_unref(done);
}

static int cancel_and_return(void *code)
{
    gyre_task_cancel(gyre_current_task());
    return (int)(intptr_t)code;
}

/* S6, test_tasks.py::BaseTaskTests::test_cancel_at_end: the value is dropped; another exception wins. */
static void test_cancel_at_the_end(void **state)
{
    gyre_task *returned = start(cancel_and_return, (void *)5),
              *raised = start(cancel_and_return, (void *)-EIO);

    run_once();
    assert_true(gyre_future_cancelled(returned));
    assert_false(gyre_future_cancelled(raised));
    assert_int_equal(gyre_future_exception(raised), -EIO);
    gyre_future_unref(returned);
    gyre_future_unref(raised);
}

static int cancel_then_wait(void *future)
{
    gyre_task_cancel(gyre_current_task());
    return wait_and_note(future);
}

/* S7: must_cancel is set, and then it waits: the future is cancelled at once. */
static void test_cancel_then_wait(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task = start(cancel_then_wait, future);

    run_once();
    assert_true(gyre_future_cancelled(future));
    assert_noted("");
    run_once();
    assert_noted("cancelled");
    gyre_future_unref(task);
    gyre_future_unref(future);
}

static int swallow(void *futures)
{
    gyre_future **two = futures;

    note(gyre_await(two[0], NULL) == GYRE_ECANCELLED ? "swallowed" : "?");
    note(gyre_await(two[1], NULL) == 0 ? "result" : "?");
    return 8;
}

/* S8, test_tasks.py::BaseTaskTests::test_cancel_task_catching,
 * test_tasks.py::BaseTaskTests::test_cancel_task_ignoring: a swallowed cancel is gone. */
static void test_a_swallowed_cancel(void **state)
{
    gyre_future *two[] = {gyre_loop_create_future(loop), gyre_loop_create_future(loop)};
    gyre_task *task = start(swallow, two);

    run_once();
    gyre_task_cancel(task);
    run_once();
    assert_noted("swallowed");
    assert_false(gyre_future_done(task));
    gyre_future_set_result(two[1], NULL);
    run_once();
    assert_noted("result");
    assert_int_equal(gyre_future_result(task, NULL), 8);
    assert_false(gyre_future_cancelled(task));
    assert_int_equal(gyre_task_cancelling(task), 1);
    gyre_future_unref(task);
    gyre_future_unref(two[0]);
    gyre_future_unref(two[1]);
}

/* S2, S9: two cancels before it runs are one error and a count of two. */
static void test_two_cancels(void **state)
{
    gyre_future *two[] = {gyre_loop_create_future(loop), gyre_loop_create_future(loop)};
    gyre_task *task = start(swallow, two);

    run_once();
    assert_true(gyre_task_cancel(task));
    /* test_tasks.py::BaseTaskTests::test_cancelling */
    assert_int_equal(gyre_task_cancelling(task), 1);
    assert_true(gyre_task_cancel(task));
    assert_int_equal(gyre_task_cancelling(task), 2);
    run_once();
    assert_noted("swallowed");
    assert_false(gyre_future_done(two[1]));
    gyre_future_set_result(two[1], NULL);
    run_once();
    assert_noted("result");
    gyre_future_unref(task);
    gyre_future_unref(two[0]);
    gyre_future_unref(two[1]);
}

static int note_the_message(void *future)
{
    int err = gyre_await(future, NULL);

    note(err == GYRE_ECANCELLED ? (char *)gyre_error_text() : "?");
    return err;
}

/* Of two cancels the first wakes the task, and what it said comes out, whatever the second says. */
static void test_the_message_of_two_cancels(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop), *other = gyre_loop_create_future(loop);
    gyre_task *first = start(note_the_message, future), *second = start(note_the_message, other);

    run_once();
    gyre_task_cancel(first, .msg = "first");
    gyre_task_cancel(first);
    gyre_task_cancel(second);
    gyre_task_cancel(second, .msg = "second");
    run_once();
    assert_noted("first ");
    gyre_future_unref(first);
    gyre_future_unref(second);
    gyre_future_unref(future);
    gyre_future_unref(other);
}

static int clean_up(void *future)
{
    int err = gyre_await(future, NULL);

    note("cleaning");
    note(gyre_sleep(1000) == GYRE_ECANCELLED ? "interrupted" : "?");
    return err;
}

/* S10: cleaning up may wait; a second cancel interrupts that. */
static void test_cancel_while_cleaning_up(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task = start(clean_up, future);

    run_once();
    gyre_task_cancel(task);
    run_once();
    assert_noted("cleaning");
    gyre_task_cancel(task);
    run_passes(2);
    assert_noted("interrupted");
    assert_true(gyre_future_cancelled(task));
    gyre_future_unref(task);
    gyre_future_unref(future);
}

static int await_task(void *task)
{
    int err = gyre_await(task, NULL);

    note(err == GYRE_ECANCELLED ? "outer cancelled" : "outer ?");
    return err;
}

/* S3, test_tasks.py::BaseTaskTests::test_cancel_awaited_task,
 * test_tasks.py::BaseTaskTests::test_yield_future_passes_cancel: the inner task is cancelled, the outer one
 * hears when the inner has cleaned up. */
static void test_cancel_through_an_inner_task(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *inner = start(clean_up, future), *outer = start(await_task, inner);

    run_once();
    assert_true(gyre_task_cancel(outer));
    assert_int_equal(gyre_task_cancelling(inner), 1);
    assert_true(gyre_future_cancelled(future));
    run_passes(3);
    assert_noted("cleaning");
    assert_false(gyre_future_done(outer));
    gyre_task_cancel(inner);
    run_passes(4);
    assert_noted("interrupted outer cancelled");
    assert_true(gyre_future_cancelled(outer));
    gyre_future_unref(inner);
    gyre_future_unref(outer);
    gyre_future_unref(future);
}

static int swallow_sleep(void *arg)
{
    gyre_sleep(1000);
    return 4;
}

/* The inner task eats the cancel: the outer one gets its value. */
static void test_an_inner_task_swallows_it(void **state)
{
    gyre_task *inner = start(swallow_sleep, NULL), *outer = start(await_task, inner);

    run_once();
    gyre_task_cancel(outer);
    run_passes(4);
    assert_noted("outer ?");
    assert_int_equal(gyre_future_result(outer, NULL), 4);
    gyre_future_unref(inner);
    gyre_future_unref(outer);
}

/* test_tasks.py::BaseTaskTests::test_cancel_yield */
static int yield_twice(void *arg)
{
    int err = gyre_sleep(0);

    if (!err)
        err = gyre_sleep(0);
    return err;
}

static void test_cancel_while_yielding(void **state)
{
    gyre_task *task = start(yield_twice, NULL);

    run_once();
    assert_true(gyre_task_cancel(task));
    run_once();
    assert_true(gyre_future_cancelled(task));
    gyre_future_unref(task);
}

static int cancelled_by_hand(void *arg)
{
    return GYRE_ECANCELLED;
}

/* Spec 7, completion: CancelledError escapes though cancel() was never called. */
static void test_returning_the_code(void **state)
{
    gyre_task *task = start(cancelled_by_hand, NULL);

    run_once();
    assert_true(gyre_future_cancelled(task));
    gyre_future_unref(task);
}

static int take_back(void *arg)
{
    gyre_task *self = gyre_current_task();

    /* test_tasks.py::BaseTaskTests::test_uncancel_basic: a floor of 0. */
    assert_int_equal(gyre_task_uncancel(self), 0);
    gyre_task_cancel(self);
    gyre_task_cancel(self);
    assert_int_equal(gyre_task_cancelling(self), 2);
    assert_int_equal(gyre_task_uncancel(self), 1);
    /* test_tasks.py::BaseTaskTests::test_uncancel_resets_must_cancel: at 0 it is withdrawn. */
    assert_int_equal(gyre_task_uncancel(self), 0);
    assert_int_equal(gyre_task_uncancel(self), 0);
    assert_int_equal(gyre_sleep(0), 0);
    gyre_task_cancel(self);
    gyre_task_cancel(self);
    gyre_task_uncancel(self);
    /* One is left: it is delivered. */
    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    assert_int_equal(gyre_task_cancelling(self), 1);
    return 6;
}

static void test_uncancel(void **state)
{
    assert_int_equal(run_main(take_back, NULL), 6);
}

static gyre_task *ring[3];

static int await_next(void *index)
{
    return gyre_await(ring[((intptr_t)index + 1) % 3], NULL);
}

/* T43: tasks that await each other in a ring: cancel() comes back, and a closed loop ends them. */
static void test_a_ring_of_tasks(void **state)
{
    for (intptr_t i = 0; i < 3; i++)
        ring[i] = start(await_next, (void *)i);
    run_once();
    assert_true(gyre_task_cancel(ring[0]));
    for (int i = 0; i < 3; i++)
        assert_int_equal(gyre_task_cancelling(ring[i]), 1);
    run_passes(3);
    close_now();
    for (int i = 0; i < 3; i++) {
        assert_true(gyre_future_cancelled(ring[i]));
        gyre_future_unref(ring[i]);
    }
}

/* Long chains are walked without recursion. */
static void test_a_long_chain(void **state)
{
    enum { COUNT = 300 };
    gyre_task *chain[COUNT];

    chain[0] = start(swallow_sleep, NULL);
    for (int i = 1; i < COUNT; i++)
        chain[i] = start(await_task, chain[i - 1]);
    run_once();
    assert_true(gyre_task_cancel(chain[COUNT - 1]));
    assert_int_equal(gyre_task_cancelling(chain[0]), 1);
    assert_int_equal(gyre_await(chain[COUNT - 1], NULL), 4);
    for (int i = 0; i < COUNT; i++)
        gyre_future_unref(chain[i]);
}

static int note_current(void *arg)
{
    *(gyre_task **)arg = gyre_current_task();
    return 0;
}

static int start_eagerly(void *arg)
{
    gyre_task *task, *inner = NULL;

    /* test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_eager_completion,
     * test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_current_task,
     * test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_all_tasks_with_eager_completion */
    gyre_create_task(&task, note_current, &inner, .eager_start = GYRE_YES);
    assert_true(gyre_future_done(task));
    assert_ptr_equal(inner, task);
    assert_ptr_not_equal(gyre_current_task(), task);
    assert_int_equal(gyre_all_tasks(NULL, NULL, 0), 1);
    gyre_future_add_done_callback(task, note_done, "done");
    assert_noted("");
    gyre_future_unref(task);
    /* test_block_after_eager_step, test_all_tasks_with_blocking */
    gyre_create_task(&task, yield_twice, NULL, .eager_start = GYRE_YES);
    assert_false(gyre_future_done(task));
    assert_int_equal(gyre_all_tasks(NULL, NULL, 0), 2);
    /* test_cancellation_after_eager_step_blocks */
    assert_true(gyre_task_cancel(task));
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    return 0;
}

static int set_result(void *future)
{
    return gyre_future_set_result(future, "my message");
}

static int await_what_an_eager_task_sets(void *arg)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task;
    void *value;

    gyre_create_task(&task, set_result, future);
    assert_true(gyre_future_done(task));
    assert_int_equal(gyre_await(future, &value), 0);
    assert_string_equal(value, "my message");
    gyre_future_unref(task);
    gyre_future_unref(future);
    return 0;
}

/* test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_await_future_during_eager_step */
static void test_await_future_during_eager_step(void **state)
{
    gyre_loop_set_task_factory(loop, gyre_eager_task_factory);
    assert_int_equal(run_main(await_what_an_eager_task_sets, NULL), 0);
}

static void test_eager(void **state)
{
    assert_int_equal(run_main(start_eagerly, NULL), 0);
    run_once();
    assert_noted("done");
}

/* A release comes once, after the body: also when cancelled before the start, or dropped by close. */
static void test_release(void **state)
{
    int ran = 0, dropped = 0;

    gyre_loop_create_task(loop, NULL, yield_twice, &ran, .release = count_release);
    run_once();
    assert_int_equal(ran, 0);
    run_passes(2);
    assert_int_equal(ran, 1);
    gyre_loop_create_task(loop, NULL, swallow_sleep, &dropped, .release = count_release);
    run_once();
    gyre_loop_create_task(loop, NULL, swallow_sleep, &dropped, .release = count_release);
    close_now();
    assert_int_equal(dropped, 2);
    assert_int_equal(ran, 1);
}

static int unref_itself(void *arg)
{
    gyre_future_unref(*(gyre_task **)arg);
    return gyre_sleep(0);
}

/* Spec 0.3: the loop keeps its tasks. */
static void test_the_loop_keeps_its_tasks(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, unref_itself, &task);
    run_passes(3);
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 0);
}

static int misuse(void *arg)
{
    loop = gyre_loop_new();
    gyre_task_cancel(gyre_loop_create_future(loop));
    return 0;
}

static void test_a_future_is_no_task(void **state)
{
    const char *words;
    int status = in_child(misuse, NULL, &words);

    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(words, "a future that is no task"));
}

/* errno and the task go together (T19). */
static int keep_errno(void *number)
{
    for (int i = 0; i < 5; i++) {
        errno = (int)(intptr_t)number;
        gyre_sleep(0);
        assert_int_equal(errno, (int)(intptr_t)number);
    }
    return 0;
}

static void test_errno(void **state)
{
    gyre_task *one = start(keep_errno, (void *)EIO), *two = start(keep_errno, (void *)EPIPE);

    run_passes(10);
    assert_true(gyre_future_done(one) && gyre_future_done(two));
    gyre_future_unref(one);
    gyre_future_unref(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_basics),
        ON_LOOP(test_names),
        ON_LOOP(test_on_a_closed_loop),
        ON_LOOP(test_set_methods),
        ON_LOOP(test_exception),
        ON_LOOP(test_the_sentence_is_switched_with_the_task),
        ON_LOOP(test_never_retrieved),
        ON_LOOP(test_not_reported_after_cancel),
        ON_LOOP(test_done_callbacks),
        ON_LOOP(test_cancel_before_the_start),
        ON_LOOP(test_cancel_when_done),
        ON_LOOP(test_cancel_while_waiting),
        ON_LOOP(test_cancel_the_inner_future),
        ON_LOOP(test_cancel_both),
        ON_LOOP(test_cancel_after_the_result),
        ON_LOOP(test_cancel_the_current_task),
        ON_LOOP(test_cancel_at_the_end),
        ON_LOOP(test_cancel_then_wait),
        ON_LOOP(test_a_swallowed_cancel),
        ON_LOOP(test_two_cancels),
        ON_LOOP(test_the_message_of_two_cancels),
        ON_LOOP(test_cancel_while_cleaning_up),
        ON_LOOP(test_cancel_through_an_inner_task),
        ON_LOOP(test_an_inner_task_swallows_it),
        ON_LOOP(test_cancel_while_yielding),
        ON_LOOP(test_returning_the_code),
        ON_LOOP(test_uncancel),
        ON_LOOP(test_a_ring_of_tasks),
        ON_LOOP(test_a_long_chain),
        ON_LOOP(test_eager),
        ON_LOOP(test_await_future_during_eager_step),
        ON_LOOP(test_release),
        ON_LOOP(test_the_loop_keeps_its_tasks),
        ON_LOOP(test_a_future_is_no_task),
        ON_LOOP(test_errno),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
