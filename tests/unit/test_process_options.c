/* test_process_options.c - what a child is given: descriptors, folder, environment, session; and what may not
 * be asked for.
 */
#include "child_bed.h"
#include <fcntl.h>

static gyre_process *process;

static const char *const cat[] = {"cat", NULL};

#define start(...) assert_int_equal(gyre_create_subprocess_shell(&process, __VA_ARGS__), 0)

/* What the child has written to its stdout, all of it; it ends well. */
static const char *output(void)
{
    static char text[4096];
    gyre_process_output output;
    int returncode = 1000;

    assert_int_equal(gyre_process_communicate(process, &output), 0);
    assert_true(output.stdout_len < sizeof text);
    memcpy(text, output.stdout_data, output.stdout_len);
    text[output.stdout_len] = '\0';
    assert_true(gyre_process_get_returncode(process, &returncode));
    assert_int_equal(returncode, 0);
    gyre_process_unref(process);
    return text;
}

#define assert_output(text, ...)                 \
    do {                                         \
        start(__VA_ARGS__, .stdout = GYRE_PIPE); \
        assert_string_equal(output(), text);     \
    } while (0)

/* uv:test_process.py::_TestProcess::test_process_env_1,
 * test_subprocess.py::SubprocessMixin::test_create_subprocess_env_shell */
static void test_env_of_a_shell(void **state)
{
    static const char *const env[] = {"FOO=bar", "BAR=", "PATH=/usr/bin:/bin", NULL};

    assert_output("bar\n", "echo $FOO$BAR", .env = env);
    assert_output("/\n", "cd / && pwd");
}

/* test_subprocess.py::SubprocessMixin::test_create_subprocess_env_exec */
static void test_env_of_a_program(void **state)
{
    static const char *const env[] = {"FOO=baz", NULL};
    static const char *const argv[] = {"/usr/bin/env", NULL};

    assert_int_equal(gyre_create_subprocess_exec(&process, argv, .env = env, .stdout = GYRE_PIPE), 0);
    assert_string_equal(output(), "FOO=baz\n");
}

/* uv:test_process.py::_TestProcess::test_process_env_2 */
static void test_an_empty_env(void **state)
{
    static const char *const env[] = {NULL};
    static const char *const argv[] = {"/usr/bin/env", NULL};

    assert_int_equal(gyre_create_subprocess_exec(&process, argv, .env = env, .stdout = GYRE_PIPE), 0);
    assert_string_equal(output(), "");
}

/* uv:test_process.py::_TestProcess::test_process_cwd_1 */
static void test_cwd(void **state)
{
    assert_output("/\n", "pwd", .cwd = "/");
}

/* uv:test_process.py::_TestProcess::test_process_cwd_2 */
static void test_no_such_cwd(void **state)
{
    assert_int_equal(gyre_create_subprocess_shell(&process, "pwd", .cwd = "/no/such/folder"), -ENOENT);
}

/* uv:test_process.py::_TestProcess::test_process_executable_1 */
static void test_executable(void **state)
{
    static const char *const argv[] = {"not-sh", "-c", "echo $0", NULL};

    assert_int_equal(
        gyre_create_subprocess_exec(&process, argv, .executable = "/bin/sh", .stdout = GYRE_PIPE), 0);
    assert_string_equal(output(), "not-sh\n");
}

/* uv:test_process.py::_TestProcess::test_process_executable_2 */
static void test_no_such_executable(void **state)
{
    static const char *const argv[] = {"sh", NULL};

    assert_int_equal(gyre_create_subprocess_exec(&process, argv, .executable = "/no/such"), -ENOENT);
}

/* test_subprocess.py::SubprocessMixin::test_create_subprocess_exec_with_path */
static void test_a_path(void **state)
{
    static const char *const argv[] = {"/bin/echo", "a", "b c", NULL};

    assert_int_equal(gyre_create_subprocess_exec(&process, argv, .stdout = GYRE_PIPE), 0);
    assert_string_equal(output(), "a b c\n");
}

/* uv:test_process.py::_TestProcess::test_process_pid_1 */
static void test_pid(void **state)
{
    char text[16];

    start("echo $$", .stdout = GYRE_PIPE);
    snprintf(text, sizeof text, "%d\n", gyre_process_get_pid(process));
    assert_string_equal(output(), text);
}

/* uv:test_process.py::_TestProcess::test_process_streams_stderr_to_stdout */
static void test_stderr_to_stdout(void **state)
{
    assert_output("out\nerr\n", "echo out; echo err >&2", .stderr = GYRE_STDOUT);
}

