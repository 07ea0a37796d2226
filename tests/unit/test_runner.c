/* test_runner.c - the entry of a program: a main, its leftovers, its signals, its exit status. */
#include "unit.h"

#include "task/runner.h"

static gyre_runner *runner;

static int open_runner(void **state)
{
    memset(&told, 0, sizeof told);
    noted[0] = '\0';
    runner = gyre_runner_new();
    gyre_loop_set_exception_handler(gyre_runner_get_loop(runner), witness, NULL);
    return 0;
}

static int close_runner(void **state)
{
    gyre_runner_free(runner);
    return told.count ? -1 : 0;
}

#define ON_RUNNER(test) cmocka_unit_test_setup_teardown(test, open_runner, close_runner)

static int return_it(void *arg)
{
    int err = gyre_sleep(0);

    assert_non_null(gyre_get_running_loop());
    return err ? err : (int)(intptr_t)arg;
}

/* test_runners.py::RunnerTests::test_run, test_runners.py::RunTests::test_asyncio_run_return: several mains
 * on one loop. */
static void test_run(void **state)
{
    gyre_loop *of = gyre_runner_get_loop(runner);

    assert_int_equal(gyre_runner_run(runner, return_it, (void *)5), 5);
    assert_int_equal(gyre_runner_run(runner, return_it, (void *)6), 6);
    assert_ptr_equal(gyre_runner_get_loop(runner), of);
    assert_int_equal(gyre_runner_get_signal(runner), 0);
}

static int raise_error(void *arg)
{
    return gyre_error_set(-EIO, "the main's words");
}

/* test_runners.py::RunTests::test_asyncio_run_raises */
static void test_raise(void **state)
{
    assert_int_equal(gyre_runner_run(runner, raise_error, NULL), -EIO);
    assert_string_equal(gyre_error_text(), "the main's words");
}

/* test_runners.py::RunnerTests::test_explicit_close, test_runners.py::RunnerTests::test_double_close,
 * test_runners.py::RunnerTests::test_second_with_block_raises */
