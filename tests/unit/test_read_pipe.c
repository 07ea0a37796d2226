/* test_read_pipe.c - reading from pipes and terminals. */
#include "net_pipe.h"
#include "net_system.h"
#include <errno.h>
#include <fcntl.h>
#include <gyre/pipe.h>
#include <gyre/transport.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* test_events.py::EventLoopTestsMixin::test_read_pipe, uv:test_pipes.py::_BasePipeTest::test_read_pipe,
 * test_unix_events.py::UnixReadPipeTransportTests::test__read_ready */
static void data_comes_as_it_is_written(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_read_pipe(loop, &diary);

    assert_string_equal(diary.text, "made ");
    assert_int_equal(write(peer, "1", 1), 1);
    while (diary.received < 1)
        net_step(loop);
    assert_int_equal(write(peer, "2345", 4), 4);
    while (diary.received < 5)
        net_step(loop);
    assert_string_equal(diary.data, "12345");
    assert_non_null(gyre_transport_get_extra_info(diary.transport, "pipe", NULL));
    close(peer);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made data:1 data:4 eof lost:0 ");
    assert_int_equal(report.count, 0);
}

static void look_closed(struct diary *diary)
{
    assert_true(gyre_transport_is_closing(diary->transport));
    assert_int_equal(diary->lost, 0);
}

/* test_unix_events.py::UnixReadPipeTransportTests::test__read_ready_eof,
 * test_unix_events.py::UnixReadPipeTransportTests::test__call_connection_lost */
static void eof_and_loss_are_two_calls_and_nothing_stays_open(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.keep_open = true, .on_eof = look_closed};
    int peer = net_read_pipe(loop, &diary);

    close(peer);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made eof lost:0 ");
    assert_int_equal(diary.destroyed, 1);
}

/* test_unix_events.py::UnixReadPipeTransportTests::test__read_ready_blocked */
static void nothing_to_read_is_nothing(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_read_pipe(loop, &diary);

    net_system_watch(loop);
    net_system.recv_error = -EAGAIN;
    assert_int_equal(write(peer, "x", 1), 1);
    while (!net_system.recvs)
        net_step(loop);
    assert_string_equal(diary.text, "made ");
    net_finish(loop, &diary, peer);
}

/* test_unix_events.py::UnixReadPipeTransportTests::test__read_ready_error,
 * test_unix_events.py::UnixReadPipeTransportTests::test__call_connection_lost_with_err */
static void an_error_is_told_and_ends_it(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_read_pipe(loop, &diary);

    net_system_watch(loop);
    net_system.recv_error = -ENXIO;
    assert_int_equal(write(peer, "x", 1), 1);
    net_until_lost(loop, &diary);
    assert_int_equal(diary.err, -ENXIO);
    assert_int_equal(diary.eof, 0);
    assert_string_equal(report.message, "Fatal read error on pipe transport");
    assert_int_equal(report.exception, -ENXIO);
    close(peer);
}

/* test_unix_events.py::UnixReadPipeTransportTests::test_pause_reading,
 * test_unix_events.py::UnixReadPipeTransportTests::test_resume_reading,
 * test_unix_events.py::UnixReadPipeTransportTests::test_pause_reading_on_paused_pipe,
 * test_unix_events.py::UnixReadPipeTransportTests::test_resume_reading_on_paused_pipe */
static void pausing_holds_data_back(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_read_pipe(loop, &diary);

    gyre_transport_pause_reading(diary.transport);
    gyre_transport_pause_reading(diary.transport);
    assert_false(gyre_transport_is_reading(diary.transport));
    assert_int_equal(write(peer, "x", 1), 1);
    net_turns(loop, 5);
    assert_int_equal(diary.received, 0);
    gyre_transport_resume_reading(diary.transport);
    gyre_transport_resume_reading(diary.transport);
    assert_int_equal(diary.received, 0);
    while (!diary.received)
        net_step(loop);
    net_finish(loop, &diary, peer);
}

/* test_unix_events.py::UnixReadPipeTransportTests::test_pause_reading_on_closed_pipe,
 * test_unix_events.py::UnixReadPipeTransportTests::test_resume_reading_on_closed_pipe */
