/* What "raising" in a protocol method means, and that a method may do anything to its transport. */
#include "net_peer.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void raise_value(struct diary *diary)
{
    gyre_transport_fail(diary->transport, gyre_error_set(GYRE_EVALUE, "in a method"));
}

/* test_selector_events.py::SelectorSocketTransportTests::test_data_received_error */
static void raising_in_data_received_is_fatal(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = raise_value};
    int peer = net_pair(loop, &diary);

    write(peer, "x", 1);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:1 lost:-10002 ");
    assert_int_equal(report.count, 1);
    assert_string_equal(report.message, "Fatal error: protocol.data_received() call failed.");
    assert_string_equal(report.text, "in a method");
    assert_int_equal(report.exception, GYRE_EVALUE);
    assert_true(report.transport);
    assert_false(report.handle);
    close(peer);
}

static void say_other_things(struct diary *diary)
{
    raise_value(diary);
    gyre_error_set(-EIO, "of something else");
}

static char last_words[40];

static void keep_words(struct diary *diary)
{
    snprintf(last_words, sizeof last_words, "%s", gyre_error_text());
}

static void connection_lost_finds_the_words_of_the_failure(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = say_other_things, .on_lost = keep_words};
    int peer = net_pair(loop, &diary);

    write(peer, "x", 1);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(last_words, "in a method");
    close(peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_read_eof_received_error */
static void raising_in_eof_received_is_fatal(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_eof = raise_value, .keep_open = true};

    close(net_pair(loop, &diary));
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made eof lost:-10002 ");
    assert_string_equal(report.message, "Fatal error: protocol.eof_received() call failed.");
    assert_true(report.transport);
}

/* uv:test_tcp.py::_TestTCP::test_tcp_handle_exception_in_connection_made */
static void raising_in_connection_made_is_reported_only(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_made = raise_value};
    int peer = net_pair(loop, &diary);

    assert_string_equal(report.message, "Exception in callback connection_made");
    assert_true(report.handle);
    assert_false(report.transport);
    write(peer, "x", 1);
    close(peer);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:1 eof lost:0 ");
    assert_int_equal(report.count, 1);
}

static void raising_in_connection_lost_is_reported_only(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_lost = raise_value};
    int peer = net_pair(loop, &diary);

    gyre_transport_abort(diary.transport);
    net_turns(loop, 4);
    assert_string_equal(diary.text, "made lost:0 ");
    assert_string_equal(report.message, "Exception in callback connection_lost");
    close(peer);
}

static void raising_in_the_flow_methods_is_reported_only(void **state)
{
    static char data[4 << 20];
    gyre_loop *loop = *state;
    struct diary diary = {.on_pause = raise_value, .on_resume = raise_value};
    int peer = net_pair(loop, &diary);
    char got[65536];

    gyre_transport_write(diary.transport, data, sizeof data);
    assert_string_equal(report.message, "protocol.pause_writing() failed");
    assert_true(report.transport);
    while (!diary.resumes) {
        assert_true(read(peer, got, sizeof got) > 0);
        net_step(loop);
    }
    assert_string_equal(report.message, "protocol.resume_writing() failed");
    assert_int_equal(report.count, 2);
    assert_int_equal(diary.lost, 0);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorTransportTests::test_fatal_error_custom_exception */
static void failing_from_outside_is_fatal(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    gyre_transport_fail(diary.transport, -EPROTO);
    net_turns(loop, 3);
    assert_string_equal(report.message, "Fatal error on transport");
    assert_int_equal(diary.err, -EPROTO);
    close(peer);
}

static void raise_after_abort(struct diary *diary)
{
    gyre_transport_abort(diary->transport);
    raise_value(diary);
}

/* It is reported, but the abort was first. */
static void the_reason_before_the_raise_stays(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = raise_after_abort};
    int peer = net_pair(loop, &diary);

    write(peer, "x", 1);
    while (!diary.lost)
        net_step(loop);
    assert_int_equal(report.count, 1);
    assert_int_equal(diary.err, 0);
    close(peer);
}

static void switch_protocol(struct diary *diary)
{
    gyre_transport_set_protocol(diary->transport, &net_diary, diary->arg);
}

/* Only the current protocol hears of what comes, and there is no second connection_made. */
static void set_protocol_in_data_received(void **state)
{
    gyre_loop *loop = *state;
    struct diary second = {0};
    struct diary first = {.on_data = switch_protocol, .arg = &second};
    int peer = net_pair(loop, &first);

    write(peer, "a", 1);
    while (!first.received)
        net_step(loop);
    write(peer, "bc", 2);
    close(peer);
    while (!second.lost)
        net_step(loop);
    assert_string_equal(first.text, "made data:1 ");
    assert_string_equal(second.text, "data:2 eof lost:0 ");
    assert_int_equal(first.destroyed, 1);
    assert_int_equal(second.destroyed, 0);
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_proto_type_switch */
static void switch_between_the_two_kinds(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.room = 10};
    int peer = net_pair(loop, &diary);

    gyre_transport_set_protocol(diary.transport, &net_buffered, NULL);
    write(peer, "abc", 3);
    while (!diary.received)
        net_step(loop);
    gyre_transport_set_protocol(diary.transport, &net_diary, NULL);
    write(peer, "de", 2);
    close(peer);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made updated:3 data:2 eof lost:0 ");
}

static void unref_twice(struct diary *diary)
{
    gyre_transport_unref(diary->arg);
    diary->arg = NULL;
    gyre_transport_abort(diary->transport);
}

/* The user's last reference may go inside any method. */
static void the_last_reference_may_go_in_a_method(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = unref_twice};
    int peer = net_pair(loop, &diary);

    diary.arg = gyre_transport_ref(diary.transport);
    write(peer, "x", 1);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:1 lost:0 ");
    close(peer);
}

static void a_protocol_of_nothing_closes_at_eof(void **state)
{
    static const gyre_protocol nothing = {0};
    gyre_loop *loop = *state;
    gyre_transport *transport;
    int ends[2];

    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    assert_int_equal(gyre_loop_create_connection(loop, &transport, &nothing, .sock = ends[0]), 0);
    write(ends[1], "x", 1);
    close(ends[1]);
    while (!gyre_transport_is_closing(transport))
        net_step(loop);
    gyre_transport_unref(transport);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(raising_in_data_received_is_fatal, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(raising_in_eof_received_is_fatal, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(connection_lost_finds_the_words_of_the_failure, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(raising_in_connection_made_is_reported_only, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(raising_in_connection_lost_is_reported_only, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(raising_in_the_flow_methods_is_reported_only, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(failing_from_outside_is_fatal, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_reason_before_the_raise_stays, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(set_protocol_in_data_received, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(switch_between_the_two_kinds, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_last_reference_may_go_in_a_method, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_protocol_of_nothing_closes_at_eof, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
