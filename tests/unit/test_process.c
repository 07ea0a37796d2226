/* test_process.c - children with streams: talking, waiting, signals, giving back. */
#include "child_bed.h"
#include <gyre/task.h>

static gyre_process *process;

static const char *const cat[] = {"cat", NULL};

#define start_cat(...) assert_int_equal(gyre_create_subprocess_exec(&process, cat, __VA_ARGS__), 0)
#define start(...)     assert_int_equal(gyre_create_subprocess_shell(&process, __VA_ARGS__), 0)

static int wait_for_it(void)
{
    int returncode = 1000;

    assert_int_equal(gyre_process_wait(process, &returncode), 0);
    return returncode;
}

static int end(void)
{
    int returncode = wait_for_it();

    gyre_process_unref(process);
    return returncode;
}

#define assert_reads(reader, text)                           \
    do {                                                     \
        const char *data;                                    \
        ptrdiff_t len = gyre_reader_read(reader, &data, -1); \
        assert_int_equal(len, strlen(text));                 \
        assert_memory_equal(data, text, strlen(text));       \
    } while (0)

static void feed(const void *data, size_t len)
{
    gyre_writer *writer = gyre_process_get_stdin(process);

    assert_int_equal(gyre_writer_write(writer, data, len), 0);
    assert_int_equal(gyre_writer_drain(writer), 0);
    gyre_writer_close(writer);
}

/* test_subprocess.py::SubprocessMixin::test_stdin_stdout,
 * uv:test_process.py::_AsyncioTests::test_stdin_stdout_pipe,
 * uv:test_process.py::_TestProcess::test_process_streams_basic_1 */
static void test_in_and_out(void **state)
{
    start_cat(.stdin = GYRE_PIPE, .stdout = GYRE_PIPE);
    assert_null(gyre_process_get_stderr(process));
    feed("some data", 9);
    assert_reads(gyre_process_get_stdout(process), "some data");
    assert_int_equal(end(), 0);
}

/* test_subprocess.py::SubprocessMixin::test_communicate,
 * uv:test_process_spawning.py::ProcessSpawningTestCollection::test_spawning_external_process */
static void test_communicate(void **state)
{
    gyre_process_output output;

    start_cat(.stdin = GYRE_PIPE, .stdout = GYRE_PIPE);
    assert_int_equal(gyre_process_communicate(process, &output, .input = "some data", .len = 9), 0);
    assert_int_equal(output.stdout_len, 9);
    assert_memory_equal(output.stdout_data, "some data", 9);
    assert_null(output.stderr_data);
    assert_int_equal(end(), 0);
}

/* test_subprocess.py::SubprocessMixin::test_communicate_none_input,
 * test_subprocess.py::SubprocessMixin::test_empty_input */
static void test_no_input(void **state)
{
    gyre_process_output output;

    start_cat(.stdin = GYRE_PIPE, .stdout = GYRE_PIPE, .stderr = GYRE_PIPE);
    assert_int_equal(gyre_process_communicate(process, &output), 0);
    assert_int_equal(output.stdout_len, 0);
    assert_non_null(output.stdout_data);
    assert_int_equal(end(), 0);
    start_cat(.stdin = GYRE_PIPE, .stdout = GYRE_PIPE);
    assert_int_equal(gyre_process_communicate(process, &output, .input = "", .len = 0), 0);
    assert_int_equal(output.stdout_len, 0);
    assert_int_equal(end(), 0);
}

/* test_subprocess.py::SubprocessMixin::test_subprocess_communicate_stdout */
static void test_both_outputs(void **state)
{
    gyre_process_output output;

    start("echo success; echo failure >&2", .stdout = GYRE_PIPE, .stderr = GYRE_PIPE);
    assert_int_equal(gyre_process_communicate(process, &output), 0);
    assert_memory_equal(output.stdout_data, "success\n", output.stdout_len);
    assert_memory_equal(output.stderr_data, "failure\n", output.stderr_len);
    assert_int_equal(output.stderr_len, 8);
    assert_int_equal(end(), 0);
}

/* test_subprocess.py::SubprocessMixin::test_shell */
static void test_exit_codes(void **state)
{
    start("exit 7");
    assert_int_equal(end(), 7);
}

/* test_subprocess.py::SubprocessMixin::test_kill, test_subprocess.py::SubprocessMixin::test_kill_issue43884,
 * test_subprocess.py::SubprocessMixin::test_terminate, test_subprocess.py::SubprocessMixin::test_send_signal
 */
