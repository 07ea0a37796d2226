/* test_debug.c - debug mode: threads that are not the loop's, what was never started, closed or left, and
 * where things were made. */
#include "unit.h"

#include "loop/loop.h"
#include "task/task.h"
#include <sys/socket.h>

static const char wrong_thread[] =
    "Non-thread-safe operation invoked on an event loop other than the current one";

/* The setup of a test in debug mode. */
static int open_debugged(void **state)
{
    open_loop(state);
    gyre_loop_set_debug(loop, true);
    return 0;
}

#define DEBUGGED(test) cmocka_unit_test_setup_teardown(test, open_debugged, close_loop)

/* Runs fn on another thread while the loop runs, or while it does not. */
static void *(*elsewhere)(void *arg);

static void visit(void *arg)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, elsewhere, arg), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void visit_running(void *(*fn)(void *arg), void *arg)
{
    elsewhere = fn;
    gyre_loop_call_soon(loop, visit, arg);
    run_once();
}

/* What the calls of the other thread returned. */
static struct {
    int soon, later, at, threadsafe, task, result, exception;
    char text[128];
} answer;

static void *call_everything(void *released)
{
    gyre_handle handle = gyre_loop_call_soon(loop, do_nothing, released, .release = count_release);

    answer.soon = gyre_handle_error(&handle);
    snprintf(answer.text, sizeof answer.text, "%s", gyre_error_text());
    handle = gyre_loop_call_later(loop, 0, do_nothing, released, .release = count_release);
    answer.later = gyre_handle_error(&handle);
    handle = gyre_loop_call_at(loop, 0, do_nothing, released, .release = count_release);
    answer.at = gyre_handle_error(&handle);
    handle = gyre_loop_call_soon_threadsafe(loop, do_nothing, NULL);
    answer.threadsafe = gyre_handle_error(&handle);
    return NULL;
}

/* test_base_events.py::BaseEventLoopTests::test_set_debug */
static void test_set_debug(void **state)
{
    gyre_loop_set_debug(loop, true);
    assert_true(gyre_loop_get_debug(loop));
    gyre_loop_set_debug(loop, false);
    assert_false(gyre_loop_get_debug(loop));
}

/* test_base_events.py::BaseEventLoopTests::test_call_soon_non_callable: there is nothing but NULL that the
 * compiler takes and nobody can call. */
static void test_nothing_to_call(void **state)
{
    int released = 0;
    gyre_handle soon = gyre_loop_call_soon(loop, NULL, &released, .release = count_release);
    gyre_handle later;

    assert_string_equal(gyre_error_text(), "a callable object was expected by call_soon(), got NULL");
    later = gyre_loop_call_later(loop, 1, NULL, &released, .release = count_release);
    assert_int_equal(gyre_handle_error(&soon), GYRE_ETYPE);
    assert_int_equal(gyre_handle_error(&later), GYRE_ETYPE);
    assert_int_equal(released, 2);
    run_once();
}

/* test_base_events.py::BaseEventLoopTests::test_check_thread, uv:test_base.py::_TestBase::test_check_thread
 */
static void test_check_thread(void **state)
{
    int released = 0;

    visit_running(call_everything, &released);
    assert_int_equal(answer.soon, GYRE_EWRONGTHREAD);
    assert_int_equal(answer.later, GYRE_EWRONGTHREAD);
    assert_int_equal(answer.at, GYRE_EWRONGTHREAD);
    assert_int_equal(answer.threadsafe, 0);
    assert_string_equal(answer.text, wrong_thread);
    assert_string_equal(gyre_error_name(answer.soon), "RuntimeError");
    assert_int_equal(released, 3);
}

/* The same: a loop that does not run has no thread to differ from. */
static void test_a_stopped_loop_is_not_checked(void **state)
{
    int released = 0;

    elsewhere = call_everything;
    visit(&released);
    assert_int_equal(answer.soon, 0);
    assert_int_equal(answer.later, 0);
    assert_int_equal(answer.at, 0);
    run_passes(2);
    assert_int_equal(released, 3);
}

static int idle(void *arg)
{
    return 0;
}

static void *call_futures(void *future)
{
    answer.task = gyre_loop_create_task(loop, NULL, idle, NULL);
    answer.result = gyre_future_set_result(future, NULL);
    answer.exception = gyre_future_set_exception(future, -EIO);
    return NULL;
}

