/* The life of a transport: made, lost, freed, each once and in that order, whatever happens in between. */
#include "base/memory.h"
#include "net/kind.h"
#include "net_peer.h"
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* test_selector_events.py::SelectorSocketTransportTests::test_ctor_with_waiter,
 * test_selector_events.py::SelectorSocketTransportTests::test_read_ready_eof */
static void made_then_data_then_eof_then_lost(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    assert_string_equal(diary.text, "made ");
    assert_int_equal(write(peer, "abc", 3), 3);
    while (!diary.received)
        net_step(loop);
    close(peer);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:3 eof lost:0 ");
    assert_int_equal(diary.destroyed, 1);
}

/* test_selector_events.py::SelectorTransportTests::test_connection_lost,
 * uv:test_tcp.py::_TestTCP::test_create_connection_open_con_sock: the socket is ours on success. */
static void the_socket_is_closed_after_connection_lost(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char byte;

    gyre_transport_close(diary.transport);
    assert_int_equal(diary.lost, 0);
    while (!diary.lost)
        net_step(loop);
    assert_int_equal(read(peer, &byte, 1), 0);
    close(peer);
}

struct own {
    char zeroed[100];
    int made;
};

static void own_made(void *self, gyre_transport *transport)
{
    static const struct own fresh;
    struct own *own = self;

    assert_memory_equal(own, &fresh, sizeof fresh);
    memset(own->zeroed, 1, sizeof own->zeroed);
    *(gyre_transport **)gyre_transport_get_arg(transport) = gyre_transport_ref(transport);
}

static void state_without_create_is_zeroed_and_lives_with_the_transport(void **state)
{
    static const gyre_protocol protocol = {.size = sizeof(struct own), .connection_made = own_made};
    gyre_loop *loop = *state;
    gyre_transport *transport = NULL;
    int ends[2];
    void *self;

    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &protocol, .sock = ends[0], .arg = &transport),
                     0);
    gyre_transport_abort(transport);
    net_turns(loop, 3);
    assert_ptr_equal(gyre_transport_get_protocol(transport, &self), &protocol);
    gyre_transport_unref(transport);
    close(ends[1]);
}

/* Every call after the loss does nothing, or says so. */
static void a_lost_transport_is_harmless(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    gyre_transport *transport = gyre_transport_ref(diary.transport);
    struct iovec piece = {"x", 1};

    gyre_transport_abort(transport);
    net_turns(loop, 3);
    assert_int_equal(diary.lost, 1);
    assert_int_equal(gyre_transport_write(transport, "x", 1), 0);
    assert_int_equal(gyre_transport_writelines(transport, &piece, 1), 0);
    assert_int_equal(gyre_transport_write_eof(transport), 0);
    gyre_transport_close(transport);
    gyre_transport_abort(transport);
    gyre_transport_fail(transport, -EIO);
    gyre_transport_pause_reading(transport);
    gyre_transport_resume_reading(transport);
    gyre_transport_set_timeouts(transport, .idle = 1);
    gyre_transport_set_busy(transport, true);
    assert_true(gyre_transport_is_closing(transport));
    assert_false(gyre_transport_is_reading(transport));
    assert_int_equal(gyre_transport_get_write_buffer_size(transport), 0);
    assert_int_equal(gyre_transport_get_socket(transport), -1);
    assert_int_equal(report.count, 0);
    net_turns(loop, 3);
    assert_string_equal(diary.text, "made lost:0 ");
    gyre_transport_unref(transport);
    close(peer);
}

static void ask_for_the_peer(struct diary *diary)
{
    diary->arg = (void *)gyre_transport_get_extra_info(diary->transport, "socket", NULL);
    assert_true(gyre_transport_get_socket(diary->transport) >= 0);
}

/* The descriptor is closed after connection_lost has returned. */
static void connection_lost_may_still_ask(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_lost = ask_for_the_peer};
    int peer = net_pair(loop, &diary);

    gyre_transport_abort(diary.transport);
    net_turns(loop, 3);
    assert_non_null(diary.arg);
    close(peer);
}

/* test_selector_events.py::SelectorTransportTests::test_force_close,
 * test_selector_events.py::SelectorTransportTests::test_fatal_error: the first reason wins. */
