/* test_subprocess.c - children and their protocol: data, pipes, signals, the order of ends, closing. */
#include "child_bed.h"

static void say(struct child *child, const char *text)
{
    gyre_transport *pipe = gyre_subprocess_transport_get_pipe_transport(child->transport, 0);

    assert_int_equal(gyre_transport_write(pipe, text, strlen(text)), 0);
}

static void await_bytes(struct child *child, int fd, size_t size)
{
    while (child->size[fd] < size)
        gyre_sleep(0.001);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_exec */
static void test_a_program_answers(void **state)
{
    static const char *const argv[] = {"cat", NULL};
    struct child child = {0};
    gyre_subprocess_transport *transport;

    assert_int_equal(gyre_loop_subprocess_exec(loop, &transport, &diary, argv, .arg = &child), 0);
    assert_ptr_equal(transport, child.transport);
    assert_true(gyre_subprocess_transport_get_pid(transport) > 1);
    assert_false(gyre_subprocess_transport_get_returncode(transport, NULL));
    say(&child, "Python The Winner");
    await_bytes(&child, 1, 17);
    assert_string_equal(child.out[1], "Python The Winner");
    gyre_subprocess_transport_close(transport);
    gyre_subprocess_transport_unref(transport);
    bury(&child);
    assert_int_equal(child.code, -SIGKILL);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_interactive */
static void test_a_talk(void **state)
{
    struct child child = {0};

    start_shell(&child, "cat");
    say(&child, "Python ");
    await_bytes(&child, 1, 7);
    say(&child, "The Winner");
    await_bytes(&child, 1, 17);
    assert_string_equal(child.out[1], "Python The Winner");
    gyre_transport_close(gyre_subprocess_transport_get_pipe_transport(child.transport, 0));
    bury(&child);
    assert_int_equal(child.code, 0);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_shell */
static void test_a_shell(void **state)
{
    struct child child = {0};

    start_shell(&child, "echo Python");
    gyre_transport_close(gyre_subprocess_transport_get_pipe_transport(child.transport, 0));
    await_flag(&child.lost);
    assert_int_equal(child.code, 0);
    assert_true(child.gone[1]);
    assert_string_equal(child.out[1], "Python\n");
    assert_int_equal(child.size[2], 0);
    bury(&child);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_exitcode */
static void test_an_exit_code(void **state)
{
    struct child child = {0};

    start_shell(&child, "exit 7", .stdin = GYRE_INHERIT, .stdout = GYRE_INHERIT, .stderr = GYRE_INHERIT);
    bury(&child);
    assert_int_equal(child.code, 7);
    assert_string_equal(child.text, "made exited lost ");
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_close_after_finish */
static void test_close_after_the_end(void **state)
{
    struct child child = {0};

    start_shell(&child, "exit 7", .stdin = GYRE_INHERIT, .stdout = GYRE_INHERIT, .stderr = GYRE_INHERIT);
    for (int fd = 0; fd < 3; fd++)
        assert_null(gyre_subprocess_transport_get_pipe_transport(child.transport, fd));
    await_flag(&child.exited);
    gyre_subprocess_transport_close(child.transport);
    assert_true(gyre_subprocess_transport_is_closing(child.transport));
    bury(&child);
    assert_int_equal(child.code, 7);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_kill */
static void test_kill(void **state)
{
    struct child child = {0};

    start_shell(&child, "exec cat");
    assert_int_equal(gyre_subprocess_transport_kill(child.transport), 0);
    bury(&child);
    assert_int_equal(child.code, -SIGKILL);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_terminate */
static void test_terminate(void **state)
{
    struct child child = {0};

    start_shell(&child, "exec cat");
    assert_int_equal(gyre_subprocess_transport_terminate(child.transport), 0);
    bury(&child);
    assert_int_equal(child.code, -SIGTERM);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_send_signal,
 * uv:test_process.py::_TestProcess::test_process_send_signal_1 */
static void test_send_signal(void **state)
{
    struct child child = {0};

    start_shell(&child, "exec cat");
    assert_int_equal(gyre_subprocess_transport_send_signal(child.transport, SIGHUP), 0);
    await_flag(&child.exited);
    assert_int_equal(gyre_subprocess_transport_send_signal(child.transport, SIGHUP), -ESRCH);
    bury(&child);
    assert_int_equal(child.code, -SIGHUP);
}

/* A child that will not hear. */
static void test_sigterm_ignored(void **state)
{
    struct child child = {0};

    start_shell(&child, "trap '' TERM; echo up; while :; do sleep 1; done");
    await_bytes(&child, 1, 3);
    assert_int_equal(gyre_subprocess_transport_terminate(child.transport), 0);
    gyre_sleep(0.02);
    assert_false(child.exited);
    gyre_subprocess_transport_close(child.transport);
    await_flag(&child.exited);
    assert_int_equal(child.code, -SIGKILL);
    bury(&child);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_stderr */
static void test_stderr(void **state)
{
    struct child child = {0};

    start_shell(&child, "read line; echo OUT:$line; echo ERR:$line >&2");
    say(&child, "test\n");
    bury(&child);
    assert_string_equal(child.out[1], "OUT:test\n");
    assert_string_equal(child.out[2], "ERR:test\n");
    assert_int_equal(child.code, 0);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_stderr_redirect_to_stdout */
static void test_stderr_to_stdout(void **state)
{
    struct child child = {0};

    start_shell(&child, "read line; echo OUT:$line; echo ERR:$line >&2", .stderr = GYRE_STDOUT);
    assert_non_null(gyre_subprocess_transport_get_pipe_transport(child.transport, 1));
    assert_null(gyre_subprocess_transport_get_pipe_transport(child.transport, 2));
    say(&child, "test\n");
    bury(&child);
    assert_string_equal(child.out[1], "OUT:test\nERR:test\n");
    assert_int_equal(child.size[2], 0);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_close_client_stream */
static void test_close_one_pipe(void **state)
{
    struct child child = {0};

    start_shell(&child,
                "trap '' PIPE; read l; echo OUT:$l; read l; echo OUT:$l 2>/dev/null || echo broken >&2");
    say(&child, "one\n");
    await_bytes(&child, 1, 8);
    assert_string_equal(child.out[1], "OUT:one\n");
    gyre_transport_close(gyre_subprocess_transport_get_pipe_transport(child.transport, 1));
    await_flag(&child.gone[1]);
    say(&child, "two\n");
    await_bytes(&child, 2, 7);
    assert_string_equal(child.out[2], "broken\n");
    bury(&child);
    assert_int_equal(child.size[1], 8);
}

/* test_events.py::SubprocessTestsMixin::test_subprocess_wait_no_same_group */
static void test_a_session_of_its_own(void **state)
{
    struct child child = {0};

    start_shell(&child, "exit 7", .stdin = GYRE_INHERIT, .stdout = GYRE_INHERIT, .stderr = GYRE_INHERIT,
                .start_new_session = true);
    bury(&child);
    assert_int_equal(child.code, 7);
}

/* The child's stdin breaks while bytes wait for it; until then the protocol is held back. */
static void test_broken_stdin(void **state)
{
    static char much[1000000];
    struct child child = {0};
    gyre_transport *pipe;

    start_shell(&child, "sleep 0.02; exec 0<&-; sleep 0.02");
    pipe = gyre_subprocess_transport_get_pipe_transport(child.transport, 0);
    assert_int_equal(gyre_transport_write(pipe, much, sizeof much), 0);
    assert_int_equal(child.pauses, 1);
    bury(&child);
    assert_int_equal(child.errs[0], -EPIPE);
}

static void test_flow_control(void **state)
{
    static char much[1000000];
    struct child child = {0};
    gyre_transport *pipe;

    start_shell(&child, "wc -c");
    pipe = gyre_subprocess_transport_get_pipe_transport(child.transport, 0);
    assert_int_equal(gyre_transport_write(pipe, much, sizeof much), 0);
    gyre_transport_close(pipe);
    bury(&child);
    assert_string_equal(child.out[1], "1000000\n");
    assert_int_equal(child.pauses, 1);
    assert_int_equal(child.resumes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_a_program_answers),
        ON_LOOP(test_a_talk),
        ON_LOOP(test_a_shell),
        ON_LOOP(test_an_exit_code),
        ON_LOOP(test_close_after_the_end),
        ON_LOOP(test_kill),
        ON_LOOP(test_terminate),
        ON_LOOP(test_send_signal),
        ON_LOOP(test_sigterm_ignored),
        ON_LOOP(test_stderr),
        ON_LOOP(test_stderr_to_stdout),
        ON_LOOP(test_close_one_pipe),
        ON_LOOP(test_a_session_of_its_own),
        ON_LOOP(test_broken_stdin),
        ON_LOOP(test_flow_control),
    };

    return run_on_both(tests);
}
