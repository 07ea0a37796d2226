/* What readiness means: bytes, EOF, errors, for both kinds of protocols; and pausing. */
#include "net_peer.h"
#include "net_system.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A transport over TCP whose peer is a socket of the test's. */
static int tcp_pair(gyre_loop *loop, struct diary *diary)
{
    struct diaries diaries = {.diary = diary, .max = 1};
    gyre_server *server = NULL;
    int fd;

    assert_int_equal(
        gyre_loop_create_server(loop, &server, &net_diaries, .host = "127.0.0.1", .arg = &diaries), 0);
    fd = net_dial(gyre_server_get_port(server));
    while (!diary->made)
        net_step(loop);
    gyre_server_close(server);
    gyre_server_unref(server);
    return fd;
}

/* test_selector_events.py::SelectorSocketTransportTests::test_read_ready,
 * test_selector_events.py::SelectorSocketTransportTests::test_read_ready_tryagain */
static void all_bytes_come_in_order(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    write(peer, "abc", 3);
    while (diary.received < 3)
        net_step(loop);
    write(peer, "def", 3);
    while (diary.received < 6)
        net_step(loop);
    assert_memory_equal(diary.data, "abcdef", 6);
    net_run(loop, 0.01);
    assert_string_equal(diary.text, "made data:3 data:3 ");
    net_finish(loop, &diary, peer);
}