static void test_signals(void **state)
{
    start("exec sleep 3600");
    assert_int_equal(gyre_process_kill(process), 0);
    assert_int_equal(end(), -SIGKILL);
    start("sleep 0.05; exec sleep 3600");
    assert_int_equal(gyre_process_kill(process), 0);
    assert_int_equal(end(), -SIGKILL);
    start("exec sleep 3600");
    assert_int_equal(gyre_process_terminate(process), 0);
    assert_int_equal(end(), -SIGTERM);
    start("echo sleeping; exec sleep 3600", .stdout = GYRE_PIPE);
    assert_int_equal(gyre_reader_readline(gyre_process_get_stdout(process), NULL), 9);
    assert_int_equal(gyre_process_send_signal(process, SIGHUP), 0);
    assert_int_equal(end(), -SIGHUP);
}

/* The child has died, and the loop does not know yet.
 * test_subprocess.py::SubprocessMixin::test_subprocess_send_signal_race */
static void test_a_signal_to_a_zombie(void **state)
{
    start("read line", .stdin = GYRE_PIPE);
    assert_int_equal(gyre_writer_write(gyre_process_get_stdin(process), "\n", 1), 0);
    nap(0.05);
    assert_false(gyre_process_get_returncode(process, NULL));
    assert_int_equal(gyre_process_send_signal(process, SIGTERM), 0);
    assert_int_equal(wait_for_it(), 0);
    assert_int_equal(gyre_process_send_signal(process, SIGTERM), -ESRCH);
    assert_int_equal(end(), 0);
}

static char large[250000];

/* test_subprocess.py::SubprocessMixin::test_stdin_broken_pipe */
static void test_broken_stdin(void **state)
{
    gyre_writer *writer;
    int err;

    start("exec true", .stdin = GYRE_PIPE);
    writer = gyre_process_get_stdin(process);
    assert_int_equal(gyre_writer_write(writer, large, sizeof large), 0);
    err = gyre_writer_drain(writer);
    /* A child that was gone before the write leaves a connection that is lost before the drain. */
    assert_true(err == -EPIPE || err == -ECONNRESET);
    assert_int_equal(end(), 0);
}

/* They are lent: closed, they are the process's still. */
static void test_lent_streams(void **state)
{
    start("echo one; read line", .stdin = GYRE_PIPE, .stdout = GYRE_PIPE);
    assert_int_equal(gyre_reader_readline(gyre_process_get_stdout(process), NULL), 4);
    gyre_stream_close(gyre_process_get_stdout(process), NULL);
    gyre_stream_close(NULL, gyre_process_get_stdin(process));
    gyre_stream_close(NULL, gyre_process_get_stdin(process));
    assert_int_equal(gyre_reader_read(gyre_process_get_stdout(process), NULL, 1), 0);
    assert_int_equal(gyre_writer_write(gyre_process_get_stdin(process), "x", 1), 0);
    end();
}

/* test_subprocess.py::SubprocessMixin::test_communicate_ignore_broken_pipe */
static void test_unwanted_input(void **state)
{
    start("exec true", .stdin = GYRE_PIPE);
    assert_int_equal(gyre_process_communicate(process, NULL, .input = large, .len = sizeof large), 0);
    assert_int_equal(end(), 0);
}

/* test_subprocess.py::SubprocessMixin::test_pause_reading */
static void test_a_small_limit_pauses(void **state)
{
    gyre_reader *reader;

    start("head -c 1000000 /dev/zero", .stdout = GYRE_PIPE, .limit = 1024);
    reader = gyre_process_get_stdout(process);
    gyre_sleep(0.05);
    assert_true(gyre_reader_get_size(reader) > 2048);
    assert_true(gyre_reader_get_size(reader) < 1000000);
    assert_false(gyre_process_get_returncode(process, NULL));
    assert_int_equal(gyre_reader_read(reader, NULL, -1), 1000000);
    assert_int_equal(end(), 0);
}

/* test_subprocess.py::SubprocessMixin::test_read_stdout_after_process_exit */
static void test_reading_after_the_end(void **state)
{
    start("printf 'a\\nb\\nc\\nd\\n'", .stdout = GYRE_PIPE);
    assert_int_equal(wait_for_it(), 0);
    assert_reads(gyre_process_get_stdout(process), "a\nb\nc\nd\n");
    assert_int_equal(end(), 0);
}

static int wait_here(void *returncode)
{
    return gyre_process_wait(process, returncode);
}

/* test_subprocess.py::SubprocessMixin::test_cancel_process_wait */
static void test_a_cancelled_wait(void **state)
{
    gyre_task *task;
    int returncode = 1000;

    start("exec sleep 3600");
    gyre_loop_create_task(loop, &task, wait_here, &returncode);
    run_once();
    gyre_task_cancel(task);
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    assert_int_equal(returncode, 1000);
    assert_false(gyre_process_get_returncode(process, NULL));
    gyre_process_kill(process);
    assert_int_equal(end(), -SIGKILL);
}

