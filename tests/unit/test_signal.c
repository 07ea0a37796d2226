/* test_signal.c - signals as ordinary callbacks. */
#include "unit.h"

/* test_events.py::EventLoopTestsMixin::test_add_signal_handler,
 * test_events.py::EventLoopTestsMixin::test_signal_handling_args,
 * test_unix_events.py::SelectorEventLoopSignalTests::test_add_signal_handler; spec 25 S1 */
static void test_a_signal_is_a_callback(void **state)
{
    assert_int_equal(gyre_loop_add_signal_handler(loop, SIGUSR1, note, "usr1"), 0);
    kill(getpid(), SIGUSR1);
    assert_noted("");
    run_passes(2);
    assert_noted("usr1");
    kill(getpid(), SIGUSR1);
    run_passes(2);
    assert_noted("usr1");
}

static void *send_signal(void *arg)
{
    nap(0.02);
    kill(getpid(), SIGUSR1);
    return NULL;
}

/* test_events.py::EventLoopTestsMixin::test_signal_handling_while_selecting */
static void test_a_sleeping_loop_is_woken(void **state)
{
    pthread_t thread;

    gyre_loop_add_signal_handler(loop, SIGUSR1, stop_loop, NULL);
    pthread_create(&thread, NULL, send_signal, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    pthread_join(thread, NULL);
}

/* Spec 25 S2 */
static void test_adding_again_replaces(void **state)
{
    int released = 0;

    gyre_loop_add_signal_handler(loop, SIGUSR1, do_nothing, &released, .release = count_release);
    gyre_loop_add_signal_handler(loop, SIGUSR1, note, "second");
    assert_int_equal(released, 1);
    kill(getpid(), SIGUSR1);
    run_passes(2);
    assert_noted("second");
}

/* test_unix_events.py::SelectorEventLoopSignalTests::test_remove_signal_handler,
 * test_unix_events.py::SelectorEventLoopSignalTests::test_remove_signal_handler_2 */
static void test_remove(void **state)
{
    int released = 0;

    assert_int_equal(gyre_loop_remove_signal_handler(loop, SIGUSR1), 0);
    gyre_loop_add_signal_handler(loop, SIGUSR1, do_nothing, &released, .release = count_release);
    gyre_loop_add_signal_handler(loop, SIGUSR2, note, "usr2");
    assert_false(is_default(SIGUSR1));
    assert_int_equal(gyre_loop_remove_signal_handler(loop, SIGUSR1), 1);
    assert_int_equal(released, 1);
    assert_true(is_default(SIGUSR1));
    assert_false(is_default(SIGUSR2));
    assert_int_equal(gyre_loop_remove_signal_handler(loop, SIGUSR1), 0);
    kill(getpid(), SIGUSR2);
    run_passes(2);
    assert_noted("usr2");
}

/* test_unix_events.py::SelectorEventLoopSignalTests::test_handle_signal_no_handler: it came, and the handler
 * was removed before the loop could tell it. */
static void test_removed_before_it_was_told(void **state)
{
    gyre_loop_add_signal_handler(loop, SIGUSR1, note, "never");
    kill(getpid(), SIGUSR1);
    gyre_loop_remove_signal_handler(loop, SIGUSR1);
    run_passes(3);
    assert_noted("");
}

static void remove_usr1(void *arg)
{
    assert_int_equal(gyre_loop_remove_signal_handler(loop, SIGUSR1), 1);
}

/* test_unix_events.py::SelectorEventLoopSignalTests::test_handle_signal_cancelled_handler: its callback
 * stands in the queue already when the handler goes. */
static void test_removed_before_it_ran(void **state)
{
    gyre_loop_add_signal_handler(loop, SIGUSR1, note, "never");
    kill(getpid(), SIGUSR1);
    gyre_loop_call_soon(loop, remove_usr1, NULL);
    run_passes(3);
    assert_noted("");
    assert_true(is_default(SIGUSR1));
}

/* uv:test_signals.py::Test_UV_Signals::test_signals_no_SIGCHLD */
static void test_children_are_the_loops_business(void **state)
{
    int released = 0;

    assert_int_equal(gyre_loop_add_signal_handler(loop, SIGCHLD, note, &released, .release = count_release),
                     GYRE_ERUNTIME);
    assert_int_equal(released, 1);
    assert_memory_equal(gyre_error_text(), "cannot add a signal handler for SIGCHLD", 39);
    assert_int_equal(gyre_loop_remove_signal_handler(loop, SIGCHLD), 0);
}

/* Spec 25 S5 */
static void test_signals_coalesce(void **state)
{
    gyre_loop_add_signal_handler(loop, SIGUSR1, note, "usr1");
    gyre_loop_add_signal_handler(loop, SIGUSR2, note, "usr2");
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR2);
    kill(getpid(), SIGUSR1);
    run_passes(2);
    assert_noted("usr1 usr2");
}

/* test_unix_events.py::SelectorEventLoopSignalTests::test_check_signal,
 * uv:test_signals.py::_TestSignal::test_signals_invalid_signal; spec 25 S3 */
static void test_numbers(void **state)
{
    int released = 0;

    assert_int_equal(gyre_loop_add_signal_handler(loop, 0, note, NULL), GYRE_EVALUE);
    assert_int_equal(gyre_loop_add_signal_handler(loop, -1, note, NULL), GYRE_EVALUE);
    assert_int_equal(gyre_loop_add_signal_handler(loop, 65, note, NULL), GYRE_EVALUE);
    assert_int_equal(gyre_loop_add_signal_handler(loop, SIGKILL, note, &released, .release = count_release),
                     GYRE_ERUNTIME);
    assert_int_equal(released, 1);
    assert_int_equal(gyre_loop_add_signal_handler(loop, SIGSTOP, note, NULL), GYRE_ERUNTIME);
    assert_int_equal(gyre_loop_remove_signal_handler(loop, 0), GYRE_EVALUE);
    assert_int_equal(gyre_loop_remove_signal_handler(loop, 65), GYRE_EVALUE);
    assert_int_equal(gyre_loop_add_signal_handler(loop, SIGRTMAX, note, "last"), 0);
    kill(getpid(), SIGRTMAX);
    run_passes(2);
    assert_noted("last");
}