static void a_closed_pipe_neither_pauses_nor_resumes(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_read_pipe(loop, &diary);

    gyre_transport_close(diary.transport);
    gyre_transport_pause_reading(diary.transport);
    gyre_transport_resume_reading(diary.transport);
    assert_false(gyre_transport_is_reading(diary.transport));
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made lost:0 ");
    close(peer);
}

/* test_unix_events.py::UnixReadPipeTransportTests::test_close,
 * test_unix_events.py::UnixReadPipeTransportTests::test_close_already_closing,
 * test_unix_events.py::UnixReadPipeTransportTests::test__close */
static void closing_twice_is_one_loss_of_a_later_turn(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_read_pipe(loop, &diary);
    int fd = gyre_transport_get_socket(diary.transport);

    assert_int_equal(write(peer, "x", 1), 1);
    gyre_transport_close(diary.transport);
    gyre_transport_close(diary.transport);
    assert_int_equal(diary.lost, 0);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made lost:0 ");
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    close(peer);
}

static void it_cannot_be_written_to(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_read_pipe(loop, &diary);

    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), GYRE_ENOTIMPLEMENTED);
    assert_int_equal(gyre_transport_write_eof(diary.transport), GYRE_ENOTIMPLEMENTED);
    assert_false(gyre_transport_can_write_eof(diary.transport));
    net_finish(loop, &diary, peer);
}

/* test_events.py::EventLoopTestsMixin::test_read_pty_output,
 * uv:test_pipes.py::_BasePipeTest::test_read_pty_output */
static void a_terminal_that_hangs_up_closes_quietly(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int fd, peer;

    net_terminal(&fd, &peer);
    assert_int_equal(gyre_loop_connect_read_pipe(loop, NULL, &net_diary, fd, &diary), 0);
    assert_int_equal(write(peer, "1", 1), 1);
    while (diary.received < 1)
        net_step(loop);
    assert_int_equal(write(peer, "2345", 4), 4);
    while (diary.received < 5)
        net_step(loop);
    assert_string_equal(diary.data, "12345");
    close(peer);
    net_until_lost(loop, &diary);
    assert_int_equal(diary.eof, 0);
    assert_int_equal(diary.err, 0);
    assert_int_equal(report.count, 0);
}

static void a_file_is_no_pipe(void **state)
{
    gyre_loop *loop = *state;
    int fd = memfd_create("no pipe", 0);

    assert_int_equal(gyre_loop_connect_read_pipe(loop, NULL, &net_diary, fd, NULL), GYRE_EVALUE);
    assert_int_equal(gyre_loop_connect_write_pipe(loop, NULL, &net_diary, fd, NULL), GYRE_EVALUE);
    assert_false(fcntl(fd, F_GETFL) & O_NONBLOCK);
    close(fd);
    assert_int_equal(gyre_loop_connect_read_pipe(loop, NULL, &net_diary, fd, NULL), -EBADF);
}

/* Of two transports over one open file, the last one that goes sets it back. */
static void who_shares_the_file_finds_it_as_it_was(void **state)
{
    gyre_loop *loop = *state;
    struct diary in = {0}, out = {0};
    int main_end, other_end, spare;

    net_terminal(&main_end, &other_end);
    spare = dup(other_end);
    assert_int_equal(gyre_loop_connect_read_pipe(loop, NULL, &net_diary, other_end, &in), 0);
    assert_int_equal(gyre_loop_connect_write_pipe(loop, NULL, &net_diary, dup(spare), &out), 0);
    assert_true(fcntl(spare, F_GETFL) & O_NONBLOCK);
    net_finish(loop, &in, main_end);
    assert_true(fcntl(spare, F_GETFL) & O_NONBLOCK);
    gyre_transport_close(out.transport);
    net_until_lost(loop, &out);
    assert_false(fcntl(spare, F_GETFL) & O_NONBLOCK);
    close(spare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(data_comes_as_it_is_written, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(eof_and_loss_are_two_calls_and_nothing_stays_open, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(nothing_to_read_is_nothing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_error_is_told_and_ends_it, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(pausing_holds_data_back, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_closed_pipe_neither_pauses_nor_resumes, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_twice_is_one_loss_of_a_later_turn, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(it_cannot_be_written_to, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_terminal_that_hangs_up_closes_quietly, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_file_is_no_pipe, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(who_shares_the_file_finds_it_as_it_was, net_setup, net_teardown),
    };

    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    net_driver = GYRE_DRIVER_UV;
    return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