/* asyncio's max_size: 256 KiB in one call. */
static void one_call_gets_256_kib_at_most(void **state)
{
    static char data[1 << 20];
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = tcp_pair(loop, &diary);
    size_t sent = 0;

    while (diary.received < sizeof data) {
        ssize_t some = send(peer, data + sent, sizeof data - sent, MSG_DONTWAIT);

        sent += some > 0 ? (size_t)some : 0;
        net_step(loop);
    }
    assert_int_equal(diary.received, sizeof data);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_read_ready_eof_keep_open */
static void a_true_eof_received_keeps_the_writing_side(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.keep_open = true};
    int peer = net_pair(loop, &diary);
    char text[8];

    shutdown(peer, SHUT_WR);
    while (!diary.eof)
        net_step(loop);
    net_run(loop, 0.01);
    assert_string_equal(diary.text, "made eof ");
    assert_false(gyre_transport_is_reading(diary.transport));
    assert_false(gyre_transport_is_closing(diary.transport));
    gyre_transport_write(diary.transport, "late", 4);
    assert_int_equal(read(peer, text, sizeof text), 4);
    gyre_transport_close(diary.transport);
    net_turns(loop, 3);
    assert_string_equal(diary.text, "made eof lost:0 ");
    close(peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_read_ready_conn_reset: no report, no EOF. */
static void a_reset_is_lost_with_its_error(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};

    net_reset(tcp_pair(loop, &diary));
    while (!diary.lost)
        net_step(loop);
    assert_int_equal(diary.err, -ECONNRESET);
    assert_int_equal(diary.eof, 0);
    assert_int_equal(report.count, 0);
}

static void a_reset_while_bytes_wait_is_lost_with_its_error(void **state)
{
    static char data[8 << 20];
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = tcp_pair(loop, &diary);

    gyre_transport_write(diary.transport, data, sizeof data);
    assert_int_equal(diary.pauses, 1);
    net_reset(peer);
    while (!diary.lost)
        net_step(loop);
    assert_true(diary.err == -ECONNRESET || diary.err == -EPIPE);
    assert_int_equal(diary.resumes, 0);
}

static void a_reset_while_closing_is_lost_with_its_error(void **state)
{
    static char data[8 << 20];
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = tcp_pair(loop, &diary);

    gyre_transport_write(diary.transport, data, sizeof data);
    gyre_transport_close(diary.transport);
    net_run(loop, 0.01);
    assert_int_equal(diary.lost, 0);
    net_reset(peer);
    while (!diary.lost)
        net_step(loop);
    assert_true(diary.err == -ECONNRESET || diary.err == -EPIPE);
    assert_int_equal(diary.pauses, 1);
    assert_int_equal(diary.resumes, 0);
}

static void a_reset_of_a_paused_transport_waits(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = tcp_pair(loop, &diary);

    gyre_transport_pause_reading(diary.transport);
    net_reset(peer);
    net_run(loop, 0.01);
    assert_int_equal(diary.lost, 0);
    gyre_transport_resume_reading(diary.transport);
    while (!diary.lost)
        net_step(loop);
    assert_int_equal(diary.err, -ECONNRESET);
}

/* A connection that was reset before it was accepted. */
static void a_reset_before_accept(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct diaries diaries = {.diary = &diary, .max = 1};
    gyre_server *server;

    assert_int_equal(
        gyre_loop_create_server(loop, &server, &net_diaries, .host = "127.0.0.1", .arg = &diaries), 0);
    net_reset(net_dial(gyre_server_get_port(server)));
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made lost:-104 ");
    gyre_server_close(server);
    gyre_server_unref(server);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_pause_resume_reading */
static void paused_means_neither_data_nor_eof(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    assert_true(gyre_transport_is_reading(diary.transport));
    gyre_transport_pause_reading(diary.transport);
    gyre_transport_pause_reading(diary.transport);
    assert_false(gyre_transport_is_reading(diary.transport));
    write(peer, "x", 1);
    close(peer);
    net_run(loop, 0.01);
    assert_string_equal(diary.text, "made ");
    gyre_transport_resume_reading(diary.transport);
    gyre_transport_resume_reading(diary.transport);
    assert_string_equal(diary.text, "made ");
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:1 eof lost:0 ");
}

static void pause_it(struct diary *diary)
{
    gyre_transport_pause_reading(diary->transport);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_pause_reading_connection_made */
static void pausing_in_connection_made(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_made = pause_it};
    int peer = net_pair(loop, &diary);

    write(peer, "x", 1);
    net_run(loop, 0.01);
    assert_int_equal(diary.received, 0);
    gyre_transport_resume_reading(diary.transport);
    while (!diary.received)
        net_step(loop);
    net_finish(loop, &diary, peer);
}

/* T32: at once, also inside data_received. */
static void pausing_in_data_received(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = pause_it};
    int peer = net_pair(loop, &diary);

    write(peer, "one", 3);
    while (!diary.received)
        net_step(loop);
    write(peer, "two", 3);
    net_run(loop, 0.01);
    assert_string_equal(diary.text, "made data:3 ");
    gyre_transport_resume_reading(diary.transport);
    while (diary.received < 6)
        net_step(loop);
    net_finish(loop, &diary, peer);
}

static int buffered_pair(gyre_loop *loop, struct diary *diary)
{
    return net_pair_with(loop, diary, &net_buffered);
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_read_ready,
 * test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_read_ready_eof,
 * test_buffered_proto.py::BaseTestBufferedProtocol::test_buffered_proto_create_connection */
static void a_buffered_protocol_reads_into_its_own(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.room = 4};
    int peer = buffered_pair(loop, &diary);

    write(peer, "abcdef", 6);
    close(peer);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made updated:4 updated:2 eof lost:0 ");
    assert_memory_equal(diary.space, "efcd", 4);
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_get_buffer_zerosized */
static void an_empty_buffer_is_fatal(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.room = 0};
    int peer = buffered_pair(loop, &diary);

    write(peer, "x", 1);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(report.message, "Fatal error: protocol.get_buffer() call failed.");
    assert_string_equal(report.text, "get_buffer() returned an empty buffer");
    assert_int_equal(diary.err, GYRE_ERUNTIME);
    close(peer);
}

static void raise_value(struct diary *diary)
{
    gyre_transport_fail(diary->transport, GYRE_EVALUE);
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_get_buffer_error */
static void raising_in_get_buffer_is_fatal(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.room = 4, .on_buffer = raise_value};
    int peer = buffered_pair(loop, &diary);

    write(peer, "x", 1);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(report.message, "Fatal error: protocol.get_buffer() call failed.");
    assert_string_equal(diary.text, "made lost:-10002 ");
    close(peer);
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_buffer_updated_error */
static void raising_in_buffer_updated_is_fatal(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.room = 4, .on_updated = raise_value};
    int peer = buffered_pair(loop, &diary);

    write(peer, "x", 1);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(report.message, "Fatal error: protocol.buffer_updated() call failed.");
    assert_string_equal(diary.text, "made updated:1 lost:-10002 ");
    close(peer);
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_read_ready_eof_keep_open */
static void a_buffered_protocol_may_keep_open(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.room = 4, .keep_open = true};
    int peer = buffered_pair(loop, &diary);

    shutdown(peer, SHUT_WR);
    while (!diary.eof)
        net_step(loop);
    assert_false(gyre_transport_is_closing(diary.transport));
    net_finish(loop, &diary, peer);
}

/* One that fails to be read: what comes of it, for both kinds. */
static void fail_to_read(gyre_loop *loop, struct diary *diary, const gyre_protocol *protocol, int err)
{
    int peer = net_pair_with(loop, diary, protocol);

    net_system_watch(loop);
    net_system.recv_error = err;
    write(peer, "x", 1);
    net_run(loop, 0.01);
    net_system.recv_error = 0;
    assert_int_equal(report.count, 0);
    if (!diary->lost)
        net_finish(loop, diary, peer);
    else
        close(peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_read_ready_err,
 * test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_read_ready_err */
static void an_error_of_the_system_is_lost_with_it(void **state)
{
    struct diary plain = {0}, buffered = {.room = 4};

    fail_to_read(*state, &plain, &net_diary, -EIO);
    assert_string_equal(plain.text, "made lost:-5 ");
    fail_to_read(*state, &buffered, &net_buffered, -EIO);
    assert_string_equal(buffered.text, "made lost:-5 ");
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_read_ready_conn_reset */
static void a_reset_of_a_buffered_protocol(void **state)
{
    struct diary diary = {.room = 4};

    fail_to_read(*state, &diary, &net_buffered, -ECONNRESET);
    assert_int_equal(diary.err, -ECONNRESET);
    assert_string_equal(diary.text, "made lost:-104 ");
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_read_ready_tryagain */
static void readiness_without_data_is_nothing(void **state)
{
    struct diary plain = {0}, buffered = {.room = 4};

    fail_to_read(*state, &plain, &net_diary, -EAGAIN);
    assert_int_equal(plain.received, 0);
    fail_to_read(*state, &buffered, &net_buffered, -EAGAIN);
    assert_int_equal(buffered.received, 0);
    assert_int_equal(buffered.err, 0);
}

/* test_selector_events.py::SelectorSocketTransportBufferedProtocolTests::test_read_eof_received_error */
static void raising_at_the_end_of_a_buffered_protocol(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.room = 4, .on_eof = raise_value, .keep_open = true};

    close(buffered_pair(loop, &diary));
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(report.message, "Fatal error: protocol.eof_received() call failed.");
    assert_string_equal(diary.text, "made eof lost:-10002 ");
}

enum { FED = 800 };

static char gathered[FED];
static size_t gathered_size;

static void gather(struct diary *diary)
{
    size_t fresh = diary->received - gathered_size;

    memcpy(gathered + gathered_size, diary->space, fresh);
    gathered_size += fresh;
}

/* test_sslproto.py::BaseStartTLS::test_buf_feed_data: however small the buffer, all comes, in order. */
static void any_size_of_buffer_gets_all(void **state)
{
    static const size_t rooms[] = {1, 2, 3, 4, 5, 7, 16, 63, 64};
    gyre_loop *loop = *state;
    char sent[FED];

    for (int i = 0; i < FED; i++)
        sent[i] = (char)(i * 11 + i / 100);
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        struct diary diary = {.room = rooms[i], .on_updated = gather};
        int peer = buffered_pair(loop, &diary);

        gathered_size = 0;
        write(peer, sent, FED);
        while (gathered_size < FED)
            net_step(loop);
        assert_memory_equal(gathered, sent, FED);
        net_finish(loop, &diary, peer);
    }
}

/* A connection to a server of this protocol; the diary is its .arg. */
static int serve_one(gyre_loop *loop, struct diary *diary, const gyre_protocol *protocol)
{
    gyre_server *server = NULL;
    int fd;

    assert_int_equal(gyre_loop_create_server(loop, &server, protocol, .host = "127.0.0.1", .arg = diary), 0);
    fd = net_dial(gyre_server_get_port(server));
    while (!diary->made)
        net_step(loop);
    gyre_server_close(server);
    gyre_server_unref(server);
    return fd;
}

enum { SENT = 123123 };

static void greet(struct diary *diary)
{
    if (diary->received == SENT)
        gyre_transport_write(diary->transport, "hello", 5);
}

/* uv:test_tcp.py::Test_UV_TCP::test_create_server_buffered_1 */
static void a_buffered_protocol_of_a_server(void **state)
{
    static char sent[SENT];
    gyre_loop *loop = *state;
    struct diary diary = {.room = 50, .on_updated = greet};
    int peer = serve_one(loop, &diary, &net_buffered);
    char text[8];

    assert_int_equal(write(peer, sent, SENT), SENT);
    while (diary.received < SENT)
        net_step(loop);
    assert_int_equal(read(peer, text, sizeof text), 5);
    assert_memory_equal(text, "hello", 5);
    close(peer);
    while (!diary.lost)
        net_step(loop);
    assert_int_equal(diary.eof, 1);
    assert_int_equal(diary.err, 0);
}

static void fail_in_server(gyre_loop *loop, struct diary *diary, int err)
{
    int peer = serve_one(loop, diary, &net_buffered);

    report.count = 0;
    write(peer, "x", 1);
    while (!diary->lost)
        net_step(loop);
    assert_int_equal(diary->err, err);
    assert_int_equal(report.count, 1);
    close(peer);
}

/* uv:test_tcp.py::Test_UV_TCP::test_create_server_buffered_2 */
static void buffered_protocols_of_a_server_that_fail(void **state)
{
    struct diary asked = {.room = 4, .on_buffer = raise_value}, empty = {.room = 0};
    struct diary updated = {.room = 4, .on_updated = raise_value};

    fail_in_server(*state, &asked, GYRE_EVALUE);
    fail_in_server(*state, &empty, GYRE_ERUNTIME);
    fail_in_server(*state, &updated, GYRE_EVALUE);
}

static void close_it(struct diary *diary)
{
    gyre_transport_close(diary->transport);
}

/* What get_buffer gave may be gone when it closed: nothing is read into it. */
static void closing_in_get_buffer(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.room = 4, .on_buffer = close_it};
    int peer = buffered_pair(loop, &diary);

    write(peer, "x", 1);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made lost:0 ");
    assert_int_equal(diary.space[0], 0);
    close(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_bytes_come_in_order, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(one_call_gets_256_kib_at_most, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_true_eof_received_keeps_the_writing_side, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_reset_is_lost_with_its_error, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_reset_while_bytes_wait_is_lost_with_its_error, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(a_reset_while_closing_is_lost_with_its_error, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(a_reset_of_a_paused_transport_waits, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_reset_before_accept, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(paused_means_neither_data_nor_eof, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(pausing_in_connection_made, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(pausing_in_data_received, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_buffered_protocol_reads_into_its_own, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_empty_buffer_is_fatal, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(raising_in_get_buffer_is_fatal, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(raising_in_buffer_updated_is_fatal, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_buffered_protocol_may_keep_open, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_error_of_the_system_is_lost_with_it, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_reset_of_a_buffered_protocol, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(readiness_without_data_is_nothing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(raising_at_the_end_of_a_buffered_protocol, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(any_size_of_buffer_gets_all, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_buffered_protocol_of_a_server, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(buffered_protocols_of_a_server_that_fail, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_in_get_buffer, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
