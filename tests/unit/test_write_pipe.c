/* test_write_pipe.c - writing to pipes and terminals. */
#include "net_pipe.h"
#include "net_system.h"
#include <errno.h>
#include <gyre/pipe.h>
#include <gyre/transport.h>
#include <sys/socket.h>
#include <unistd.h>

/* test_events.py::EventLoopTestsMixin::test_write_pipe, uv:test_pipes.py::_BasePipeTest::test_write_pipe,
 * test_unix_events.py::UnixWritePipeTransportTests::test_write,
 * test_unix_events.py::UnixWritePipeTransportTests::test_can_write_eof */
static void bytes_go_and_closing_is_the_end_of_file(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);
    char text[8] = "";

    assert_true(gyre_transport_can_write_eof(diary.transport));
    assert_false(gyre_transport_is_reading(diary.transport));
    assert_int_equal(gyre_transport_write(diary.transport, "1", 1), 0);
    assert_int_equal(gyre_transport_write(diary.transport, "2345", 4), 0);
    assert_int_equal(read(peer, text, sizeof text), 5);
    assert_string_equal(text, "12345");
    assert_non_null(gyre_transport_get_extra_info(diary.transport, "pipe", NULL));
    gyre_transport_close(diary.transport);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made lost:0 ");
    assert_int_equal(read(peer, text, sizeof text), 0);
    close(peer);
}

/* test_unix_events.py::UnixWritePipeTransportTests::test_write_no_data */
static void no_bytes_are_nothing(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);

    net_system_watch(loop);
    assert_int_equal(gyre_transport_write(diary.transport, "", 0), 0);
    assert_int_equal(net_system.sends, 0);
    net_finish(loop, &diary, peer);
}

/* test_unix_events.py::UnixWritePipeTransportTests::test_write_partial,
 * test_unix_events.py::UnixWritePipeTransportTests::test__write_ready,
 * test_unix_events.py::UnixWritePipeTransportTests::test__write_ready_partial */
static void what_the_kernel_leaves_is_sent_later(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);
    char text[8] = "";

    net_system_watch(loop);
    net_system.most = 2;
    assert_int_equal(gyre_transport_write(diary.transport, "data!", 5), 0);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 3);
    while (gyre_transport_get_write_buffer_size(diary.transport))
        net_step(loop);
    assert_int_equal(read(peer, text, sizeof text), 5);
    assert_string_equal(text, "data!");
    net_finish(loop, &diary, peer);
}

/* test_unix_events.py::UnixWritePipeTransportTests::test_write_again,
 * test_unix_events.py::UnixWritePipeTransportTests::test_write_buffer,
 * test_unix_events.py::UnixWritePipeTransportTests::test__write_ready_again,
 * test_unix_events.py::UnixWritePipeTransportTests::test__write_ready_empty */
static void what_waits_goes_first(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);
    char text[8] = "";

    net_system_watch(loop);
    net_system.send_error = -EAGAIN;
    assert_int_equal(gyre_transport_write(diary.transport, "one", 3), 0);
    assert_int_equal(gyre_transport_write(diary.transport, "two", 3), 0);
    net_turns(loop, 3);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 6);
    net_system.send_error = 0;
    while (gyre_transport_get_write_buffer_size(diary.transport))
        net_step(loop);
    assert_int_equal(read(peer, text, sizeof text), 6);
    assert_string_equal(text, "onetwo");
    net_system.sends = 0;
    net_turns(loop, 3);
    assert_int_equal(net_system.sends, 0);
    net_finish(loop, &diary, peer);
}

/* test_unix_events.py::UnixWritePipeTransportTests::test_write_err,
 * test_unix_events.py::UnixWritePipeTransportTests::test__call_connection_lost_with_err,
 * test_unix_events.py::UnixWritePipeTransportTests::test_write_close */
static void an_error_ends_it_and_later_writes_are_dropped(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);

    net_system_watch(loop);
    net_system.send_error = -ENOSPC;
    assert_int_equal(gyre_transport_write(diary.transport, "data", 4), 0);
    net_system.send_error = 0;
    assert_int_equal(gyre_transport_write(diary.transport, "more", 4), 0);
    assert_int_equal(diary.lost, 0);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made lost:-28 ");
    assert_int_equal(net_empty(peer), 0);
    close(peer);
}

/* test_unix_events.py::UnixWritePipeTransportTests::test__write_ready_err */
static void so_does_an_error_while_bytes_wait(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);

    net_system_watch(loop);
    net_system.send_error = -EAGAIN;
    assert_int_equal(gyre_transport_write(diary.transport, "data", 4), 0);
    net_system.send_error = -ENOSPC;
    net_until_lost(loop, &diary);
    assert_int_equal(diary.err, -ENOSPC);
    close(peer);
}

/* test_unix_events.py::UnixWritePipeTransportTests::test__read_ready,
 * test_events.py::EventLoopTestsMixin::test_write_pipe_disconnect_on_close,
 * uv:test_pipes.py::_BasePipeTest::test_write_pipe_disconnect_on_close,
 * test_unix_events.py::UnixWritePipeTransportTests::test__call_connection_lost */
static void a_reader_that_goes_is_noticed_while_idle(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);

    assert_int_equal(gyre_transport_write(diary.transport, "1", 1), 0);
    assert_int_equal(net_empty(peer), 1);
    close(peer);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made lost:0 ");
    assert_int_equal(report.count, 0);
}