static void test_close(void **state)
{
    gyre_loop *of = gyre_loop_ref(gyre_runner_get_loop(runner));

    gyre_runner_close(runner);
    assert_true(gyre_loop_is_closed(of));
    gyre_loop_unref(of);
    gyre_runner_close(runner);
    assert_int_equal(gyre_runner_run(runner, return_it, NULL), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Runner is closed");
    assert_null(gyre_runner_get_loop(runner));
    gyre_runner_free(NULL);
}

static int run_inside(void *arg)
{
    gyre_runner *inner = gyre_runner_new();
    const char *words;
    int status;

    assert_int_equal(gyre_runner_run(runner, return_it, NULL), GYRE_ERUNTIME);
    assert_int_equal(gyre_runner_run(inner, return_it, NULL), GYRE_ERUNTIME);
    gyre_runner_free(inner);
    catch_stderr();
    status = gyre_run(return_it, NULL);
    words = take_stderr();
    assert_int_equal(status, 1);
    assert_non_null(strstr(words, "cannot be called from a running event loop"));
    return 3;
}

/* test_runners.py::RunTests::test_asyncio_run_from_running_loop,
 * test_runners.py::RunnerTests::test_recursive_run */
static void test_inside_a_running_loop(void **state)
{
    assert_int_equal(gyre_runner_run(runner, run_inside, NULL), 3);
}

static int sleep_and_note(void *arg)
{
    int err = gyre_sleep(1000);

    note(err == GYRE_ECANCELLED ? "cancelled" : "?");
    gyre_sleep(0);
    note("cleaned");
    return arg ? gyre_error_set((int)(intptr_t)arg, "at the end") : err;
}

static int leave_tasks(void *arg)
{
    gyre_create_task(NULL, sleep_and_note, arg);
    gyre_sleep(0);
    return 0;
}

/* test_runners.py::RunTests::test_asyncio_run_cancels_hanging_tasks */
static void test_leftovers_are_cancelled(void **state)
{
    assert_int_equal(gyre_runner_run(runner, leave_tasks, NULL), 0);
    assert_noted("");
    gyre_runner_close(runner);
    assert_noted("cancelled cleaned");
}

/* test_runners.py::RunTests::test_asyncio_run_reports_hanging_tasks_errors */
static void test_leftovers_that_fail_are_reported(void **state)
{
    gyre_runner_run(runner, leave_tasks, (void *)-EIO);
    gyre_runner_close(runner);
    assert_noted("cancelled cleaned");
    assert_int_equal(told.exception, -EIO);
    assert_string_equal(told.text, "at the end");
    assert_told(1, "unhandled exception during asyncio.run() shutdown");
}

static atomic_int joined;

static int join_it(void *arg)
{
    nap(0.01);
    atomic_store(&joined, 1);
    return 0;
}

static int leave_task_and_work(void *arg)
{
    gyre_loop_run_in_executor(gyre_get_running_loop(), NULL, NULL, join_it, NULL);
    return leave_tasks((void *)-EIO);
}

/* test_runners.py::RunTests::test_asyncio_run_closes_gens_after_hanging_tasks_errors: the rest of the end
 * comes all the same, here the executor's and the loop's. */
static void test_the_end_goes_on_after_an_error(void **state)
{
    gyre_loop *of = gyre_loop_ref(gyre_runner_get_loop(runner));

    gyre_runner_run(runner, leave_task_and_work, NULL);
    gyre_runner_close(runner);
    assert_int_equal(atomic_exchange(&joined, 0), 1);
    assert_true(gyre_loop_is_closed(of));
    gyre_loop_unref(of);
    assert_told(1, "unhandled exception during asyncio.run() shutdown");
}

static int stop_in_main(void *arg)
{
    gyre_loop_stop(gyre_get_running_loop());
    return gyre_sleep(1000);
}

static void test_the_loop_is_stopped(void **state)
{
    assert_int_equal(gyre_runner_run(runner, stop_in_main, NULL), GYRE_ESTOPPED);
    assert_int_equal(gyre_runner_run(runner, return_it, (void *)4), 4);
}

static int block(void *arg)
{
    nap(0.01);
    note("joined");
    return 0;
}

static int leave_work(void *arg)
{
    return gyre_loop_run_in_executor(gyre_get_running_loop(), NULL, NULL, block, NULL);
}

/* Spec 11 S1: the default executor is joined. */
static void test_the_executor_is_joined(void **state)
{
    assert_int_equal(gyre_runner_run(runner, leave_work, NULL), 0);
    gyre_runner_close(runner);
    assert_noted("joined");
}

static int use_options(void *arg)
{
    gyre_loop *of = gyre_get_running_loop();

    gyre_loop_call_soon(of, note, "after the flag");
    gyre_loop_stop(of);
    return gyre_sleep(1000);
}

/* How the loop is made. */
static void test_loop_options(void **state)
{
    gyre_loop_options options = {.size = sizeof options, .stop_flag = GYRE_YES};
    gyre_runner *other = gyre_runner_new(.loop = &options);

    assert_int_equal(gyre_runner_run(other, use_options, NULL), GYRE_ESTOPPED);
    assert_noted("");
    gyre_runner_free(other);
}

static int kill_itself(void *signal)
{
    int err;

    kill(getpid(), (int)(intptr_t)signal);
    err = gyre_sleep(1000);
    note(err == GYRE_ECANCELLED ? "cancelled" : "?");
    return err;
}

/* test_runners.py::RunnerTests::test_interrupt_wait,
 * uv:test_signals.py::_TestSignal::test_signals_sigint_uvcode,
 * uv:test_signals.py::_TestSignal::test_signals_sigint_uvcode_two_loop_runs; spec 11 S4 */
static void test_a_signal_cancels_the_main(void **state)
{
    assert_int_equal(gyre_runner_run(runner, kill_itself, (void *)SIGINT), GYRE_ECANCELLED);
    assert_int_equal(gyre_runner_get_signal(runner), SIGINT);
    assert_int_equal(gyre_runner_run(runner, kill_itself, (void *)SIGTERM), GYRE_ECANCELLED);
    assert_int_equal(gyre_runner_get_signal(runner), SIGTERM);
    assert_int_equal(gyre_runner_run(runner, kill_itself, (void *)SIGINT), GYRE_ECANCELLED);
    assert_int_equal(gyre_runner_get_signal(runner), SIGINT);
    assert_noted("cancelled cancelled cancelled");
    assert_int_equal(gyre_runner_run(runner, return_it, (void *)2), 2);
    assert_int_equal(gyre_runner_get_signal(runner), 0);
    assert_true(is_default(SIGINT));
}

static void kill_now(void *arg)
{
    kill(getpid(), SIGINT);
}

static int turn_and_turn(void *arg)
{
    int err;

    gyre_loop_call_later(gyre_get_running_loop(), 0.003, kill_now, NULL);
    do
        err = gyre_sleep(0);
    while (!err);
    note(err == GYRE_ECANCELLED ? "cancelled" : "?");
    return err;
}

/* test_runners.py::RunnerTests::test_interrupt_call_soon: a main that waits for nothing. */
static void test_a_signal_cancels_a_busy_main(void **state)
{
    assert_int_equal(gyre_runner_run(runner, turn_and_turn, NULL), GYRE_ECANCELLED);
    assert_int_equal(gyre_runner_get_signal(runner), SIGINT);
    assert_noted("cancelled");
}

static int cancel_and_kill(void *main)
{
    gyre_task_cancel(main);
    kill(getpid(), SIGINT);
    return 0;
}

static int be_cancelled(void *arg)
{
    gyre_create_task(NULL, cancel_and_kill, gyre_current_task());
    return gyre_sleep(1000);
}

/* test_runners.py::RunnerTests::test_interrupt_cancelled_task: the signal is not why it ended. */
static void test_a_signal_for_a_cancelled_main(void **state)
{
    assert_int_equal(gyre_runner_run(runner, be_cancelled, NULL), GYRE_ECANCELLED);
    assert_int_equal(gyre_runner_get_signal(runner), 0);
}

static int cancel_itself_too(void *signal)
{
    kill_itself(signal);
    gyre_task_cancel(gyre_current_task());
    return gyre_sleep(1000);
}

/* Nor is it where another request came after it. */
static void test_a_signal_and_another_cancel(void **state)
{
    assert_int_equal(gyre_runner_run(runner, cancel_itself_too, (void *)SIGINT), GYRE_ECANCELLED);
    assert_int_equal(gyre_runner_get_signal(runner), 0);
    assert_noted("cancelled");
}

/* test_runners.py::RunnerTests::test_signal_install_not_supported_ok: somebody holds the signal. */
static void test_a_signal_that_cannot_be_had(void **state)
{
    gyre_loop *other = gyre_loop_new();

    gyre_loop_add_signal_handler(other, SIGINT, do_nothing, NULL);
    signal(SIGINT, SIG_DFL);
    assert_int_equal(gyre_runner_run(runner, return_it, (void *)3), 3);
    gyre_loop_close(other);
    gyre_loop_unref(other);
}

static int handle_itself(void *arg)
{
    gyre_loop_add_signal_handler(gyre_get_running_loop(), SIGTERM, note, "mine");
    kill(getpid(), SIGTERM);
    return gyre_sleep(0.002);
}

/* uv:test_signals.py::_TestSignal::test_signals_sigint_and_custom_handler: a handler of the program's own
 * stays. */
static void test_a_handler_of_its_own(void **state)
{
    assert_int_equal(gyre_runner_run(runner, handle_itself, NULL), 0);
    assert_noted("mine");
    kill(getpid(), SIGTERM);
    assert_int_equal(gyre_runner_run(runner, return_it, (void *)2), 2);
    gyre_runner_run(runner, return_it, NULL);
    assert_noted("mine");
}

static int handle_another(void *arg)
{
    gyre_loop_add_signal_handler(gyre_get_running_loop(), SIGUSR1, note, "usr1");
    kill(getpid(), SIGUSR1);
    gyre_sleep(0.002);
    return kill_itself((void *)SIGINT);
}

/* uv:test_signals.py::_TestSignal::test_signals_and_custom_handler_1: beside it SIGINT cancels as ever. */
static void test_a_handler_for_another(void **state)
{
    assert_int_equal(gyre_runner_run(runner, handle_another, NULL), GYRE_ECANCELLED);
    assert_int_equal(gyre_runner_get_signal(runner), SIGINT);
    assert_noted("usr1 cancelled");
}

/* An ignored signal stays ignored. */
static void test_an_ignored_signal(void **state)
{
    signal(SIGINT, SIG_IGN);
    assert_int_equal(gyre_runner_run(runner, return_it, (void *)8), 8);
    kill(getpid(), SIGINT);
    signal(SIGINT, SIG_DFL);
}

static int swallow_signal(void *arg)
{
    kill(getpid(), SIGINT);
    gyre_sleep(1000);
    return 0;
}

static int twice_killed(void *arg)
{
    kill(getpid(), SIGINT);
    gyre_sleep(1000);
    /* The second one finds the default action: it ends even a stuck program. */
    kill(getpid(), SIGINT);
    nap(60);
    return 0;
}

struct program {
    gyre_coroutine fn;
    void *arg;
};

static int run_program(void *arg)
{
    struct program *program = arg;

    signal(SIGINT, SIG_DFL);
    return gyre_run(program->fn, program->arg);
}

static int status_of(gyre_coroutine fn, void *arg, const char **words)
{
    struct program program = {fn, arg};

    return in_child(run_program, &program, words);
}

static int return_code(void *arg)
{
    return (int)(intptr_t)arg;
}

/* What a shell sees. */
static void test_exit_status(void **state)
{
    const char *words;
    int status;

    assert_int_equal(WEXITSTATUS(status_of(return_code, NULL, &words)), 0);
    assert_int_equal(WEXITSTATUS(status_of(return_code, (void *)7, &words)), 0);
    assert_string_equal(words, "");
    assert_int_equal(WEXITSTATUS(status_of(raise_error, NULL, &words)), 1);
    assert_non_null(strstr(words, "the main failed: OSError (-5): the main's words"));
    assert_int_equal(WEXITSTATUS(status_of(return_code, (void *)-EPIPE, &words)), 1);
    assert_non_null(strstr(words, strerror(EPIPE)));
    assert_int_equal(WEXITSTATUS(status_of(kill_itself, (void *)SIGINT, &words)), 130);
    assert_string_equal(words, "");
    status = status_of(kill_itself, (void *)SIGTERM, &words);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(words, "");
    /* It did not obey. */
    status = status_of(swallow_signal, NULL, &words);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(WEXITSTATUS(status_of(return_code, (void *)GYRE_ECANCELLED, &words)), 1);
    status = status_of(twice_killed, NULL, &words);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

static int without_signals(void *arg)
{
    signal(SIGTERM, SIG_DFL);
    return gyre_run(kill_itself, (void *)SIGTERM, .signals = GYRE_NO);
}

static void test_without_signals(void **state)
{
    const char *words;
    int status = in_child(without_signals, NULL, &words);

    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* gyre_run leaves nothing behind, and may be called again. */
static void test_run_again_and_again(void **state)
{
    for (int i = 0; i < 5; i++)
        assert_int_equal(gyre_run(leave_tasks, NULL), 0);
    assert_noted("cancelled cleaned cancelled cleaned cancelled cleaned cancelled cleaned cancelled cleaned");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_RUNNER(test_run),
        ON_RUNNER(test_raise),
        ON_RUNNER(test_close),
        ON_RUNNER(test_inside_a_running_loop),
        ON_RUNNER(test_leftovers_are_cancelled),
        ON_RUNNER(test_leftovers_that_fail_are_reported),
        ON_RUNNER(test_the_end_goes_on_after_an_error),
        ON_RUNNER(test_the_loop_is_stopped),
        ON_RUNNER(test_the_executor_is_joined),
        ON_RUNNER(test_loop_options),
        ON_RUNNER(test_a_signal_cancels_the_main),
        ON_RUNNER(test_a_signal_cancels_a_busy_main),
        ON_RUNNER(test_a_signal_for_a_cancelled_main),
        ON_RUNNER(test_a_signal_and_another_cancel),
        ON_RUNNER(test_a_signal_that_cannot_be_had),
        ON_RUNNER(test_a_handler_of_its_own),
        ON_RUNNER(test_a_handler_for_another),
        ON_RUNNER(test_an_ignored_signal),
        ON_RUNNER(test_exit_status),
        ON_RUNNER(test_without_signals),
        ON_RUNNER(test_run_again_and_again),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
