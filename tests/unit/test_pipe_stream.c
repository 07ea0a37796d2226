/* test_pipe_stream.c - a reader on a pipe, and a writer on one. */
#include "stream/writer.h"
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <gyre/pipe.h>
#include <gyre/process.h>

static int ends[2]; /* of the test's pipe: what is read, and what is written to */

static int set_up(void **state)
{
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    return open_loop(state);
}

/* A child writes to a pipe that it was given; the limit is far below what it writes. */
static int read_all(void *arg)
{
    char line[64];
    const char *const argv[] = {"sh", "-c", line, NULL};
    gyre_reader *reader;
    gyre_process *process;
    const char *data;
    int code;

    snprintf(line, sizeof line, "printf data > /dev/fd/%d", ends[1]);
    assert_int_equal(gyre_open_read_pipe(&reader, ends[0], .limit = 1), 0);
    assert_int_equal(gyre_create_subprocess_exec(&process, argv, .pass_fds = &ends[1], .pass_fds_count = 1),
                     0);
    assert_int_equal(gyre_process_wait(process, &code), 0);
    assert_int_equal(code, 0);
    close(ends[1]);
    assert_int_equal(gyre_reader_read(reader, &data, -1), 4);
    assert_memory_equal(data, "data", 4);
    assert_true(gyre_reader_at_eof(reader));
    gyre_stream_close(reader, NULL);
    gyre_process_unref(process);
    return 0;
}

/* test_streams.py::StreamTests::test_read_all_from_pipe_reader */
static void test_read_all(void **state)
{
    assert_int_equal(run_main(read_all, NULL), 0);
}

static int read_lines(void *arg)
{
    gyre_reader *reader;
    const char *line;

    assert_int_equal(gyre_open_read_pipe(&reader, ends[0]), 0);
    assert_ptr_equal(reader->wake.loop, gyre_get_running_loop());
    assert_int_equal(write(ends[1], "one\ntwo", 7), 7);
    assert_int_equal(gyre_reader_readline(reader, &line), 4);
    assert_int_equal(gyre_reader_readline(reader, &line, .timeout = 0.01), -ETIMEDOUT);
    close(ends[1]);
    assert_int_equal(gyre_reader_readline(reader, &line), 3);
    assert_memory_equal(line, "two", 3);
    gyre_stream_close(reader, NULL);
    return 0;
}

/* Whoever makes it need not name the loop that runs.
 * test_streams.py::StreamTests::test_streamreaderprotocol_constructor_use_running_loop */
static void test_the_loop_that_runs(void **state)
{
    assert_int_equal(run_main(read_lines, NULL), 0);
}

/* A reader that is full lets the pipe fill up. */
static int read_slowly(void *arg)
{
    static char much[256 * 1024];
    gyre_reader *reader;
    size_t taken = 0;
    ssize_t some;

    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    assert_int_equal(gyre_open_read_pipe(&reader, ends[0], .limit = 1000), 0);
    while ((some = write(ends[1], much, sizeof much)) > 0) {
        taken += (size_t)some;
        gyre_sleep(0.005);
    }
    assert_int_equal(errno, EAGAIN);
    assert_true(gyre_reader_get_size(reader) > 2000);
    assert_int_equal(gyre_reader_readexactly(reader, NULL, (ptrdiff_t)taken), taken);
    close(ends[1]);
    assert_int_equal(gyre_reader_read(reader, NULL, 1), 0);
    gyre_stream_close(reader, NULL);
    return 0;
}

static void test_a_full_reader(void **state)
{
    assert_int_equal(run_main(read_slowly, NULL), 0);
}

static void empty_pipe(void *arg)
{
    static char data[64 * 1024];
    ssize_t got = read(ends[0], data, sizeof data);

    *(size_t *)arg += got > 0 ? (size_t)got : 0;
    gyre_loop_call_later(loop, 0.001, empty_pipe, arg);
}

enum { MUCH = 512 * 1024 };

/* drain waits while nobody reads. */
static int write_much(void *arg)
{
    static char much[MUCH];
    gyre_writer *writer;
    size_t *heard = arg;

    assert_int_equal(gyre_open_write_pipe(&writer, ends[1]), 0);
    gyre_writer_write(writer, much, sizeof much);
    assert_int_equal(*heard, 0);
    empty_pipe(heard);
    assert_int_equal(gyre_writer_drain(writer), 0);
    assert_true(*heard >= MUCH / 2);
    assert_true(gyre_writer_can_write_eof(writer));
    gyre_writer_close(writer);
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    gyre_stream_close(NULL, writer);
    gyre_sleep(0.01);
    return 0;
}

static void test_writing(void **state)
{
    size_t heard = 0;

    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    assert_int_equal(run_main(write_much, &heard), 0);
    assert_int_equal(heard, MUCH);
    close(ends[0]);
}

/* Who reads goes: that is noticed also when nothing is written. */
static int write_to_nobody(void *arg)
{
    gyre_writer *writer;

    assert_int_equal(gyre_open_write_pipe(&writer, ends[1]), 0);
    close(ends[0]);
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    assert_int_equal(gyre_writer_write(writer, "x", 1), 0);
    assert_int_equal(gyre_writer_drain(writer), -ECONNRESET);
    gyre_stream_close(NULL, writer);
    return 0;
}

static void test_who_reads_goes(void **state)
{
    assert_int_equal(run_main(write_to_nobody, NULL), 0);
}

/* What is refused is the caller's, as it was. */
static int open_badly(void *arg)
{
    gyre_reader *reader = NULL;
    gyre_writer *writer = NULL;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    assert_int_equal(gyre_open_read_pipe(&reader, ends[0], .limit = -1), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "Limit cannot be <= 0");
    assert_int_equal(gyre_open_read_pipe(&reader, file), GYRE_EVALUE);
    assert_int_equal(gyre_open_write_pipe(&writer, file), GYRE_EVALUE);
    assert_int_equal(gyre_open_read_pipe(&reader, -1), -EBADF);
    assert_null(reader);
    assert_null(writer);
    return close(file) + close(ends[0]) + close(ends[1]);
}

static void test_what_cannot_be(void **state)
{
    assert_int_equal(run_main(open_badly, NULL), 0);
}

/* The loop closes what is open, and nobody need wait. */
static int leave_open(void *arg)
{
    gyre_reader **reader = arg;

    return gyre_open_read_pipe(reader, ends[0]);
}

static void test_the_loop_closes(void **state)
{
    gyre_reader *reader;

    assert_int_equal(run_main(leave_open, &reader), 0);
    close_now();
    gyre_stream_close(reader, NULL);
    close(ends[1]);
}

#define ON_PIPE(test) cmocka_unit_test_setup_teardown(test, set_up, close_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_PIPE(test_read_all),        ON_PIPE(test_the_loop_that_runs), ON_PIPE(test_a_full_reader),
        ON_PIPE(test_writing),         ON_PIPE(test_who_reads_goes),     ON_PIPE(test_what_cannot_be),
        ON_PIPE(test_the_loop_closes),
    };
    int failed = cmocka_run_group_tests_name("epoll", tests, begin_group, end_group);

    unit_driver = GYRE_DRIVER_UV;
    return failed + cmocka_run_group_tests_name("uv", tests, begin_group, end_group);
}
