/* test_fork.c - a forked child has no loop, and may make its own: the parent's are not touched. */
#include "child_bed.h"

/* Forks inside a task of a running loop; the child ends with what fn returns. */
struct forked {
    int (*fn)(void);
    pid_t pid;
};

static int fork_here(void *arg)
{
    struct forked *forked = arg;

    forked->pid = fork();
    if (forked->pid == 0)
        _exit(forked->fn());
    return gyre_sleep(0);
}

static int status_of(int (*fn)(void))
{
    struct forked forked = {fn, 0};
    int status = -1;

    assert_int_equal(run_main(fork_here, &forked), 0);
    assert_int_equal(waitpid(forked.pid, &status, 0), forked.pid);
    return status;
}

static int look_for_a_loop(void)
{
    return gyre_get_running_loop() == NULL && gyre_get_event_loop() != loop ? 0 : 1;
}

/* test_unix_events.py::TestFork::test_fork_not_share_event_loop */
static void test_no_loop(void **state)
{
    assert_int_equal(status_of(look_for_a_loop), 0);
    assert_ptr_equal(gyre_get_event_loop(), loop);
}

static int result;

static int answer(void *arg)
{
    result = gyre_sleep(0.001) ? 1 : 42;
    return 0;
}

static int run_a_loop(void)
{
    return gyre_run(answer, NULL) ? 1 : result;
}

/* test_unix_events.py::TestFork::test_fork_asyncio_run */
static void test_a_loop_of_its_own(void **state)
{
    assert_int_equal(WEXITSTATUS(status_of(run_a_loop)), 42);
}

static bool heard;

static void hear(void *arg)
{
    heard = true;
}

static int hear_a_signal(void *arg)
{
    int err = gyre_loop_add_signal_handler(gyre_get_running_loop(), SIGTERM, hear, NULL);

    kill(getpid(), SIGTERM);
    while (!err && !heard)
        err = gyre_sleep(0.001);
    return err ? 1 : 0;
}

static int run_with_signals(void)
{
    return gyre_run(hear_a_signal, NULL);
}

/* The child's handlers are its own, and so are its signals.
 * test_unix_events.py::TestFork::test_fork_signal_handling */
static void test_signals(void **state)
{
    heard = false;
    assert_int_equal(gyre_loop_add_signal_handler(loop, SIGTERM, hear, NULL), 0);
    assert_int_equal(status_of(run_with_signals), 0);
    run_passes(3);
    assert_false(heard);
    kill(getpid(), SIGTERM);
    await_flag(&heard);
}

static int use_a_child(void *arg)
{
    gyre_process *process;

    if (gyre_create_subprocess_shell(&process, "exit 5"))
        return 1;
    gyre_process_wait(process, &result);
    gyre_process_unref(process);
    return 0;
}

static int run_with_children(void)
{
    return gyre_run(use_a_child, NULL) ? 1 : result;
}

/* test_unix_events.py::TestFork::test_fork_asyncio_subprocess */
static void test_children_of_a_child(void **state)
{
    assert_int_equal(WEXITSTATUS(status_of(run_with_children)), 5);
}

/* The parent has children too. */
static void test_children_of_both(void **state)
{
    struct child child = {0};

    start_shell(&child, "read line; exit 6");
    assert_int_equal(WEXITSTATUS(status_of(run_with_children)), 5);
    gyre_transport_write(gyre_subprocess_transport_get_pipe_transport(child.transport, 0), "\n", 1);
    bury(&child);
    assert_int_equal(child.code, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_no_loop),          ON_LOOP(test_a_loop_of_its_own),
        ON_LOOP(test_signals),          ON_LOOP(test_children_of_a_child),
        ON_LOOP(test_children_of_both),
    };

    return run_on_both(tests);
}
