/* test_tasks.c - the tasks of a loop: which runs, which are pending, and their end when the loop closes. */
#include "unit.h"

#include "task/task.h"

static gyre_task *start(gyre_coroutine fn, void *arg)
{
    gyre_task *task;

    assert_int_equal(gyre_loop_create_task(loop, &task, fn, arg), 0);
    return task;
}

static void see_no_task(void *arg)
{
    assert_null(gyre_current_task());
    note("callback");
}

static int be_current(void *self)
{
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(gyre_current_task(), *(gyre_task **)self);
        gyre_sleep(0);
    }
    gyre_loop_call_soon(loop, see_no_task, NULL);
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_current_task,
 * test_tasks.py::BaseTaskTests::test_current_task_with_interleaving_tasks,
 * test_tasks.py::BaseCurrentLoopTests::test_current_task_with_implicit_loop; T19 */
static void test_current_task(void **state)
{
    gyre_task *one, *two;

    gyre_loop_create_task(loop, &one, be_current, &one);
    gyre_loop_create_task(loop, &two, be_current, &two);
    run_passes(5);
    assert_noted("callback callback");
    gyre_future_unref(one);
    gyre_future_unref(two);
}

/* test_tasks.py::BaseCurrentLoopTests::test_current_task_no_running_loop,
 * test_tasks.py::BaseCurrentLoopTests::test_current_task_no_running_loop_implicit */
static void test_current_task_outside(void **state)
{
    assert_null(gyre_current_task());
    assert_string_equal(gyre_error_text(), "no running event loop");
}

static int sleep_once(void *arg)
{
    return gyre_sleep(0);
}

/* Oldest first, until they are done; each fill takes references. */
static void test_all_tasks(void **state)
{
    gyre_task *made[3], *all[5] = {0};
    gyre_loop_stats stats;

    for (int i = 0; i < 3; i++)
        made[i] = start(sleep_once, NULL);
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 3);
    assert_int_equal(gyre_all_tasks(loop, all, 2), 3);
    assert_null(all[2]);
    gyre_future_unref(all[0]);
    gyre_future_unref(all[1]);
    assert_int_equal(gyre_all_tasks(NULL, all, 5), 3);
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(all[i], made[i]);
        gyre_future_unref(made[i]);
    }
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.tasks, 3);
    run_passes(2);
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 0);
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.tasks, 0);
    for (int i = 0; i < 3; i++) {
        assert_true(gyre_future_done(all[i]));
        gyre_future_unref(all[i]);
    }
}

static int wait_and_clean_up(void *future)
{
    int err = gyre_await(future, NULL);

    note(err == GYRE_ECANCELLED ? "unwound" : "?");
    assert_ptr_equal(gyre_get_running_loop(), loop);
    assert_non_null(gyre_current_task());
    /* Every later wait is refused at once. */
    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    assert_int_equal(gyre_await(future, NULL), GYRE_ECANCELLED);
    assert_int_equal(gyre_wait((gyre_future *[]){future}, 1), GYRE_ECANCELLED);
    assert_int_equal(gyre_wait_for(future, NULL, 5), GYRE_ECANCELLED);
    /* Nothing new begins. */
    assert_int_equal(gyre_create_task(NULL, sleep_once, NULL), GYRE_ELOOPCLOSED);
    return err;
}

/* T17: a pending task is resumed with the code and cleans up; no stack is thrown away. */
static void test_close_unwinds(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *one = start(wait_and_clean_up, future), *two = start(wait_and_clean_up, future);

    run_once();
    close_now();
    assert_noted("unwound unwound");
    assert_true(gyre_future_cancelled(one) && gyre_future_cancelled(two));
    assert_null(gyre_get_running_loop());
    gyre_future_unref(one);
    gyre_future_unref(two);
    gyre_future_unref(future);
    assert_told(0, "");
}

static int await_quietly(void *future)
{
    int err = gyre_await(future, NULL);

    note(err == GYRE_ECANCELLED ? "cancelled" : "?");
    return err;
}

