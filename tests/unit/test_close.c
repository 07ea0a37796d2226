/* The ways to end: close flushes, abort drops, write_eof shuts one side. */
#include "net_peer.h"
#include "net_system.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BIG = 4 << 20 };

static char data[BIG];

/* test_selector_events.py::SelectorTransportTests::test_close,
 * test_selector_events.py::SelectorTransportTests::test_close_write_buffer,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_ready_closing,
 * test_selector_events.py::SelectorSocketTransportTests::test_transport_close_remove_writer */
static void close_sends_what_is_buffered_first(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    long got = 0;
    ssize_t some;

    gyre_transport_write(diary.transport, data, BIG);
    write(peer, "late", 4);
    gyre_transport_close(diary.transport);
    gyre_transport_close(diary.transport);
    assert_true(gyre_transport_is_closing(diary.transport));
    assert_false(gyre_transport_is_reading(diary.transport));
    net_run(loop, 0.01);
    assert_int_equal(diary.lost, 0);
    while ((some = recv(peer, data, sizeof data, MSG_DONTWAIT))) {
        got += some > 0 ? some : 0;
        net_step(loop);
    }
    assert_int_equal(got, BIG);
    assert_string_equal(diary.text, "made pause resume lost:0 ");
    net_finish(loop, &diary, peer);
}

static void close_and_look(struct diary *diary)
{
    gyre_transport_write(diary->transport, "bye", 3);
    gyre_transport_close(diary->transport);
    assert_int_equal(diary->lost, 0);
    gyre_transport_resume_reading(diary->transport);
}

/* test_selector_events.py::SelectorTransportTests::test__add_reader: no data after close, not even what the
 * kernel has; connection_lost never inside close. */
static void no_data_after_close(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_made = close_and_look};
    char text[8];
    int peer, ends[2];

    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    write(ends[1], "data", 4);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .sock = ends[0], .arg = &diary), 0);
    peer = ends[1];
    net_run(loop, 0.01);
    assert_string_equal(diary.text, "made lost:0 ");
    assert_int_equal(read(peer, text, sizeof text), 3);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorTransportTests::test_abort */
static void abort_drops_what_is_buffered(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    gyre_transport_write(diary.transport, data, BIG);
    gyre_transport_abort(diary.transport);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 0);
    assert_int_equal(diary.lost, 0);
    gyre_transport_abort(diary.transport);
    net_turns(loop, 3);
    assert_string_equal(diary.text, "made pause lost:0 ");
    net_finish(loop, &diary, peer);
}

static void abort_after_close(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    gyre_transport_write(diary.transport, data, BIG);
    gyre_transport_close(diary.transport);
    net_step(loop);
    assert_int_equal(diary.lost, 0);
    gyre_transport_abort(diary.transport);
    net_turns(loop, 3);
    assert_int_equal(diary.lost, 1);
    assert_int_equal(diary.err, 0);
    net_finish(loop, &diary, peer);
}

static void write_and_abort(struct diary *diary)
{
    gyre_transport_write(diary->transport, "bye", 3);
    gyre_transport_abort(diary->transport);
}

/* What would have been in the kernel without batching gets there before the abort. */
static void abort_sends_the_batch(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = write_and_abort};
    int peer = net_pair(loop, &diary);
    char text[8];

    write(peer, "x", 1);
    while (!diary.lost)
        net_step(loop);
    assert_int_equal(read(peer, text, sizeof text), 3);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_eof,
 * uv:test_tcp.py::_TestTCP::test_transport_shutdown */
static void write_eof_closes_one_side(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char text[8];

    assert_true(gyre_transport_can_write_eof(diary.transport));
    gyre_transport_write(diary.transport, "abc", 3);
    assert_int_equal(gyre_transport_write_eof(diary.transport), 0);
    assert_int_equal(gyre_transport_write_eof(diary.transport), 0);
    assert_int_equal(net_read_all(peer), 3);
    write(peer, "still", 5);
    while (!diary.received)
        net_step(loop);
    assert_int_equal(read(peer, text, sizeof text), 0);
    close(peer);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:5 eof lost:0 ");
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_eof_buffer */
static void write_eof_comes_after_what_is_buffered(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    long got = 0;
    ssize_t some;

    gyre_transport_write(diary.transport, data, BIG);
    gyre_transport_write_eof(diary.transport);
    while ((some = recv(peer, data, sizeof data, MSG_DONTWAIT))) {
        got += some > 0 ? some : 0;
        net_step(loop);
    }
    assert_int_equal(got, BIG);
    assert_false(gyre_transport_is_closing(diary.transport));
    net_finish(loop, &diary, peer);
}

static void write_and_eof(struct diary *diary)
{
    gyre_transport_write(diary->transport, "abc", 3);
    gyre_transport_write_eof(diary->transport);
}

static void write_eof_inside_a_method(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = write_and_eof};
    int peer = net_pair(loop, &diary);

    write(peer, "x", 1);
    while (!diary.received)
        net_step(loop);
    assert_int_equal(net_read_all(peer), 3);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_eof_after_close */
static void write_eof_after_close_is_nothing(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    gyre_transport_close(diary.transport);
    assert_int_equal(gyre_transport_write_eof(diary.transport), 0);
    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), 0);
    net_finish(loop, &diary, peer);
    assert_string_equal(diary.text, "made lost:0 ");
}

/* What nobody could tell the peer is not passed over: it would wait for good. */
static void an_end_that_cannot_be_told_is_a_loss(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    net_system_watch(loop);
    net_system.shutdown_error = -ENOBUFS;
    assert_int_equal(gyre_transport_write_eof(diary.transport), 0);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made lost:-105 ");
    net_finish(loop, &diary, peer);
}

/* A connection that is over already is read to its end: that tells why. */
static void an_end_that_comes_too_late_is_none(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    net_system_watch(loop);
    net_system.shutdown_error = -ENOTCONN;
    write(peer, "last", 4);
    close(peer);
    assert_int_equal(gyre_transport_write_eof(diary.transport), 0);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:4 eof lost:0 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(close_sends_what_is_buffered_first, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(no_data_after_close, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(abort_drops_what_is_buffered, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(abort_after_close, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(abort_sends_the_batch, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(write_eof_closes_one_side, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(write_eof_comes_after_what_is_buffered, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(write_eof_inside_a_method, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(write_eof_after_close_is_nothing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_end_that_cannot_be_told_is_a_loss, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_end_that_comes_too_late_is_none, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
