/* test_run.c - what a run is told: which function, which loop, which context, which mode. */
#include "unit.h"

#include "loop/loop.h"

static int return_it(void *arg)
{
    assert_non_null(gyre_get_running_loop());
    return (int)(intptr_t)arg;
}

/* test_runners.py::RunTests::test_asyncio_run_only_coro, test_runners.py::RunnerTests::test_run_non_coro */
static void test_no_function(void **state)
{
    gyre_runner *runner = gyre_runner_new();
    const char *words;
    int status;

    assert_int_equal(gyre_runner_run(runner, NULL, NULL), GYRE_ETYPE);
    assert_string_equal(gyre_error_text(), "a coroutine was expected");
    assert_int_equal(gyre_runner_run(runner, return_it, (void *)2), 2);
    gyre_runner_free(runner);
    catch_stderr();
    status = gyre_run(NULL, NULL);
    words = take_stderr();
    assert_int_equal(status, 1);
    assert_non_null(strstr(words, "a coroutine was expected"));
}

static int debugs(void *arg)
{
    return gyre_loop_get_debug(gyre_get_running_loop());
}

static int expect_debug(void *wanted)
{
    return debugs(NULL) == (wanted != NULL) ? 0 : gyre_error_set(-EIO, "another mode");
}

/* test_runners.py::RunnerTests::test_non_debug, test_runners.py::RunnerTests::test_debug,
 * test_runners.py::RunTests::test_asyncio_run_debug */
static void test_debug(void **state)
{
    gyre_loop_options debugging = {.size = sizeof debugging, .debug = GYRE_YES};
    gyre_runner *runner = gyre_runner_new(.debug = GYRE_NO, .loop = &debugging);

    assert_false(gyre_loop_get_debug(gyre_runner_get_loop(runner)));
    assert_int_equal(gyre_runner_run(runner, debugs, NULL), 0);
    gyre_runner_free(runner);
    runner = gyre_runner_new(.debug = GYRE_YES);
    assert_true(gyre_loop_get_debug(gyre_runner_get_loop(runner)));
    assert_int_equal(gyre_runner_run(runner, debugs, NULL), 1);
    gyre_runner_free(runner);
    assert_int_equal(gyre_run(expect_debug, "on", .debug = GYRE_YES), 0);
    assert_int_equal(gyre_run(expect_debug, NULL, .debug = GYRE_NO), 0);
}

static int factory_calls;
static gyre_loop *factory_made;

static gyre_loop *make_loop(void *kind)
{
    factory_calls++;
    factory_made = gyre_loop_ref(gyre_loop_new(.driver = (gyre_driver_kind)(intptr_t)kind));
    return factory_made;
}

static int find_made(void *arg)
{
    return gyre_get_running_loop() == factory_made ? 0 : -EIO;
}

/* The loop is the factory's, made once, closed at the end, and not made the thread's. */
static void check_factory(gyre_loop *own)
{
    assert_int_equal(factory_calls, 1);
    assert_true(gyre_loop_is_closed(factory_made));
    assert_ptr_equal(gyre_get_event_loop(), own);
    gyre_loop_unref(factory_made);
    factory_calls = 0;
}

/* test_runners.py::RunTests::test_asyncio_run_loop_factory,
 * test_runners.py::RunTests::test_loop_factory_default_event_loop,
 * test_runners.py::RunnerTests::test_custom_factory */
static void test_factory(void **state)
{
    gyre_runner *runner = gyre_runner_new(.loop_factory = make_loop, .debug = GYRE_YES);

    factory_calls = 0;
    assert_int_equal(gyre_runner_run(runner, find_made, NULL), 0);
    assert_ptr_equal(gyre_runner_get_loop(runner), factory_made);
    assert_true(gyre_loop_get_debug(factory_made));
    assert_int_equal(gyre_runner_run(runner, find_made, NULL), 0);
    gyre_runner_free(runner);
    check_factory(loop);
    assert_int_equal(gyre_run(find_made, NULL, .loop_factory = make_loop), 0);
    check_factory(loop);
}

static int expect_uv(void *arg)
{
    note("ran");
    return gyre_get_running_loop()->driver_class == gyre__driver_find(GYRE_DRIVER_UV) ? 0 : -EIO;
}