/* Ready when the loop closed, by a wake or by a yield, or not started yet. */
static void test_close_unwinds_ready_tasks(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *woken = start(await_quietly, future), *yielding = start(sleep_once, NULL), *fresh;
    int released = 0;

    run_once();
    gyre_future_set_result(future, NULL);
    gyre_loop_create_task(loop, &fresh, sleep_once, &released, .release = count_release);
    close_now();
    assert_noted("cancelled");
    assert_true(gyre_future_cancelled(woken) && gyre_future_cancelled(yielding));
    assert_true(gyre_future_cancelled(fresh));
    assert_int_equal(released, 1);
    gyre_future_unref(woken);
    gyre_future_unref(yielding);
    gyre_future_unref(fresh);
    gyre_future_unref(future);
}

static int wake_other(void *other)
{
    gyre_sleep(1000);
    note("first");
    gyre_future_set_result(other, NULL);
    return GYRE_ECANCELLED;
}

/* What one task does while it unwinds must not step another one twice. */
static void test_unwinding_touches_others(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_loop_create_task(loop, NULL, wake_other, future);
    gyre_loop_create_task(loop, NULL, await_quietly, future);
    run_once();
    close_now();
    assert_noted("first cancelled");
    gyre_future_unref(future);
}

static int return_value(void *arg)
{
    gyre_sleep(1000);
    return 12;
}

static int raise_error(void *arg)
{
    gyre_sleep(1000);
    return gyre_error_set(-EIO, "while unwinding");
}

/* A task may still return, or fail, which is reported as ever. */
static void test_outcomes_while_unwinding(void **state)
{
    gyre_task *task = start(return_value, NULL);

    gyre_loop_create_task(loop, NULL, raise_error, NULL);
    run_once();
    close_now();
    assert_int_equal(gyre_future_result(task, NULL), 12);
    gyre_future_unref(task);
    assert_string_equal(told.text, "while unwinding");
    assert_told(1, "Task exception was never retrieved");
}

static gyre_loop *inner_loop;

static int close_inner(void *arg)
{
    gyre_task *self = gyre_current_task();

    assert_int_equal(gyre_loop_close(inner_loop), 0);
    assert_ptr_equal(gyre_current_task(), self);
    assert_ptr_equal(gyre_get_running_loop(), loop);
    return gyre_sleep(0) ? -1 : 3;
}

static int dream(void *arg)
{
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    assert_ptr_equal(gyre_get_running_loop(), inner_loop);
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    note("inner unwound");
    return 0;
}

/* One loop's task closes another loop, whose tasks unwind as their own selves. */
static void test_a_task_closes_another_loop(void **state)
{
    inner_loop = gyre_loop_new();
    gyre_loop_create_task(inner_loop, NULL, dream, NULL);
    gyre_loop_stop(inner_loop);
    gyre_loop_run_forever(inner_loop);
    assert_int_equal(run_main(close_inner, NULL), 3);
    assert_noted("inner unwound");
    gyre_loop_unref(inner_loop);
}

static int refuse_to_end(void *waits)
{
    for (;;) {
        ++*(int *)waits;
        gyre_sleep(*(int *)waits % 2 ? 0 : 1);
    }
    return 0;
}

static int close_stubborn(void *arg)
{
    int waits = 0;

    alarm(30);
    open_loop(NULL);
    gyre_loop_create_task(loop, NULL, refuse_to_end, &waits);
    run_once();
    gyre_loop_close(loop);
    return strcmp(told.message, "Task was destroyed but it is pending!") == 0 && waits == 101 &&
                   told.count == 1
               ? 0
               : waits;
}

/* test_tasks.py::BaseTaskTests::test_log_destroyed_pending_task: after a hundred refused waits it is reported
 * and left where it stands. In a child: its stack is not given back. */
static void test_a_task_that_will_not_hear(void **state)
{
    const char *words;

    assert_int_equal(in_child(close_stubborn, NULL, &words), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_current_task),
        ON_LOOP(test_current_task_outside),
        ON_LOOP(test_all_tasks),
        ON_LOOP(test_close_unwinds),
        ON_LOOP(test_close_unwinds_ready_tasks),
        ON_LOOP(test_unwinding_touches_others),
        ON_LOOP(test_outcomes_while_unwinding),
        ON_LOOP(test_a_task_closes_another_loop),
        ON_LOOP(test_a_task_that_will_not_hear),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