/* test_subprocess.py::SubprocessMixin::test_subprocess_concurrent_wait */
static void test_many_wait(void **state)
{
    gyre_task *tasks[5];
    int returncodes[5];

    start("sleep 0.02; exit 4");
    for (int i = 0; i < 5; i++)
        gyre_loop_create_task(loop, &tasks[i], wait_here, &returncodes[i]);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(gyre_loop_run_until_complete(loop, tasks[i], NULL), 0);
        gyre_future_unref(tasks[i]);
        assert_int_equal(returncodes[i], 4);
    }
    assert_int_equal(end(), 4);
}

/* uv:test_process.py::_AsyncioTests::test_communicate_large_stdout_65536,
 * uv:test_process.py::_AsyncioTests::test_communicate_large_stdout_65537,
 * uv:test_process.py::_AsyncioTests::test_communicate_large_stdout_1000000 */
static void test_large_outputs(void **state)
{
    static const char *const lines[] = {"head -c 65536 /dev/zero", "head -c 65537 /dev/zero",
                                        "head -c 1000000 /dev/zero"};
    static const size_t sizes[] = {65536, 65537, 1000000};

    for (int i = 0; i < 3; i++) {
        gyre_process_output output;

        start(lines[i], .stdout = GYRE_PIPE);
        assert_int_equal(gyre_process_communicate(process, &output), 0);
        assert_int_equal(output.stdout_len, sizes[i]);
        assert_int_equal(end(), 0);
    }
}

/* uv:test_process.py::_AsyncioTests::test_write_huge_stdin_8192,
 * uv:test_process.py::_AsyncioTests::test_write_huge_stdin_8193,
 * uv:test_process.py::_AsyncioTests::test_write_huge_stdin_219263,
 * uv:test_process.py::_AsyncioTests::test_write_huge_stdin_219264 */
static void test_huge_inputs(void **state)
{
    static const size_t sizes[] = {8192, 8193, 219263, 219264};

    for (int i = 0; i < 4; i++) {
        char wanted[16];

        snprintf(wanted, sizeof wanted, "%zu\n", sizes[i]);
        start("wc -c", .stdin = GYRE_PIPE, .stdout = GYRE_PIPE);
        feed(large, sizes[i]);
        assert_reads(gyre_process_get_stdout(process), wanted);
        assert_int_equal(end(), 0);
    }
}

static int talk(void *arg)
{
    return gyre_process_communicate(process, NULL, .input = large, .len = sizeof large);
}

/* A talk that is cancelled leaves nothing of itself behind. */
static void test_a_cancelled_talk(void **state)
{
    gyre_task *task;

    start("exec sleep 3600", .stdin = GYRE_PIPE, .stdout = GYRE_PIPE, .stderr = GYRE_PIPE);
    gyre_loop_create_task(loop, &task, talk, NULL);
    run_passes(5);
    gyre_task_cancel(task);
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    gyre_process_kill(process);
    assert_int_equal(end(), -SIGKILL);
}

/* Whoever lets go of a child hears nothing more; it goes on, and is reaped. */
static void test_given_back(void **state)
{
    int pid;

    start("cat; exit 3", .stdin = GYRE_PIPE, .stdout = GYRE_PIPE);
    pid = gyre_process_get_pid(process);
    gyre_process_unref(process);
    while (exists(pid))
        gyre_sleep(0.001);
    start("exec sleep 3600", .stdout = GYRE_PIPE);
    pid = gyre_process_get_pid(process);
    close_now();
    assert_false(exists(pid));
    gyre_process_unref(process);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_in_and_out),
        ON_LOOP(test_communicate),
        ON_LOOP(test_no_input),
        ON_LOOP(test_both_outputs),
        ON_LOOP(test_exit_codes),
        ON_LOOP(test_signals),
        ON_LOOP(test_a_signal_to_a_zombie),
        ON_LOOP(test_lent_streams),
        ON_LOOP(test_broken_stdin),
        ON_LOOP(test_unwanted_input),
        ON_LOOP(test_a_small_limit_pauses),
        ON_LOOP(test_reading_after_the_end),
        ON_LOOP(test_a_cancelled_wait),
        ON_LOOP(test_many_wait),
        ON_LOOP(test_large_outputs),
        ON_LOOP(test_huge_inputs),
        ON_LOOP(test_a_cancelled_talk),
        ON_LOOP(test_given_back),
    };

    return run_on_both(tests);
}