static void the_first_reason_wins(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    gyre__transport_lose(diary.transport, -EPIPE);
    gyre__transport_lose(diary.transport, -EIO);
    gyre_transport_abort(diary.transport);
    gyre_transport_close(diary.transport);
    net_turns(loop, 3);
    assert_int_equal(diary.lost, 1);
    assert_int_equal(diary.err, -EPIPE);
    close(peer);
}

/* "made" and "lost" come in pairs: a loop that closes ends its connections. */
static void closing_the_loop_loses_every_made_connection(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char text[8];

    gyre_loop_close(loop);
    assert_string_equal(diary.text, "made lost:0 ");
    assert_int_equal(diary.destroyed, 1);
    assert_int_equal(read(peer, text, sizeof text), 0);
    close(peer);
}

static void write_and_keep(struct diary *diary)
{
    gyre_transport_write(diary->transport, "last", 4);
    diary->arg = gyre_transport_ref(diary->transport);
}

/* What was accepted small enough to be put off is sent when the loop closes; a reference outlives the loop.
 */
static void a_reference_outlives_the_loop(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_made = write_and_keep};
    int peer = net_pair(loop, &diary);
    char text[8];

    gyre_loop_close(loop);
    assert_int_equal(read(peer, text, sizeof text), 4);
    assert_ptr_equal(gyre_transport_get_loop(diary.arg), loop);
    assert_int_equal(gyre_transport_write(diary.arg, "x", 1), 0);
    gyre_transport_unref(diary.arg);
    close(peer);
}

/* A transport that was never made never hears of its loss, but its state is destroyed. */
static void a_loop_that_closes_before_made_is_silent(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_transport *transport;
    int ends[2];

    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
    transport = gyre__transport_new(gyre__net(loop), &gyre__stream_kind, ends[0], &net_diary, &diary, NULL);
    gyre__transport_begin(transport);
    gyre_loop_close(loop);
    assert_string_equal(diary.text, "");
    assert_int_equal(diary.destroyed, 1);
    close(ends[1]);
}

static void abort_at_once(struct diary *diary)
{
    gyre_transport_abort(diary->transport);
}

/* An abort before made is heard after it. */
static void made_comes_first_even_when_aborted_before(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_transport *transport;
    int ends[2];

    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
    transport = gyre__transport_new(gyre__net(loop), &gyre__stream_kind, ends[0], &net_diary, &diary, NULL);
    gyre__transport_begin(transport);
    gyre_transport_abort(transport);
    net_turns(loop, 3);
    assert_string_equal(diary.text, "made lost:0 ");
    close(ends[1]);
}

/* uv:test_tcp.py::Test_UV_TCP::test_tcp_handle_abort_in_connection_made */
static void abort_in_connection_made(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_made = abort_at_once};
    int peer = net_pair(loop, &diary);

    net_turns(loop, 3);
    assert_string_equal(diary.text, "made lost:0 ");
    close(peer);
}

static size_t live_bytes(void)
{
    return mallinfo2().uordblks;
}

/* Descriptors, memory and counters are back where they were. */
static void many_connections_leave_nothing(void **state)
{
    gyre_loop *loop = *state;
    gyre_loop_stats stats;
    size_t before = 0;
    int fds = net_count_fds();

    for (int i = 0; i < 2000; i++) {
        struct diary diary = {0};
        int peer = net_pair(loop, &diary);

        assert_int_equal(diary.lost, 0);
        if (i % 2)
            gyre_transport_close(diary.transport);
        close(peer);
        while (!diary.lost)
            net_turns(loop, 1);
        if (i == 100)
            before = live_bytes();
    }
    net_turns(loop, 3);
    assert_int_equal(net_count_fds(), fds);
    assert_true(live_bytes() <= before + 4096);
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.transports, 0);
}

static void an_idle_connection_is_small(void **state)
{
    assert_true(sizeof(gyre_transport) <= 320);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(made_then_data_then_eof_then_lost, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_socket_is_closed_after_connection_lost, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(state_without_create_is_zeroed_and_lives_with_the_transport,
                                        net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_lost_transport_is_harmless, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(connection_lost_may_still_ask, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_first_reason_wins, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_the_loop_loses_every_made_connection, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(a_reference_outlives_the_loop, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_loop_that_closes_before_made_is_silent, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(made_comes_first_even_when_aborted_before, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(abort_in_connection_made, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(many_connections_leave_nothing, net_setup, net_teardown),
        cmocka_unit_test(an_idle_connection_is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