/* uv:test_process.py::_TestProcess::test_process_streams_devnull,
 * test_subprocess.py::SubprocessMixin::test_devnull_input,
 * test_subprocess.py::SubprocessMixin::test_devnull_output,
 * test_subprocess.py::SubprocessMixin::test_devnull_error */
static void test_devnull(void **state)
{
    assert_output("", "cat", .stdin = GYRE_DEVNULL);
    start("echo gone; echo gone >&2", .stdout = GYRE_DEVNULL, .stderr = GYRE_STDOUT);
    assert_null(gyre_process_get_stdout(process));
    assert_int_equal(gyre_process_communicate(process, NULL), 0);
    gyre_process_unref(process);
    assert_output("", "echo gone >&2", .stderr = GYRE_DEVNULL);
}

/* What is opened by its name is a pipe. test_subprocess.py::SubprocessMixin::test_devstdin_input */
static void test_dev_stdin(void **state)
{
    gyre_process_output output;

    start("cat /dev/stdin; echo err >/dev/stderr", .stdin = GYRE_PIPE, .stdout = GYRE_PIPE,
          .stderr = GYRE_PIPE);
    assert_int_equal(gyre_process_communicate(process, &output, .input = "message", .len = 7), 0);
    assert_int_equal(output.stdout_len, 7);
    assert_int_equal(output.stderr_len, 4);
    gyre_process_unref(process);
}

static int open_temporary(void)
{
    char name[] = "/tmp/gyre-test-XXXXXX";
    int fd = mkostemp(name, O_CLOEXEC);

    assert_true(fd >= 0);
    unlink(name);
    return fd;
}

/* uv:test_process.py::_AsyncioTests::test_stdin_stdout_file,
 * uv:test_process.py::_AsyncioTests::test_stdin_stderr_file,
 * uv:test_process.py::_TestProcess::test_process_streams_redirect */
static void test_files(void **state)
{
    int in = open_temporary(), out = open_temporary(), err = open_temporary();
    char text[16] = "";

    assert_int_equal(pwrite(in, "x\n", 2, 0), 2);
    start("cat; echo e >&2", .stdin = in, .stdout = out, .stderr = err);
    assert_int_equal(gyre_process_wait(process, NULL), 0);
    gyre_process_unref(process);
    assert_int_equal(pread(out, text, sizeof text, 0), 2);
    assert_string_equal(text, "x\n");
    assert_int_equal(pread(err, text, sizeof text, 0), 2);
    assert_string_equal(text, "e\n");
    close(in);
    close(out);
    close(err);
}

/* The child has what it was passed, and nothing else of ours.
 * uv:test_process.py::_TestProcess::test_process_streams_pass_fds,
 * test_subprocess.py::SubprocessMixin::test_stdin_not_inheritable */
static void test_pass_fds(void **state)
{
    int pair[2], other;
    char line[96], wanted[32];

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    other = open_temporary();
    snprintf(line, sizeof line, "echo x >/proc/$$/fd/%d && ! [ -e /proc/$$/fd/%d ] && echo fine", pair[1],
             other);
    start(line, .stdin = GYRE_PIPE, .stdout = GYRE_PIPE, .pass_fds = &pair[1], .pass_fds_count = 1);
    assert_string_equal(output(), "fine\n");
    assert_int_equal(read(pair[0], wanted, sizeof wanted), 2);
    assert_true(fcntl(pair[1], F_GETFD) & FD_CLOEXEC);
    close(pair[0]);
    close(pair[1]);
    close(other);
}

/* uv:test_process.py::_TestProcess::test_subprocess_invalid_stdin */
static void test_descriptors_that_are_none(void **state)
{
    const int none = 19999;

    assert_int_equal(gyre_create_subprocess_exec(&process, cat, .stdin = none), -EBADF);
    assert_int_equal(gyre_create_subprocess_exec(&process, cat, .stdout = GYRE_STDOUT), GYRE_EVALUE);
    assert_int_equal(gyre_create_subprocess_exec(&process, cat, .stdin = -77), GYRE_EVALUE);
    assert_int_equal(gyre_create_subprocess_exec(&process, cat, .pass_fds = &none, .pass_fds_count = 1),
                     -EBADF);
}

/* uv:test_process.py::_TestProcess::test_subprocess_fd_leak_1,
 * uv:test_process.py::_TestProcess::test_subprocess_fd_leak_2 */
static void test_no_descriptor_leaks(void **state)
{
    static const char *const missing[] = {"/no/such/program", NULL};
    size_t files = 0;

    for (int i = 0; i < 4; i++) {
        assert_int_equal(gyre_create_subprocess_exec(&process, missing, .stdin = GYRE_PIPE,
                                                     .stdout = GYRE_PIPE, .stderr = GYRE_PIPE),
                         -ENOENT);
        assert_output("x\n", "echo x; echo y >&2", .stdin = GYRE_PIPE, .stderr = GYRE_PIPE);
        run_passes(3);
        assert_true(!i || count_open_files() == files);
        files = count_open_files();
    }
}

