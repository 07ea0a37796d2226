/* test_shield.c - a future that can be cancelled without the one it stands for. */
#include "unit.h"

#include "task/task.h"

static gyre_future *inner, *outer;

static void shield(void)
{
    inner = gyre_loop_create_future(loop);
    assert_int_equal(gyre_shield(&outer, inner), 0);
    assert_ptr_not_equal(outer, inner);
}

static void unref_both(void)
{
    gyre_future_unref(inner);
    gyre_future_unref(outer);
}

/* test_tasks.py::BaseTaskTests::test_shield_result */
static void test_result(void **state)
{
    void *value = NULL;

    shield();
    gyre_future_set_result(inner, "42");
    assert_false(gyre_future_done(outer));
    run_once();
    assert_int_equal(gyre_future_result(outer, &value), 0);
    assert_string_equal(value, "42");
    unref_both();
}

/* The value is the inner one's to free, and lives as long as the outer one. */
static void test_value_outlives_inner(void **state)
{
    void *value = NULL;
    int released = 0;

    shield();
    gyre_future_set_result(inner, &released, .release = count_release);
    /* The outer one has a callback of its own, too. */
    run_passes(2);
    gyre_future_unref(inner);
    assert_int_equal(gyre_future_result(outer, &value), 0);
    assert_ptr_equal(value, &released);
    assert_int_equal(released, 0);
    gyre_future_unref(outer);
    assert_int_equal(released, 1);
}

static int give_seven(void *arg)
{
    gyre_sleep(0);
    return 7;
}

