/* test_shard_signal.c - SIGINT and SIGTERM in a sharded run; each in a process of its own. */
#include "sharded.h"

static atomic_int seen;

/* Sends the signal when all mains wait. */
static int wait_for_signal(void *signal)
{
    atomic_fetch_add(&seen, 1);
    if (gyre_shard_id() == 1) {
        wait_until(&seen, 2);
        kill(getpid(), *(int *)signal);
    }
    return gyre_sleep(1000);
}

static int run_and_signal(void *signal)
{
    return gyre_run_sharded(2, wait_for_signal, signal, .quiet = GYRE_YES);
}

static void assert_exits(int (*fn)(void *arg), int signal, int expected)
{
    const char *words;
    int status = in_child(fn, &signal, &words);

    assert_string_equal(words, "");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), expected);
}

static void test_terminate(void **state)
{
    assert_exits(run_and_signal, SIGTERM, 0);
}

static void test_interrupt(void **state)
{
    assert_exits(run_and_signal, SIGINT, 130);
}

/* One obeys at once, the other fails in its cleanup. */
static int fail_when_told(void *signal)
{
    int err = wait_for_signal(signal);

    if (gyre_shard_id() == 0)
        return err;
    gyre_sleep(0.02);
    return gyre_error_set(-EIO, "the cleanup failed");
}

static int run_and_fail(void *signal)
{
    return gyre_run_sharded(2, fail_when_told, signal, .quiet = GYRE_YES);
}

static void test_a_failure_weighs_more(void **state)
{
    int signal = SIGTERM;
    const char *words;
    int status = in_child(run_and_fail, &signal, &words);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_non_null(strstr(words, "the cleanup failed"));
}

/* The main will not hear; the second signal has its default action. */
static int ignore_cancel(void *signal)
{
    wait_for_signal(signal);
    if (gyre_shard_id() == 0)
        kill(getpid(), *(int *)signal);
    return gyre_sleep(1000);
}

static int run_stubborn(void *signal)
{
    return gyre_run_sharded(2, ignore_cancel, signal, .quiet = GYRE_YES);
}

static void test_the_second_signal_kills(void **state)
{
    int signal = SIGTERM;
    const char *words;
    int status = in_child(run_stubborn, &signal, &words);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* After a handler of the program's own nothing is cancelled: the mains end by themselves. */
static void on_own(void *arg)
{
    atomic_fetch_add(&seen, 100);
}

static int handle_ourselves(void *signal)
{
    if (gyre_shard_id() == 0)
        expect(gyre_loop_add_signal_handler(gyre_get_running_loop(), *(int *)signal, on_own, NULL) == 0);
    atomic_fetch_add(&seen, 1);
    expect(wait_until(&seen, 2) == 0);
    if (gyre_shard_id() == 1)
        kill(getpid(), *(int *)signal);
    return wait_until(&seen, 100);
}

static int run_with_own_handler(void *signal)
{
    int status = gyre_run_sharded(2, handle_ourselves, signal, .quiet = GYRE_YES);

    return status == 0 && disappointments == 0 ? 42 : 1;
}

static void test_a_handler_of_the_programs(void **state)
{
    assert_exits(run_with_own_handler, SIGTERM, 42);
}

/* Our handler for the other signal goes with the first; the program's stays. */
static int handle_one(void *arg)
{
    if (gyre_shard_id() == 0)
        expect(gyre_loop_add_signal_handler(gyre_get_running_loop(), SIGTERM, on_own, NULL) == 0);
    atomic_fetch_add(&seen, 1);
    if (gyre_shard_id() == 1) {
        expect(wait_until(&seen, 2) == 0);
        kill(getpid(), SIGINT);
    }
    expect(gyre_sleep(1000) == GYRE_ECANCELLED);
    expect(is_default(SIGINT));
    expect(!is_default(SIGTERM));
    return 0;
}

static int run_with_one_handler(void *arg)
{
    int status = gyre_run_sharded(2, handle_one, NULL, .quiet = GYRE_YES);

    return status == 0 && disappointments == 0 ? 42 : 1;
}

static void test_only_our_handlers_go(void **state)
{
    assert_exits(run_with_one_handler, SIGINT, 42);
}

static int expect_handled(void *arg)
{
    expect(!is_default(SIGTERM));
    return 0;
}

/* Whoever has seen a server answer may send one, on whichever shard. */
static void test_no_main_runs_before_they_are_heard(void **state)
{
    for (int i = 0; i < 20; i++)
        assert_runs(0, 8, expect_handled, NULL);
}

static int expect_default(void *arg)
{
    expect(is_default(SIGTERM));
    return 0;
}

static void test_signals_left_alone(void **state)
{
    assert_runs(0, 2, expect_default, NULL, .signals = GYRE_NO);
}

static int expect_ignored(void *arg)
{
    struct sigaction action;

    sigaction(SIGINT, NULL, &action);
    expect(action.sa_handler == SIG_IGN);
    return 0;
}

/* As under nohup. */
static void test_an_ignored_signal_stays_ignored(void **state)
{
    signal(SIGINT, SIG_IGN);
    assert_runs(0, 2, expect_ignored, NULL);
    signal(SIGINT, SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terminate),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_a_failure_weighs_more),
        cmocka_unit_test(test_the_second_signal_kills),
        cmocka_unit_test(test_a_handler_of_the_programs),
        cmocka_unit_test(test_only_our_handlers_go),
        cmocka_unit_test(test_no_main_runs_before_they_are_heard),
        cmocka_unit_test(test_signals_left_alone),
        cmocka_unit_test(test_an_ignored_signal_stays_ignored),
    };

    /* A shell's background job ignores it. */
    signal(SIGINT, SIG_DFL);
    return cmocka_run_group_tests(tests, begin_group, end_group);
}