/* test_unix_events.py::SelectorEventLoopSignalTests::test_close; spec 2 close S6 */
static void test_close_restores(void **state)
{
    int released = 0;

    gyre_loop_add_signal_handler(loop, SIGUSR1, do_nothing, &released, .release = count_release);
    gyre_loop_add_signal_handler(loop, SIGUSR2, do_nothing, &released, .release = count_release);
    close_now();
    assert_true(is_default(SIGUSR1) && is_default(SIGUSR2));
    assert_int_equal(released, 2);
    assert_int_equal(
        gyre_loop_add_signal_handler(loop, SIGUSR1, do_nothing, &released, .release = count_release),
        GYRE_ELOOPCLOSED);
    assert_int_equal(released, 3);
    assert_true(is_default(SIGUSR1));
    assert_int_equal(gyre_loop_remove_signal_handler(loop, SIGUSR1), 0);
}

/* One loop owns a signal; the next one may have it afterwards. */
static void test_another_loop(void **state)
{
    gyre_loop *other = gyre_loop_new();

    gyre_loop_add_signal_handler(loop, SIGUSR1, note, "mine");
    assert_int_equal(gyre_loop_add_signal_handler(other, SIGUSR1, note, "theirs"), GYRE_ERUNTIME);
    kill(getpid(), SIGUSR1);
    run_passes(2);
    assert_noted("mine");
    gyre_loop_remove_signal_handler(loop, SIGUSR1);
    assert_int_equal(gyre_loop_add_signal_handler(other, SIGUSR1, note, "theirs"), 0);
    gyre_loop_unref(other);
    assert_true(is_default(SIGUSR1));
}

static void remove_itself(void *arg)
{
    assert_int_equal(gyre_loop_remove_signal_handler(loop, SIGUSR1), 1);
    /* The function has not ended: its arg must be there. */
    assert_int_equal(*(int *)arg, 0);
    note("removed");
}

/* Release comes when the function has ended, also when it removed itself. */
static void test_a_handler_removes_itself(void **state)
{
    int released = 0;

    gyre_loop_add_signal_handler(loop, SIGUSR1, remove_itself, &released, .release = count_release);
    kill(getpid(), SIGUSR1);
    run_passes(2);
    assert_noted("removed");
    assert_int_equal(released, 1);
}

static int own_action(void *arg)
{
    loop = open_witnessed();
    gyre_loop_add_signal_handler(loop, SIGTERM, note, "never");
    gyre_loop_remove_signal_handler(loop, SIGTERM);
    kill(getpid(), SIGTERM);
    return 0;
}

/* The default action is truly back. */
static void test_the_default_action_ends_the_process(void **state)
{
    const char *words;
    int status = in_child(own_action, NULL, &words);

    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static int handle_in_child(void *arg)
{
    loop = open_witnessed();
    gyre_loop_add_signal_handler(loop, SIGUSR1, note, "child");
    kill(getpid(), SIGUSR1);
    run_passes(2);
    gyre_loop_remove_signal_handler(loop, SIGUSR1);
    return strcmp(noted, "child");
}

static void *fork_here(void *status)
{
    pid_t child = fork();

    if (child == 0)
        _exit(handle_in_child(NULL));
    waitpid(child, status, 0);
    return NULL;
}

/* uv:test_signals.py::_TestSignal::test_signals_fork_in_thread: the child of any thread handles its own. */
static void test_a_child_of_a_thread(void **state)
{
    pthread_t thread;
    int status = -1;

    pthread_create(&thread, NULL, fork_here, &status);
    pthread_join(thread, NULL);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static atomic_bool storm_over;

static void *storm(void *arg)
{
    while (!atomic_load(&storm_over))
        kill(getpid(), SIGUSR1);
    return NULL;
}

/* Signals rain on all threads while a loop takes them and others come and go. */
static void test_a_storm(void **state)
{
    pthread_t thread;
    int calls = 0;

    gyre_loop_add_signal_handler(loop, SIGUSR1, count_call, &calls);
    pthread_create(&thread, NULL, storm, NULL);
    for (int i = 0; i < 20; i++) {
        gyre_loop_call_later(loop, 0.0005, stop_loop, NULL);
        gyre_loop_run_forever(loop);
        gyre_loop_unref(gyre_loop_new());
    }
    atomic_store(&storm_over, true);
    pthread_join(thread, NULL);
    assert_true(calls > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_a_signal_is_a_callback),
        ON_LOOP(test_a_sleeping_loop_is_woken),
        ON_LOOP(test_adding_again_replaces),
        ON_LOOP(test_remove),
        ON_LOOP(test_removed_before_it_was_told),
        ON_LOOP(test_removed_before_it_ran),
        ON_LOOP(test_children_are_the_loops_business),
        ON_LOOP(test_signals_coalesce),
        ON_LOOP(test_numbers),
        ON_LOOP(test_close_restores),
        ON_LOOP(test_another_loop),
        ON_LOOP(test_a_handler_removes_itself),
        ON_LOOP(test_the_default_action_ends_the_process),
        ON_LOOP(test_a_child_of_a_thread),
        ON_LOOP(test_a_storm),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