static void test_futures_and_tasks(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    visit_running(call_futures, future);
    assert_int_equal(answer.task, GYRE_EWRONGTHREAD);
    assert_int_equal(answer.result, GYRE_EWRONGTHREAD);
    assert_int_equal(answer.exception, GYRE_EWRONGTHREAD);
    assert_false(gyre_future_done(future));
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 0);
    gyre_future_unref(future);
}

static void *cancel_it(void *future)
{
    gyre_future_cancel(future);
    return NULL;
}

static void *stop_it(void *arg)
{
    gyre_loop_stop(loop);
    return NULL;
}

static void done(gyre_future *future, void *arg)
{
}

static void *add_to_it(void *future)
{
    gyre_future_add_done_callback(future, done, NULL);
    return NULL;
}

static int make_mistake(void *fn)
{
    gyre_future *future;

    loop = gyre_loop_new(.debug = GYRE_YES);
    future = gyre_loop_create_future(loop);
    *(void **)&elsewhere = *(void **)fn;
    gyre_loop_call_soon(loop, visit, future);
    gyre_loop_run_forever(loop);
    return 0;
}

static void assert_aborts(void *(*fn)(void *arg))
{
    const char *words;
    int status = in_child(make_mistake, &fn, &words);

    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(words, wrong_thread));
}

/* What returns nothing that could tell ends the program. */
static void test_functions_without_an_answer(void **state)
{
    assert_aborts(cancel_it);
    assert_aborts(stop_it);
    assert_aborts(add_to_it);
}

static bool debug_of_new(const gyre_loop_options *options)
{
    gyre_loop *made = (gyre_loop_new)(options);
    bool on = gyre_loop_get_debug(made);

    gyre_loop_close(made);
    gyre_loop_unref(made);
    return on;
}

static void test_the_environment(void **state)
{
    gyre_loop_options no = {.size = sizeof no, .debug = GYRE_NO},
                      yes = {.size = sizeof yes, .debug = GYRE_YES};

    unsetenv("GYRE_DEBUG");
    assert_false(debug_of_new(NULL));
    assert_true(debug_of_new(&yes));
    setenv("GYRE_DEBUG", "1", 1);
    assert_true(debug_of_new(NULL));
    assert_false(debug_of_new(&no));
    setenv("GYRE_DEBUG", "", 1);
    assert_false(debug_of_new(NULL));
    setenv("GYRE_DEBUG", "0", 1);
    assert_false(debug_of_new(NULL));
    unsetenv("GYRE_DEBUG");
}

static int look(void *arg)
{
    return gyre_loop_get_debug(gyre_get_running_loop());
}

static void test_the_option_of_run(void **state)
{
    gyre_runner *runner = gyre_runner_new(.debug = GYRE_YES);

    assert_int_equal(gyre_runner_run(runner, look, NULL), 1);
    gyre_runner_free(runner);
    runner = gyre_runner_new();
    assert_int_equal(gyre_runner_run(runner, look, NULL), 0);
    gyre_runner_free(runner);
}

static void raise_here(void *arg)
{
    gyre_loop_call_exception_handler(loop, .exception = -EIO);
}

static void __attribute__((noinline)) schedule_soon(void)
{
    gyre_loop_call_soon(loop, raise_here, NULL);
    note("");
}

static void __attribute__((noinline)) schedule_later(void)
{
    gyre_loop_call_later(loop, 0, raise_here, NULL);
    note("");
}

static void run_source(void (*schedule)(void), const char *source)
{
    schedule();
    run_passes(2);
    assert_memory_equal(told.source, source, strlen(source));
    assert_told(1, "Exception in callback raise_here");
}

/* uv:test_base.py::_TestBase::test_calls_debug_reporting */
static void test_calls_debug_reporting(void **state)
{
    run_source(schedule_soon, "schedule_soon < ");
    run_source(schedule_later, "schedule_later < ");
    gyre_loop_set_debug(loop, false);
    run_source(schedule_soon, "(none)");
    run_source(schedule_later, "(none)");
}

static gyre_future *__attribute__((noinline)) make_future(void)
{
    gyre_future *future = gyre_loop_create_future(loop);

    note("");
    return future;
}

/* test_futures.py::BaseFutureTests::test_future_exception_never_retrieved_debug */
static void test_future_exception_never_retrieved_debug(void **state)
{
    gyre_future *future = make_future();

    gyre_future_set_exception(future, -EIO);
    gyre_future_unref(future);
    assert_memory_equal(told.source, "make_future < ", strlen("make_future < "));
    assert_told(1, "Future exception was never retrieved");
}

