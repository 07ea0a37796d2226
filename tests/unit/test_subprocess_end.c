/* test_subprocess_end.c - how children end: in which order it is told, and that nothing is left of them, also
 * when the loop closes, the start is cancelled, or a stranger reaps them.
 */
#include "child_bed.h"

/* Everything waits for the loop, and is queued behind connection_made.
 * test_subprocess.py::SubprocessTransportTests::test_proc_exited,
 * test_subprocess.py::SubprocessMixin::test_subprocess_protocol_events */
static void test_made_first_lost_last(void **state)
{
    struct child child = {0};

    start_shell(&child, "echo out; echo err >&2; exit 3");
    assert_int_equal(strncmp(child.text, "made ", 5), 0);
    bury(&child);
    assert_non_null(strstr(child.text, "exited "));
    for (int fd = 0; fd < 3; fd++) {
        assert_true(child.gone[fd]);
        assert_int_equal(child.errs[fd], 0);
    }
    assert_int_equal(child.code, 3);
}

static void dawdle(void *self, gyre_subprocess_transport *transport)
{
    child_made(self, transport);
    nap(0.05);
}

/* The child has written and ended before anybody hears that it was made.
 * uv:test_process.py::Test_UV_Process_Delayed::test_process_delayed_stdio__paused__stdin_pipe,
 * uv:test_process.py::Test_UV_Process_Delayed::test_process_delayed_stdio__paused__no_stdin,
 * uv:test_process.py::Test_UV_Process_Delayed::test_process_delayed_stdio__not_paused__no_stdin */
static void test_early_events(void **state)
{
    gyre_subprocess_protocol slow = diary;

    slow.connection_made = dawdle;
    for (int i = 0; i < 3; i++) {
        struct child child = {0};

        assert_int_equal(gyre_loop_subprocess_shell(loop, NULL, i == 2 ? &diary : &slow, "echo 1",
                                                    .arg = &child, .stdin = i ? GYRE_DEVNULL : GYRE_PIPE),
                         0);
        bury(&child);
        assert_string_equal(child.out[1], "1\n");
        assert_int_equal(child.gone[0], i == 0);
        assert_true(child.gone[1] && child.gone[2] && child.exited);
        assert_int_equal(child.code, 0);
    }
}

/* A child of the child keeps stdout: the child has ended long before it is lost. */
static void test_a_grandchild_keeps_the_pipe(void **state)
{
    struct child child = {0};

    start_shell(&child, "(sleep 0.1; echo late) 2>/dev/null & exit 5");
    await_flag(&child.exited);
    assert_int_equal(child.code, 5);
    assert_false(child.lost);
    assert_false(child.gone[1]);
    assert_false(exists(gyre_subprocess_transport_get_pid(child.transport)));
    bury(&child);
    assert_string_equal(child.out[1], "late\n");
}

static int start_cat(void *child)
{
    return gyre_loop_subprocess_shell(loop, NULL, &diary, "exec cat", .arg = child);
}

/* The child runs when its start is cancelled: it is killed, and reaped before the cancelled call returns.
 * test_subprocess.py::SubprocessMixin::test_cancel_make_subprocess_transport_exec,
 * test_subprocess.py::SubprocessMixin::test_cancel_post_init */
static void test_cancelled_start(void **state)
{
    struct child child = {0};
    gyre_task *task;

    assert_int_equal(gyre_loop_create_task(loop, &task, start_cat, &child), 0);
    run_once();
    gyre_task_cancel(task);
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    await_flag(&child.lost);
    assert_int_equal(child.code, -SIGKILL);
    bury(&child);
}

/* test_subprocess.py::SubprocessMixin::test_close_kill_running,
 * uv:test_process.py::_AsyncioTests::test_close_gets_process_closed,
 * uv:test_process.py::Test_UV_Process::test_process_double_close */
static void test_close_kills(void **state)
{
    struct child child = {0};

    start_shell(&child, "exec cat");
    gyre_subprocess_transport_close(child.transport);
    gyre_subprocess_transport_close(child.transport);
    assert_false(child.exited);
    bury(&child);
    assert_int_equal(child.code, -SIGKILL);
}

/* test_subprocess.py::SubprocessMixin::test_close_dont_kill_finished */
static void test_close_kills_nobody_twice(void **state)
{
    struct child child = {0};

    start_shell(&child, "exec true");
    await_flag(&child.exited);
    gyre_subprocess_transport_close(child.transport);
    assert_int_equal(gyre_subprocess_transport_kill(child.transport), -ESRCH);
    bury(&child);
    assert_int_equal(child.code, 0);
}

/* test_subprocess.py::SubprocessMixin::test_popen_error,
 * test_subprocess.py::SubprocessMixin::test_popen_error_with_stdin_pipe */
static void test_no_such_program(void **state)
{
    static const char *const argv[] = {"/no/such/program", NULL};
    struct child child = {0};
    size_t files;

    start_shell(&child, "exit 0");
    bury(&child);
    files = count_open_files();
    child = (struct child){0};
    assert_int_equal(gyre_loop_subprocess_exec(loop, NULL, &diary, argv, .arg = &child), -ENOENT);
    assert_string_equal(gyre_error_text(), "/no/such/program: No such file or directory");
    assert_string_equal(child.text, "");
    assert_int_equal(child.destroyed, 1);
    assert_int_equal(gyre_loop_subprocess_shell(loop, NULL, &diary, "true", .arg = NULL), GYRE_ERUNTIME);
    assert_int_equal(count_open_files(), files);
}

/* The loop closes over a running child: it hears all, and no zombie is left. */
static void test_the_loop_closes(void **state)
{
    struct child child = {0};
    int pid;

    start_shell(&child, "trap '' TERM; cat; sleep 100");
    pid = gyre_subprocess_transport_get_pid(child.transport);
    close_now();
    assert_string_equal(child.text, "made gone:0 gone:1 gone:2 exited lost ");
    assert_int_equal(child.code, -SIGKILL);
    assert_int_equal(child.destroyed, 1);
    assert_false(exists(pid));
    gyre_subprocess_transport_unref(child.transport);
}

static int start_and_stay(void *child)
{
    int err = start_cat(child);

    return err ? err : gyre_sleep(100);
}

/* The same while its start still waits: it was never made, and hears nothing. */
static void test_the_loop_closes_over_a_start(void **state)
{
    struct child child = {0};
    gyre_task *task;

    assert_int_equal(gyre_loop_create_task(loop, &task, start_and_stay, &child), 0);
    run_once();
    gyre_future_unref(task);
    close_now();
    assert_int_equal(child.destroyed, 1);
    gyre_subprocess_transport_unref(child.transport);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* Somebody else waits for every child that there is. */
static void test_reaped_by_a_stranger(void **state)
{
    struct child child = {0};
    int pid;

    start_shell(&child, "read line; exit 3");
    pid = gyre_subprocess_transport_get_pid(child.transport);
    assert_int_equal(
        gyre_transport_write(gyre_subprocess_transport_get_pipe_transport(child.transport, 0), "\n", 1), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    bury(&child);
    assert_int_equal(child.code, 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_made_first_lost_last),
        ON_LOOP(test_early_events),
        ON_LOOP(test_a_grandchild_keeps_the_pipe),
        ON_LOOP(test_cancelled_start),
        ON_LOOP(test_close_kills),
        ON_LOOP(test_close_kills_nobody_twice),
        ON_LOOP(test_no_such_program),
        ON_LOOP(test_the_loop_closes),
        ON_LOOP(test_the_loop_closes_over_a_start),
        ON_LOOP(test_reaped_by_a_stranger),
    };

    return run_on_both(tests);
}