/* uv:test_runner.py::TestSourceCode::test_uvloop_run_1: the main runs, on the kind of loop that was asked
 * for. */
static void test_kind_of_loop(void **state)
{
    gyre_loop_options options = {.size = sizeof options, .driver = GYRE_DRIVER_UV};

    assert_int_equal(gyre_run(expect_uv, NULL, .loop = &options), 0);
    gyre_set_event_loop(loop);
    assert_int_equal(
        gyre_run(expect_uv, NULL, .loop_factory = make_loop, .factory_arg = (void *)(intptr_t)GYRE_DRIVER_UV),
        0);
    assert_noted("ran ran");
    check_factory(loop);
}

static gyre_loop *make_nothing(void *arg)
{
    return NULL;
}

/* uv:test_runner.py::TestSourceCode::test_uvloop_run_2: what it makes is no loop; the main never begins. */
static void test_bad_factory(void **state)
{
    gyre_runner *runner = gyre_runner_new(.loop_factory = make_nothing);

    assert_int_equal(gyre_runner_run(runner, expect_uv, NULL), GYRE_ETYPE);
    assert_null(gyre_runner_get_loop(runner));
    gyre_runner_free(runner);
    assert_noted("");
}

static int find_thread_loop(void *arg)
{
    return gyre_get_event_loop() == gyre_get_running_loop() ? 0 : -EIO;
}

/* test_runners.py::RunTests::test_asyncio_run_set_event_loop: the thread's loop for the time of the run, and
 * none after it. */
static void test_set_event_loop(void **state)
{
    gyre_runner *runner = gyre_runner_new();
    gyre_loop *of = gyre_loop_ref(gyre_runner_get_loop(runner));

    assert_ptr_equal(gyre_get_event_loop(), of);
    assert_int_equal(gyre_runner_run(runner, find_thread_loop, NULL), 0);
    gyre_runner_free(runner);
    assert_ptr_not_equal(gyre_get_event_loop(), of);
    assert_ptr_not_equal(gyre_get_event_loop(), loop);
    gyre_loop_unref(of);
}

/* test_runners.py::RunnerTests::test_set_event_loop_called_once: a later run leaves the thread's loop alone.
 */
static void test_set_event_loop_once(void **state)
{
    gyre_runner *runner = gyre_runner_new();

    assert_int_equal(gyre_runner_run(runner, return_it, NULL), 0);
    gyre_set_event_loop(loop);
    assert_int_equal(gyre_runner_run(runner, return_it, NULL), 0);
    assert_ptr_equal(gyre_get_event_loop(), loop);
    gyre_runner_free(runner);
}

static gyre_context_var number = {.name = "number", .default_value = (void *)-1};

static int exchange(void *value)
{
    void *before = gyre_context_var_get(&number);

    gyre_context_var_set(&number, value);
    return (int)(intptr_t)before == -1 ? 99 : (int)(intptr_t)before;
}

static int count_variables(void *arg)
{
    return (int)gyre_context_len(gyre_task_get_context(gyre_current_task()));
}

/* test_runners.py::RunnerTests::test_run_keeps_context */
static void test_context(void **state)
{
    gyre_runner *runner = gyre_runner_new();
    gyre_context *other = gyre_context_new();

    assert_int_equal(gyre_runner_run(runner, exchange, (void *)1), 99);
    assert_int_equal(gyre_runner_run(runner, exchange, (void *)2), 1);
    assert_int_equal(gyre_runner_run(runner, exchange, (void *)5, .context = other), 99);
    assert_int_equal(gyre_runner_run(runner, exchange, (void *)3), 2);
    assert_int_equal(gyre_runner_run(runner, count_variables, NULL), 1);
    assert_int_equal((int)(intptr_t)gyre_context_get(other, &number), 5);
    assert_int_equal((int)(intptr_t)gyre_context_var_get(&number), -1);
    gyre_context_unref(other);
    gyre_runner_free(runner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_no_function),         ON_LOOP(test_debug),       ON_LOOP(test_factory),
        ON_LOOP(test_kind_of_loop),        ON_LOOP(test_bad_factory), ON_LOOP(test_set_event_loop),
        ON_LOOP(test_set_event_loop_once), ON_LOOP(test_context),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