static int shield_a_task(void *arg)
{
    gyre_create_task(&inner, give_seven, NULL);
    gyre_shield(&outer, inner);
    assert_ptr_equal(gyre_future_get_loop(outer), loop);
    gyre_future_unref(inner);
    assert_int_equal(gyre_await(outer, NULL), 7);
    gyre_future_unref(outer);
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_shield_coroutine_use_running_loop: a task's number comes through, and
 * nobody but the loop holds the task. */
static void test_task(void **state)
{
    assert_int_equal(run_main(shield_a_task, NULL), 0);
}

/* test_tasks.py::BaseTaskTests::test_shield_exception: once for both. */
static void test_exception(void **state)
{
    shield();
    gyre_error_set(-EIO, "the inner one");
    gyre_future_set_exception(inner, -EIO);
    run_once();
    assert_int_equal(gyre_future_exception(outer), -EIO);
    assert_string_equal(gyre_error_text(), "the inner one");
    unref_both();
}

/* Nobody looked at the outer one: that is what is told, not the inner one. */
static void test_exception_that_nobody_sees(void **state)
{
    shield();
    gyre_future_set_exception(inner, -EIO);
    run_passes(2);
    gyre_future_unref(inner);
    assert_told(0, "");
    gyre_future_unref(outer);
    assert_told(1, "Future exception was never retrieved");
}

/* test_tasks.py::BaseTaskTests::test_shield_cancel_inner; S2 */
static void test_cancel_inner(void **state)
{
    shield();
    gyre_future_cancel(inner);
    run_once();
    assert_true(gyre_future_cancelled(outer));
    unref_both();
}

/* test_tasks.py::BaseTaskTests::test_shield_cancel_outer; S1, and S4: no callback stays behind. */
static void test_cancel_outer(void **state)
{
    shield();
    assert_true(gyre_future_cancel(outer));
    assert_non_null(inner->callbacks);
    run_once();
    assert_true(gyre_future_cancelled(outer));
    assert_false(gyre_future_done(inner));
    assert_null(inner->callbacks);
    unref_both();
}

/* S5: before the outer one's callback ran, the inner one's exception counts as seen; after it, it is the
 * inner one's own affair. */
static void test_exception_after_cancel(void **state)
{
    for (int late = 0; late < 2; late++) {
        shield();
        gyre_future_cancel(outer);
        if (late)
            run_once();
        gyre_future_set_exception(inner, -EIO);
        run_once();
        assert_true(gyre_future_cancelled(outer));
        unref_both();
        assert_told((unsigned)late, "Future exception was never retrieved");
    }
}

/* test_tasks.py::BaseTaskTests::test_shield_shortcut; S3 */
static void test_shortcut(void **state)
{
    inner = gyre_loop_create_future(loop);
    gyre_future_set_result(inner, "42");
    assert_int_equal(gyre_shield(&outer, inner), 0);
    assert_ptr_equal(outer, inner);
    assert_int_equal(gyre_await(outer, NULL), 0);
    unref_both();
}

static bool proved;

static int prove(void *arg)
{
    int err = gyre_await(arg, NULL);

    proved = err == 0;
    return err;
}

static int await_shielded(void *arg)
{
    gyre_task *task;
    int err;

    gyre_create_task(&task, prove, arg);
    gyre_shield(&outer, task);
    gyre_future_unref(task);
    err = gyre_await(outer, NULL);
    gyre_future_unref(outer);
    return err;
}

/* test_tasks.py::BaseTaskTests::test_shield_effect: the awaiting task is cancelled, the inner one goes on. */
static void test_effect(void **state)
{
    gyre_future *waiter = gyre_loop_create_future(loop);
    gyre_task *task;

    proved = false;
    gyre_loop_create_task(loop, &task, await_shielded, waiter);
    run_passes(2);
    assert_true(gyre_task_cancel(task));
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_set_result(waiter, NULL);
    run_passes(2);
    assert_true(proved);
    gyre_future_unref(task);
    gyre_future_unref(waiter);
}

/* test_tasks.py::BaseTaskTests::test_shield_gather: the gathering goes on behind the shield. */
static void test_shield_gather(void **state)
{
    gyre_future *children[] = {gyre_loop_create_future(loop), gyre_loop_create_future(loop)};
    gyre_future *parent;

    gyre_gather(&parent, children, 2);
    gyre_shield(&outer, parent);
    gyre_future_cancel(outer);
    run_once();
    assert_true(gyre_future_cancelled(outer));
    gyre_future_set_result(children[0], NULL);
    gyre_future_set_result(children[1], NULL);
    run_once();
    assert_int_equal(gyre_future_result(parent, NULL), 0);
    gyre_future_unref(parent);
    gyre_future_unref(outer);
    gyre_future_unref(children[0]);
    gyre_future_unref(children[1]);
}

/* test_tasks.py::BaseTaskTests::test_gather_shield: cancelling the gathering stops at its shields. */
static void test_gather_shield(void **state)
{
    gyre_future *children[] = {gyre_loop_create_future(loop), gyre_loop_create_future(loop)};
    gyre_future *shields[2], *parent;

    for (int i = 0; i < 2; i++)
        gyre_shield(&shields[i], children[i]);
    gyre_gather(&parent, shields, 2);
    run_once();
    assert_true(gyre_future_cancel(parent));
    run_once();
    assert_int_equal(gyre_future_exception(parent), GYRE_ECANCELLED);
    for (int i = 0; i < 2; i++) {
        assert_true(gyre_future_cancelled(shields[i]));
        assert_false(gyre_future_done(children[i]));
        gyre_future_set_result(children[i], NULL);
        gyre_future_unref(shields[i]);
        gyre_future_unref(children[i]);
    }
    run_once();
    gyre_future_unref(parent);
}

/* Whichever is dropped first, both are freed, though nobody completed anything. */
static void test_dropped(void **state)
{
    shield();
    unref_both();
    shield();
    gyre_future_unref(inner);
    gyre_future_cancel(outer);
    run_once();
    gyre_future_unref(outer);
    shield();
    gyre_future_unref(outer);
    gyre_future_set_result(inner, NULL);
    run_once();
    gyre_future_unref(inner);
}

/* The loop closes with both pending: what the inner one would have told is dropped. */
static void test_the_loop_closes(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, prove, gyre_loop_create_future(loop));
    gyre_shield(&outer, task);
    run_once();
    gyre_future_unref(((struct gyre__task *)task)->arg);
    close_now();
    assert_true(gyre_future_cancelled(task));
    assert_false(gyre_future_done(outer));
    gyre_future_unref(task);
    gyre_future_unref(outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_result),
        ON_LOOP(test_value_outlives_inner),
        ON_LOOP(test_task),
        ON_LOOP(test_exception),
        ON_LOOP(test_exception_that_nobody_sees),
        ON_LOOP(test_cancel_inner),
        ON_LOOP(test_cancel_outer),
        ON_LOOP(test_exception_after_cancel),
        ON_LOOP(test_shortcut),
        ON_LOOP(test_effect),
        ON_LOOP(test_shield_gather),
        ON_LOOP(test_gather_shield),
        ON_LOOP(test_dropped),
        ON_LOOP(test_the_loop_closes),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