static void test_where_a_future_was_made_is_forgotten(void **state)
{
    gyre_future *future = make_future();

    gyre_loop_set_debug(loop, false);
    gyre_future_set_exception(future, -EIO);
    gyre_future_unref(future);
    assert_string_equal(told.source, "(none)");
    assert_told(1, "Future exception was never retrieved");
}

/* Many objects, so that the table of their makers grows. */
static void test_many_makers(void **state)
{
    enum { MANY = 1000 };
    static gyre_future *futures[MANY];

    for (int i = 0; i < MANY; i++)
        futures[i] = make_future();
    for (int i = 0; i < MANY; i++) {
        gyre_future_set_exception(futures[i], -EIO);
        gyre_future_unref(futures[i]);
        assert_memory_equal(told.source, "make_future < ", strlen("make_future < "));
        assert_told(1, "Future exception was never retrieved");
    }
}

static void test_a_coroutine_that_never_starts(void **state)
{
    gyre_loop_create_task(loop, NULL, idle, NULL);
    close_now();
    assert_told(1, "coroutine 'idle' was never awaited");
}

static void test_a_coroutine_that_was_cancelled_first(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, idle, NULL);
    gyre_task_cancel(task);
    run_once();
    gyre_future_unref(task);
    close_now();
    assert_told(0, "");
}

static int leave_timeout(void *arg)
{
    static gyre_timeout outer, inner;

    gyre_timeout_begin(&outer, INFINITY);
    gyre_timeout_begin(&inner, INFINITY);
    return (int)gyre_timeout_end(&inner, 0);
}

static int leave_two(void *arg)
{
    static gyre_timeout outer;

    gyre_timeout_begin(&outer, INFINITY);
    return leave_timeout(NULL);
}

static int leave_none(void *arg)
{
    gyre_timeout timeout;

    gyre_timeout_begin(&timeout, 10);
    return (int)gyre_timeout_end(&timeout, 0);
}

static void test_a_task_that_leaves_a_timeout_open(void **state)
{
    assert_int_equal(run_main(leave_none, NULL), 0);
    assert_told(0, "");
    assert_int_equal(run_main(leave_timeout, NULL), 0);
    assert_told(1, "coroutine 'leave_timeout' returned with 1 timeout open");
    assert_int_equal(run_main(leave_two, NULL), 0);
    assert_told(1, "coroutine 'leave_two' returned with 2 timeouts open");
    gyre_loop_set_debug(loop, false);
    assert_int_equal(run_main(leave_two, NULL), 0);
    assert_told(0, "");
}

static void test_an_unclosed_loop(void **state)
{
    gyre_loop *made = open_witnessed();

    gyre_loop_unref(made);
    assert_told(0, "");
    made = open_witnessed();
    gyre_loop_set_debug(made, true);
    gyre_loop_unref(made);
    assert_told(1, "unclosed event loop");
    made = open_witnessed();
    gyre_loop_set_debug(made, true);
    gyre_loop_close(made);
    gyre_loop_unref(made);
    assert_told(0, "");
}

static void *use_own_loop(void *arg)
{
    gyre_loop *own = gyre_get_event_loop();

    gyre_loop_set_debug(own, true);
    gyre_loop_set_exception_handler(own, witness, NULL);
    return NULL;
}

/* The loop that a thread got without asking closes with its thread: that is the rule, not an oversight. */
static void test_a_threads_own_loop(void **state)
{
    elsewhere = use_own_loop;
    visit(NULL);
    assert_told(0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_set_debug),
        DEBUGGED(test_nothing_to_call),
        DEBUGGED(test_check_thread),
        DEBUGGED(test_a_stopped_loop_is_not_checked),
        DEBUGGED(test_futures_and_tasks),
        ON_LOOP(test_functions_without_an_answer),
        ON_LOOP(test_the_environment),
        ON_LOOP(test_the_option_of_run),
        DEBUGGED(test_calls_debug_reporting),
        DEBUGGED(test_future_exception_never_retrieved_debug),
        DEBUGGED(test_where_a_future_was_made_is_forgotten),
        DEBUGGED(test_many_makers),
        DEBUGGED(test_a_coroutine_that_never_starts),
        DEBUGGED(test_a_coroutine_that_was_cancelled_first),
        DEBUGGED(test_a_task_that_leaves_a_timeout_open),
        DEBUGGED(test_an_unclosed_loop),
        DEBUGGED(test_a_threads_own_loop),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
