/* test_wrap.c - a loop's future that goes with a concurrent one. */
#include "unit.h"

#include "task/future.h"

static gyre_concurrent_future *source;
static gyre_future *wrapped;

static int open_wrap(void **state)
{
    int err = open_loop(state);

    source = gyre_concurrent_future_new();
    wrapped = gyre_wrap_future(source, .loop = loop);
    return err;
}

static int close_wrap(void **state)
{
    gyre_future_unref(wrapped);
    gyre_concurrent_future_unref(source);
    return close_loop(state);
}

#define ON_WRAP(test) cmocka_unit_test_setup_teardown(test, open_wrap, close_wrap)

static void *complete(void *arg)
{
    nap(0.003);
    gyre_concurrent_future_set_result(source, arg);
    return NULL;
}

/* test_futures.py::BaseFutureTests::test_wrap_future: another thread's result comes home. */
static void test_result(void **state)
{
    pthread_t thread;
    void *value = NULL;

    assert_ptr_equal(gyre_future_get_loop(wrapped), loop);
    pthread_create(&thread, NULL, complete, "oi");
    assert_int_equal(gyre_loop_run_until_complete(loop, wrapped, &value), 0);
    assert_string_equal(value, "oi");
    pthread_join(thread, NULL);
}

/* It is told through the loop, in a later turn, never inline; also when the source is done before. */
static void test_turns(void **state)
{
    gyre_future *late;

    gyre_concurrent_future_set_result(source, NULL);
    late = gyre_wrap_future(source);
    assert_false(gyre_future_done(wrapped));
    run_passes(2);
    assert_true(gyre_future_done(wrapped));
    assert_int_equal(gyre_await(late, NULL), 0);
    gyre_future_unref(late);
}

/* test_futures.py::BaseFutureTests::test_copy_state: what it ended with, in full; and below, a cancellation,
 * and nothing for one that is cancelled already. */
static void test_exception(void **state)
{
    gyre_error_set(-EIO, "its words");
    gyre_concurrent_future_set_exception(source, -EIO);
    gyre_error_set(0, "others");
    assert_int_equal(gyre_await(wrapped, NULL), -EIO);
    assert_string_equal(gyre_error_text(), "its words");
}

static void test_exception_that_nobody_looks_at(void **state)
{
    gyre_concurrent_future_set_exception(source, -EIO);
    run_passes(3);
    gyre_future_unref(wrapped);
    wrapped = NULL;
    assert_told(1, "Future exception was never retrieved");
}

/* test_futures.py::BaseFutureTests::test_wrap_future_cancel */
static void test_cancel(void **state)
{
    assert_true(gyre_future_cancel(wrapped));
    assert_false(gyre_concurrent_future_cancelled(source));
    run_once();
    assert_true(gyre_concurrent_future_cancelled(source));
    assert_true(gyre_future_cancelled(wrapped));
    run_passes(2);
}

/* test_futures.py::BaseFutureTests::test_wrap_future_cancel2: too late for the source. */
static void test_cancel_when_the_source_is_done(void **state)
{
    void *value = NULL;

    gyre_concurrent_future_set_result(source, "kept");
    assert_true(gyre_future_cancel(wrapped));
    run_passes(2);
    assert_false(gyre_concurrent_future_cancelled(source));
    assert_int_equal(gyre_concurrent_future_result(source, &value, 0), 0);
    assert_string_equal(value, "kept");
    assert_true(gyre_future_cancelled(wrapped));
}

static void test_the_source_is_cancelled(void **state)
{
    gyre_concurrent_future_cancel(source);
    assert_int_equal(gyre_await(wrapped, NULL), GYRE_ECANCELLED);
    assert_true(gyre_future_cancelled(wrapped));
}

/* The loop is closed: the outcome is dropped silently, on whatever thread it comes. */
static void test_the_loop_closes_first(void **state)
{
    pthread_t thread;

    close_now();
    pthread_create(&thread, NULL, complete, NULL);
    pthread_join(thread, NULL);
    assert_false(gyre_future_done(wrapped));
}

static void test_the_loop_closes_with_a_letter(void **state)
{
    gyre_concurrent_future_set_exception(source, -EIO);
    close_now();
    assert_false(gyre_future_done(wrapped));
}

