/* test_watch.c - debug mode: callbacks, timers and steps of tasks that take too long are told by name. */
#include "unit.h"

#include "loop/loop.h"

static const double SLOW = 0.02;

static int open_debugged(void **state)
{
    open_loop(state);
    gyre_loop_set_debug(loop, true);
    assert_int_equal(gyre_loop_set_slow_callback_duration(loop, SLOW), 0);
    return 0;
}

#define DEBUGGED(test) cmocka_unit_test_setup_teardown(test, open_debugged, close_loop)

/* Blocks so long that the callback is slow. */
static void dawdle(void *arg)
{
    nap(SLOW * 1.5);
}

/* What was told begins with the words and ends with the time that it took. */
static void assert_slow(const char *words)
{
    double seconds = 0;
    char end;

    assert_int_equal(told.count, 1);
    assert_memory_equal(told.message, words, strlen(words));
    assert_int_equal(sscanf(told.message + strlen(words), " took %lf second%c", &seconds, &end), 2);
    assert_true(seconds >= SLOW);
    assert_int_equal(told.exception, 0);
    told.count = 0;
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_log_slow_callbacks,
 * uv:test_base.py::_TestBase::test_debug_slow_callbacks */
static void test_a_slow_callback(void **state)
{
    gyre_loop_call_soon(loop, do_nothing, NULL);
    gyre_loop_call_soon(loop, dawdle, NULL);
    run_once();
    assert_slow("Executing <Handle dawdle>");
}

/* uv:test_base.py::_TestBase::test_debug_slow_timer_callbacks */
static void test_a_slow_timer(void **state)
{
    gyre_loop_call_later(loop, 0, dawdle, NULL);
    run_once();
    assert_slow("Executing <TimerHandle dawdle>");
}

static int dawdle_in_task(void *arg)
{
    dawdle(NULL);
    return 0;
}

/* uv:test_base.py::_TestBase::test_debug_slow_task_callbacks,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_log_slow_callbacks */
static void test_a_slow_step(void **state)
{
    assert_int_equal(gyre_loop_create_task(loop, NULL, dawdle_in_task, NULL, .name = "idler"), 0);
    run_once();
    assert_slow("Executing <Task idler dawdle_in_task>");
}

static int wait_and_dawdle(void *future)
{
    gyre_await(future, NULL);
    dawdle(NULL);
    return 0;
}

/* A step that a future woke up. */
static void test_a_slow_later_step(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_loop_create_task(loop, NULL, wait_and_dawdle, future);
    run_once();
    assert_told(0, "");
    gyre_future_set_result(future, NULL);
    run_once();
    assert_slow("Executing <Task Task-1 wait_and_dawdle>");
    gyre_future_unref(future);
}

static void dawdle_when_done(gyre_future *future, void *arg)
{
    dawdle(NULL);
}

static void test_a_slow_done_callback(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_future_add_done_callback(future, dawdle_when_done, NULL);
    gyre_future_set_result(future, NULL);
    run_once();
    assert_slow("Executing <Handle dawdle_when_done>");
    gyre_future_unref(future);
}

static void test_a_call_from_another_thread(void **state)
{
    gyre_loop_call_soon_threadsafe(loop, dawdle, NULL);
    run_passes(2);
    assert_slow("Executing <Handle dawdle>");
}

static void test_not_without_debug_mode(void **state)
{
    gyre_loop_set_debug(loop, false);
    gyre_loop_call_soon(loop, dawdle, NULL);
    gyre_loop_call_later(loop, 0, dawdle, NULL);
    run_once();
    assert_told(0, "");
}

static void test_the_duration(void **state)
{
    assert_int_equal(gyre_loop_set_slow_callback_duration(loop, 100), 0);
    assert_true(gyre_loop_get_slow_callback_duration(loop) == 100);
    gyre_loop_call_soon(loop, dawdle, NULL);
    run_once();
    assert_told(0, "");
    assert_int_equal(gyre_loop_set_slow_callback_duration(loop, NAN), GYRE_EVALUE);
    assert_int_equal(gyre_loop_set_slow_callback_duration(loop, -1), GYRE_EVALUE);
    assert_true(gyre_loop_get_slow_callback_duration(loop) == 100);
}

static void test_the_default(void **state)
{
    gyre_loop *made = gyre_loop_new();

    assert_true(gyre_loop_get_slow_callback_duration(made) == 0.1);
    gyre_loop_close(made);
    gyre_loop_unref(made);
}

static void turn_debug_on(void *arg)
{
    gyre_loop_set_debug(loop, true);
}

/* Switched on in the middle of a batch: from the next one on. */
static void test_switched_on_inside(void **state)
{
    gyre_loop_call_soon(loop, turn_debug_on, NULL);
    run_once();
    gyre_loop_call_soon(loop, do_nothing, NULL);
    run_once();
    assert_true(gyre_loop_get_debug(loop));
    assert_told(0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DEBUGGED(test_a_slow_callback),
        DEBUGGED(test_a_slow_timer),
        DEBUGGED(test_a_slow_step),
        DEBUGGED(test_a_slow_later_step),
        DEBUGGED(test_a_slow_done_callback),
        DEBUGGED(test_a_call_from_another_thread),
        DEBUGGED(test_not_without_debug_mode),
        DEBUGGED(test_the_duration),
        ON_LOOP(test_the_default),
        ON_LOOP(test_switched_on_inside),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