static void fill(struct diary *diary)
{
    static char block[65536];

    for (size_t sent = 0; sent < 2 * (size_t)NET_PIPE_FULL; sent += sizeof block)
        assert_int_equal(gyre_transport_write(diary->transport, block, sizeof block), 0);
    assert_true(gyre_transport_get_write_buffer_size(diary->transport) > 0);
}

/* The other half of the same rule. */
static void a_reader_that_goes_with_bytes_waiting_breaks_it(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);

    fill(&diary);
    close(peer);
    net_until_lost(loop, &diary);
    assert_int_equal(diary.err, -EPIPE);
    assert_int_equal(report.count, 0);
}

/* test_unix_events.py::UnixWritePipeTransportTests::test_abort */
static void abort_drops_what_waits(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);

    fill(&diary);
    gyre_transport_abort(diary.transport);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 0);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made pause lost:0 ");
    close(peer);
}

/* test_unix_events.py::UnixWritePipeTransportTests::test_close,
 * test_unix_events.py::UnixWritePipeTransportTests::test_close_closing,
 * test_unix_events.py::UnixWritePipeTransportTests::test_write_eof */
static void closing_or_ending_twice_is_one_loss(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);

    assert_int_equal(gyre_transport_write_eof(diary.transport), 0);
    assert_true(gyre_transport_is_closing(diary.transport));
    assert_int_equal(diary.lost, 0);
    gyre_transport_close(diary.transport);
    assert_int_equal(gyre_transport_write_eof(diary.transport), 0);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made lost:0 ");
    close(peer);
}

/* test_unix_events.py::UnixWritePipeTransportTests::test_write_eof_pending,
 * test_unix_events.py::UnixWritePipeTransportTests::test__write_ready_closing,
 * uv:test_pipes.py::_BasePipeTest::test_write_buffer_full */
static void the_end_comes_behind_what_waits(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_write_pipe(loop, &diary);
    size_t got = 0;

    fill(&diary);
    assert_int_equal(diary.pauses, 1);
    assert_int_equal(gyre_transport_write_eof(diary.transport), 0);
    net_turns(loop, 3);
    assert_int_equal(diary.lost, 0);
    while (!diary.lost) {
        got += net_empty(peer);
        net_step(loop);
    }
    net_turns(loop, 1);
    assert_int_equal(diary.err, 0);
    assert_int_equal(got + net_empty(peer), 2 * NET_PIPE_FULL);
    close(peer);
}

/* test_events.py::EventLoopTestsMixin::test_write_pty, uv:test_pipes.py::_BasePipeTest::test_write_pty */
static void a_terminal_takes_bytes(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer, fd;
    char text[8] = "";

    net_terminal(&peer, &fd);
    assert_int_equal(gyre_loop_connect_write_pipe(loop, NULL, &net_diary, fd, &diary), 0);
    assert_int_equal(gyre_transport_write(diary.transport, "12345", 5), 0);
    assert_int_equal(read(peer, text, sizeof text), 5);
    assert_string_equal(text, "12345");
    gyre_transport_close(diary.transport);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made lost:0 ");
    close(peer);
}

/* test_events.py::EventLoopTestsMixin::test_bidirectional_pty */
static void a_terminal_goes_both_ways(void **state)
{
    gyre_loop *loop = *state;
    struct diary in = {0}, out = {0};
    int peer, fd;
    char text[8] = "";

    net_terminal(&peer, &fd);
    assert_int_equal(gyre_loop_connect_read_pipe(loop, NULL, &net_diary, dup(fd), &in), 0);
    assert_int_equal(gyre_loop_connect_write_pipe(loop, NULL, &net_diary, fd, &out), 0);
    assert_int_equal(gyre_transport_write(out.transport, "1", 1), 0);
    assert_int_equal(read(peer, text, sizeof text), 1);
    assert_int_equal(write(peer, "ab", 2), 2);
    while (in.received < 2)
        net_step(loop);
    assert_int_equal(gyre_transport_write(out.transport, "2345", 4), 0);
    assert_int_equal(read(peer, text, sizeof text), 4);
    assert_string_equal(in.data, "ab");
    gyre_transport_close(in.transport);
    gyre_transport_close(out.transport);
    net_until_lost(loop, &in);
    net_until_lost(loop, &out);
    assert_string_equal(out.text, "made lost:0 ");
    close(peer);
}

/* What a socket's peer sends is thrown away; only its end counts. */
static void a_socket_that_only_writes(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(gyre_loop_connect_write_pipe(loop, NULL, &net_diary, ends[0], &diary), 0);
    assert_int_equal(write(ends[1], "noise", 5), 5);
    net_run(loop, 0.01);
    assert_string_equal(diary.text, "made ");
    close(ends[1]);
    net_until_lost(loop, &diary);
    assert_string_equal(diary.text, "made lost:0 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_go_and_closing_is_the_end_of_file, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(no_bytes_are_nothing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(what_the_kernel_leaves_is_sent_later, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(what_waits_goes_first, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_error_ends_it_and_later_writes_are_dropped, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(so_does_an_error_while_bytes_wait, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_goes_is_noticed_while_idle, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_goes_with_bytes_waiting_breaks_it, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(abort_drops_what_waits, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_or_ending_twice_is_one_loss, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_end_comes_behind_what_waits, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_terminal_takes_bytes, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_terminal_goes_both_ways, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_socket_that_only_writes, net_setup, net_teardown),
    };

    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    net_driver = GYRE_DRIVER_UV;
    return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