static void test_on_a_closed_loop(void **state)
{
    gyre_future *late;

    close_now();
    late = gyre_wrap_future(source, .loop = loop);
    gyre_concurrent_future_set_result(source, NULL);
    assert_false(gyre_future_done(late));
    gyre_future_unref(late);
}

/* The value lives as long as the loop's future does. */
static void test_the_value_is_kept(void **state)
{
    void *value = NULL;

    gyre_concurrent_future_set_result(source, "kept", .release = note);
    gyre_concurrent_future_unref(source);
    source = NULL;
    assert_int_equal(gyre_await(wrapped, &value), 0);
    assert_string_equal(value, "kept");
    assert_noted("");
    gyre_future_unref(wrapped);
    wrapped = NULL;
    run_once();
    assert_noted("kept");
}

/* Nobody has the loop's future any more: the source is completed all the same. */
static void test_given_up(void **state)
{
    gyre_future_unref(wrapped);
    wrapped = NULL;
    gyre_concurrent_future_set_result(source, NULL);
    run_passes(2);
}

static int sleep_long(void *arg)
{
    int err = gyre_sleep(1000);

    note(err == GYRE_ECANCELLED ? "cancelled" : "?");
    return err;
}

static int wait_for_it(void *arg)
{
    return gyre_await(wrapped, NULL);
}

struct far {
    gyre_loop *loop;
    pthread_t thread;
};

static void *run_far(void *arg)
{
    gyre_loop_run_forever(((struct far *)arg)->loop);
    return NULL;
}

static void open_far(struct far *far)
{
    far->loop = open_witnessed();
    pthread_create(&far->thread, NULL, run_far, far);
}

static void close_far(struct far *far)
{
    gyre_loop_call_soon_threadsafe(far->loop, stop_loop, far->loop);
    pthread_join(far->thread, NULL);
    gyre_loop_close(far->loop);
    gyre_loop_unref(far->loop);
}

static int answer(void *arg)
{
    int err = gyre_sleep(0.002);

    return err ? err : 43;
}

/* A task of one loop awaits a task of another. */
static void test_across_loops(void **state)
{
    struct far far;
    gyre_concurrent_future *future;
    gyre_future *here;

    open_far(&far);
    gyre_run_coroutine_threadsafe(far.loop, &future, answer, NULL);
    here = gyre_wrap_future(future);
    assert_int_equal(gyre_await(here, NULL), 43);
    gyre_future_unref(here);
    gyre_concurrent_future_unref(future);
    close_far(&far);
}

/* Cancelling the waiter here cancels the task there. */
static void test_cancel_across_loops(void **state)
{
    struct far far;
    gyre_concurrent_future *future;
    gyre_task *task;

    open_far(&far);
    gyre_run_coroutine_threadsafe(far.loop, &future, sleep_long, NULL);
    gyre_future_unref(wrapped);
    wrapped = gyre_wrap_future(future);
    gyre_concurrent_future_unref(future);
    gyre_loop_create_task(loop, &task, wait_for_it, NULL);
    assert_int_equal(gyre_sleep(0.02), 0);
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    run_once();
    assert_int_equal(gyre_run_coroutine_threadsafe(far.loop, &future, answer, NULL), 0);
    assert_int_equal(gyre_concurrent_future_result(future, NULL, INFINITY), 43);
    gyre_concurrent_future_unref(future);
    close_far(&far);
    assert_noted("cancelled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_WRAP(test_result),
        ON_WRAP(test_turns),
        ON_WRAP(test_exception),
        ON_WRAP(test_exception_that_nobody_looks_at),
        ON_WRAP(test_cancel),
        ON_WRAP(test_cancel_when_the_source_is_done),
        ON_WRAP(test_the_source_is_cancelled),
        ON_WRAP(test_the_loop_closes_first),
        ON_WRAP(test_the_loop_closes_with_a_letter),
        ON_WRAP(test_on_a_closed_loop),
        ON_WRAP(test_the_value_is_kept),
        ON_WRAP(test_given_up),
        ON_WRAP(test_across_loops),
        ON_WRAP(test_cancel_across_loops),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
