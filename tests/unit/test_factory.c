/* test_factory.c - who makes a loop's tasks, how they are named, and those that start at once. */
#include "unit.h"

#include "task/task.h"

static int nothing(void *arg)
{
    return 0;
}

static int yield_once(void *arg)
{
    note("before");
    gyre_sleep(0);
    note("after");
    return arg ? *(int *)arg : 0;
}

static int made_by_factory;

static int counting_factory(gyre_loop *where, gyre_task **task, gyre_coroutine fn, void *arg,
                            const gyre_task_options *options)
{
    made_by_factory++;
    return (gyre_task_new)(where, task, fn, arg, options);
}

static int refusing_factory(gyre_loop *where, gyre_task **task, gyre_coroutine fn, void *arg,
                            const gyre_task_options *options)
{
    return gyre_error_set(GYRE_EVALUE, "not today");
}

/* test_base_events.py::BaseEventLoopTests::test_set_task_factory,
 * uv:test_base.py::_TestBase::test_set_task_factory */
static void test_set_task_factory(void **state)
{
    gyre_task *task;

    assert_null(gyre_loop_get_task_factory(loop));
    gyre_loop_set_task_factory(loop, counting_factory);
    assert_ptr_equal(gyre_loop_get_task_factory(loop), counting_factory);
    made_by_factory = 0;
    assert_int_equal(gyre_loop_create_task(loop, &task, nothing, NULL), 0);
    assert_int_equal(made_by_factory, 1);
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), 0);
    gyre_future_unref(task);
    gyre_loop_set_task_factory(loop, NULL);
    assert_null(gyre_loop_get_task_factory(loop));
    assert_int_equal(run_main(nothing, NULL), 0);
    assert_int_equal(made_by_factory, 1);
}

static void test_a_factory_may_refuse(void **state)
{
    gyre_task *task = NULL;

    gyre_loop_set_task_factory(loop, refusing_factory);
    assert_int_equal(gyre_loop_create_task(loop, &task, nothing, NULL), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "not today");
    assert_null(task);
}

/* test_tasks.py::BaseTaskTests::test_create_task_with_async_function: what is no coroutine makes no task. */
static void test_no_coroutine(void **state)
{
    gyre_task *task = NULL;
    int released = 0;

    assert_int_equal(gyre_loop_create_task(loop, &task, NULL, &released, .release = count_release),
                     GYRE_ETYPE);
    assert_string_equal(gyre_error_text(), "a coroutine was expected");
    assert_null(task);
    assert_int_equal(released, 1);
}

static void expect_names(void)
{
    gyre_task *named, *unnamed;

    gyre_loop_create_task(loop, &named, nothing, NULL, .name = "test_task");
    gyre_loop_create_task(loop, &unnamed, nothing, NULL);
    assert_string_equal(gyre_task_get_name(named), "test_task");
    assert_memory_equal(gyre_task_get_name(unnamed), "Task-", 5);
    gyre_loop_run_until_complete(loop, unnamed, NULL);
    gyre_future_unref(named);
    gyre_future_unref(unnamed);
}

/* test_base_events.py::BaseEventLoopTests::test_create_named_task_with_default_factory */
static void test_create_named_task_with_default_factory(void **state)
{
    expect_names();
}

/* test_base_events.py::BaseEventLoopTests::test_create_named_task_with_custom_factory */
static void test_create_named_task_with_custom_factory(void **state)
{
    gyre_loop_set_task_factory(loop, counting_factory);
    expect_names();
}

/* test_tasks.py::BaseTaskTests::test_get_coro */
static void test_get_coro(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, nothing, NULL);
    assert_ptr_equal(gyre_task_get_coro(task), nothing);
    gyre_loop_run_until_complete(loop, task, NULL);
    assert_ptr_equal(gyre_task_get_coro(task), nothing);
    gyre_future_unref(task);
}

static int open_eager(void **state)
{
    int err = open_loop(state);

    gyre_loop_set_task_factory(loop, gyre_eager_task_factory);
    return err;
}

#define EAGERLY(test) cmocka_unit_test_setup_teardown(test, open_eager, close_loop)

static bool is_listed(gyre_task *task)
{
    gyre_task *tasks[8];
    size_t count = gyre_all_tasks(loop, tasks, 8);
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        found |= tasks[i] == task;
        gyre_future_unref(tasks[i]);
    }
    return found;
}

/* test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_eager_task_factory_set */
static int see_itself(void *arg)
{
    assert_ptr_equal(gyre_loop_get_task_factory(loop), gyre_eager_task_factory);
    assert_non_null(gyre_current_task());
    return 0;
}

static void test_eager_task_factory_set(void **state)
{
    assert_int_equal(run_main(see_itself, NULL), 0);
}

/* test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_block_after_eager_step */
static int make_one_that_blocks(void *arg)
{
    static int answer = 42;
    gyre_task *task;
    int code;

    gyre_create_task(&task, yield_once, &answer);
    assert_noted("before");
    assert_false(gyre_future_done(task));
    /* test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_all_tasks_with_blocking */
    assert_true(is_listed(task));
    code = gyre_await(task, NULL);
    assert_noted("after");
    assert_false(is_listed(task));
    gyre_future_unref(task);
    return code;
}

static void test_block_after_eager_step(void **state)
{
    assert_int_equal(run_main(make_one_that_blocks, NULL), 42);
}

/* test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_cancellation_after_eager_completion */
static int cancel_one_that_is_done(void *arg)
{
    gyre_task *task;

    gyre_create_task(&task, nothing, NULL);
    assert_true(gyre_future_done(task));
    assert_false(gyre_task_cancel(task));
    assert_false(gyre_future_cancelled(task));
    gyre_future_unref(task);
    return 0;
}

static void test_cancellation_after_eager_completion(void **state)
{
    assert_int_equal(run_main(cancel_one_that_is_done, NULL), 0);
}

/* test_eager_task_factory.py::EagerTaskFactoryLoopTests::test_cancellation_after_eager_step_blocks */
static int sleep_once(void *arg)
{
    note("began");
    return gyre_sleep(0);
}

static int cancel_one_that_blocks(void *arg)
{
    gyre_task *task;

    gyre_create_task(&task, sleep_once, NULL);
    assert_noted("began");
    assert_true(gyre_task_cancel(task, .msg = "why"));
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), "why");
    assert_true(gyre_future_cancelled(task));
    gyre_future_unref(task);
    return 0;
}

static void test_cancellation_after_eager_step_blocks(void **state)
{
    assert_int_equal(run_main(cancel_one_that_blocks, NULL), 0);
}

/* One that says GYRE_NO waits for its turn all the same. */
static int make_one_that_waits(void *arg)
{
    gyre_task *task;

    gyre_create_task(&task, yield_once, NULL, .eager_start = GYRE_NO);
    assert_noted("");
    gyre_await(task, NULL);
    assert_noted("before after");
    gyre_future_unref(task);
    return 0;
}

static void test_no_is_no(void **state)
{
    assert_int_equal(run_main(make_one_that_waits, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_set_task_factory),
        ON_LOOP(test_a_factory_may_refuse),
        ON_LOOP(test_create_named_task_with_default_factory),
        ON_LOOP(test_create_named_task_with_custom_factory),
        ON_LOOP(test_no_coroutine),
        ON_LOOP(test_get_coro),
        EAGERLY(test_eager_task_factory_set),
        EAGERLY(test_block_after_eager_step),
        EAGERLY(test_cancellation_after_eager_completion),
        EAGERLY(test_cancellation_after_eager_step_blocks),
        EAGERLY(test_no_is_no),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