/* test_subprocess.py::SubprocessMixin::test_start_new_session */
static void test_a_session(void **state)
{
    start("exec sleep 3600", .start_new_session = true);
    assert_int_equal(getsid(gyre_process_get_pid(process)), gyre_process_get_pid(process));
    gyre_process_kill(process);
    assert_int_equal(gyre_process_wait(process, NULL), 0);
    gyre_process_unref(process);
}

/* SIGPIPE ends a child that nobody hears, although the threads of loops block it. */
static void test_signals_are_fresh(void **state)
{
    assert_output("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n",
                  "grep -E 'SigBlk|SigIgn' /proc/self/status");
}

#define assert_refused(option)                                                                         \
    do {                                                                                               \
        assert_int_equal(gyre_loop_subprocess_exec(loop, NULL, &diary, cat, option), GYRE_EVALUE);     \
        assert_int_equal(gyre_loop_subprocess_shell(loop, NULL, &diary, "true", option), GYRE_EVALUE); \
        assert_int_equal(gyre_create_subprocess_exec(&process, cat, option), GYRE_EVALUE);             \
        assert_int_equal(gyre_create_subprocess_shell(&process, "true", option), GYRE_EVALUE);         \
    } while (0)

/* test_events.py::SubprocessTestsMixin::test_subprocess_exec_invalid_args,
 * test_events.py::SubprocessTestsMixin::test_subprocess_shell_invalid_args,
 * test_base_events.py::BaseEventLoopTests::test_subprocess_exec_invalid_args,
 * test_base_events.py::BaseEventLoopTests::test_subprocess_shell_invalid_args,
 * test_subprocess.py::SubprocessMixin::test_create_subprocess_exec_text_mode_fails,
 * test_subprocess.py::SubprocessMixin::test_create_subprocess_shell_text_mode_fails */
static void test_what_may_not_be_asked(void **state)
{
    static const char *const nothing[] = {NULL};

    assert_refused(.universal_newlines = true);
    assert_refused(.text = true);
    assert_refused(.encoding = "utf-8");
    assert_refused(.errors = "strict");
    assert_refused(.bufsize = 4096);
    assert_int_equal(gyre_loop_subprocess_exec(loop, NULL, &diary, cat, .shell = GYRE_YES), GYRE_EVALUE);
    assert_int_equal(gyre_loop_subprocess_shell(loop, NULL, &diary, "true", .shell = GYRE_NO), GYRE_EVALUE);
    assert_int_equal(gyre_loop_subprocess_exec(loop, NULL, &diary, nothing), GYRE_ETYPE);
    assert_int_equal(gyre_loop_subprocess_exec(loop, NULL, &diary, NULL), GYRE_ETYPE);
    assert_int_equal(gyre_loop_subprocess_shell(loop, NULL, &diary, NULL), GYRE_EVALUE);
    assert_int_equal(gyre_create_subprocess_exec(&process, cat, .limit = -1), GYRE_EVALUE);
}

static void test_no_children_in_virtual_time(void **state)
{
    assert_int_equal(gyre_create_subprocess_exec(&process, cat), -ENOTSUP);
}

static void test_no_children_of_a_closed_loop(void **state)
{
    close_now();
    assert_int_equal(gyre_loop_subprocess_shell(loop, NULL, &diary, "true"), GYRE_ELOOPCLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_env_of_a_shell),
        ON_LOOP(test_env_of_a_program),
        ON_LOOP(test_an_empty_env),
        ON_LOOP(test_cwd),
        ON_LOOP(test_no_such_cwd),
        ON_LOOP(test_executable),
        ON_LOOP(test_no_such_executable),
        ON_LOOP(test_a_path),
        ON_LOOP(test_pid),
        ON_LOOP(test_stderr_to_stdout),
        ON_LOOP(test_devnull),
        ON_LOOP(test_dev_stdin),
        ON_LOOP(test_files),
        ON_LOOP(test_pass_fds),
        ON_LOOP(test_descriptors_that_are_none),
        ON_LOOP(test_no_descriptor_leaks),
        ON_LOOP(test_a_session),
        ON_LOOP(test_signals_are_fresh),
        ON_LOOP(test_what_may_not_be_asked),
        ON_SIM(test_no_children_in_virtual_time),
        ON_LOOP(test_no_children_of_a_closed_loop),
    };

    return run_on_both(tests);
}
