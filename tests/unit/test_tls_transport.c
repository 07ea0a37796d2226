/* test_tls_transport.c - servers and clients that speak TLS on one loop. */
#include "tests/unit/tls_both.h"
#include <fcntl.h>

/* test_ssl.py::TestSSL::test_create_server_ssl_1, uv:test_tcp.py::_TestSSL::test_create_server_ssl_1,
 * test_events.py::EventLoopTestsMixin::test_create_server_ssl,
 * test_events.py::EventLoopTestsMixin::test_create_server_ssl_verified */
static void test_bytes_go_both_ways(void **state)
{
    connect_both();
    assert_ptr_equal(gyre_transport_get_extra_info(there.transport, "sslcontext", NULL), of_server);
    assert_non_null(gyre_transport_get_extra_info(there.transport, "peername", NULL));
    assert_null(gyre_transport_get_extra_info(there.transport, "peercert", NULL));
    gyre_transport_write(here.transport, "ping", 4);
    while (there.received < 4)
        net_step(loop);
    gyre_transport_write(there.transport, "answer", 6);
    while (here.received < 6)
        net_step(loop);
    assert_memory_equal(there.data, "ping", 4);
    assert_memory_equal(here.data, "answer", 6);
    gyre_transport_close(here.transport);
    wait_lost();
    assert_string_equal(here.text, "made data:6 eof lost:0 ");
    assert_string_equal(there.text, "made data:4 eof lost:0 ");
    end_server();
}

static void test_no_half_close(void **state)
{
    connect_both();
    assert_false(gyre_transport_can_write_eof(here.transport));
    assert_int_equal(gyre_transport_write_eof(here.transport), GYRE_ENOTIMPLEMENTED);
    gyre_transport_abort(here.transport);
    wait_lost();
    assert_string_equal(here.text, "made lost:0 ");
    end_server();
}

/* Strictly over the mark, which counts in half megabytes with TLS. */
static void test_flow_control(void **state)
{
    size_t low, high;

    connect_both();
    gyre_transport_get_write_buffer_limits(here.transport, &low, &high);
    assert_int_equal(high, 512 * 1024);
    assert_int_equal(low, 128 * 1024);
    assert_int_equal(gyre_transport_get_write_buffer_size(here.transport), 0);
    gyre_transport_set_write_buffer_limits(here.transport, 0, 0);
    assert_int_equal(here.pauses, 0);
    gyre_transport_set_write_buffer_limits(here.transport, -1, 128 * 1024);
    gyre_transport_pause_reading(there.transport);
    fill(8 << 20);
    assert_int_equal(here.pauses, 1);
    assert_int_equal(here.resumes, 0);
    gyre_transport_resume_reading(there.transport);
    while (there.received < 8 << 20)
        net_step(loop);
    assert_int_equal(here.resumes, 1);
    gyre_transport_close(here.transport);
    wait_lost();
    end_server();
}

/* test_ssl.py::TestSSL::test_flush_before_shutdown, uv:test_tcp.py::_TestSSL::test_flush_before_shutdown */
static void test_close_sends_what_is_buffered(void **state)
{
    connect_both();
    fill(4 << 20);
    gyre_transport_close(here.transport);
    wait_lost();
    assert_int_equal(there.received, 4 << 20);
    assert_int_equal(here.err, 0);
    assert_int_equal(there.err, 0);
    end_server();
}

static int dial_hasty(void *arg)
{
    return gyre_loop_create_connection(
        loop, NULL, &net_diary, .host = "127.0.0.1", .port = gyre_server_get_port(server), .ssl = of_client,
        .server_hostname = "localhost", .ssl_shutdown_timeout = 0.02, .arg = &here);
}

/* The end's time counts from close() on: a peer that takes nothing cannot hold the connection. */
static void test_a_close_with_bytes_that_nobody_takes(void **state)
{
    assert_int_equal(net_task(loop, serve, NULL), 0);
    assert_int_equal(net_task(loop, dial_hasty, NULL), 0);
    while (!there.made)
        net_step(loop);
    gyre_transport_pause_reading(there.transport);
    fill(16 << 20);
    gyre_transport_close(here.transport);
    while (!here.lost)
        net_step(loop);
    assert_int_equal(here.err, -ETIMEDOUT);
    gyre_transport_abort(there.transport);
    wait_lost();
    end_server();
}

static int send_file(void *arg)
{
    return gyre_loop_sendfile(loop, NULL, here.transport, *(int *)arg);
}

/* A piece that was read when close() came is not sent, and does not count. */
static void test_a_close_while_a_file_is_on_its_way(void **state)
{
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    gyre_task *task;

    connect_both();
    gyre_loop_create_task(loop, &task, send_file, &file);
    net_turns(loop, 1);
    gyre_transport_close(here.transport);
    wait_lost();
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), -ECONNABORTED);
    assert_int_equal(lseek(file, 0, SEEK_CUR), there.received);
    gyre_future_unref(task);
    close(file);
    end_server();
}

static void pause_after_first(struct diary *diary)
{
    gyre_transport_pause_reading(diary->transport);
}

/* Bytes and the end wait until they are wanted. uv:test_tcp.py::_TestSSL::test_shutdown_while_pause_reading
 */
static void test_paused_reading(void **state)
{
    connect_both();
    there.on_data = pause_after_first;
    fill(40000);
    gyre_transport_close(here.transport);
    net_run(loop, 0.02);
    assert_int_equal(there.received, 16384);
    assert_int_equal(there.eof, 0);
    there.on_data = NULL;
    gyre_transport_resume_reading(there.transport);
    assert_int_equal(there.received, 16384);
    wait_lost();
    assert_int_equal(there.received, 40000);
    assert_int_equal(there.eof, 1);
    end_server();
}

static void keep(struct diary *diary)
{
    const gyre_tls_object *object = gyre_transport_get_extra_info(diary->transport, "ssl_object", NULL);

    snprintf(diary->space, sizeof diary->space, "%s", object && object->truncated ? "cut off" : "whole");
}

/* A peer that leaves without a word of TLS: an EOF as any, that can be told apart. */
static void test_a_connection_that_is_cut_off(void **state)
{
    connect_both();
    there.on_eof = keep;
    shutdown(gyre_transport_get_socket(here.transport), SHUT_WR);
    while (!there.lost)
        net_step(loop);
    assert_string_equal(there.text, "made eof lost:0 ");
    assert_string_equal(there.space, "cut off");
    wait_lost();
    end_server();
}

/* What the system said of the connection below wins, though it was not told yet. */
static void test_an_abort_of_what_is_broken_already(void **state)
{
    connect_both();
    gyre__transport_lose(gyre__tls_of(there.transport)->below, -ENETRESET);
    gyre_transport_abort(there.transport);
    wait_lost();
    assert_int_equal(there.err, -ENETRESET);
    end_server();
}

/* test_ssl.py::TestSSL::test_shutdown_cleanly, uv:test_tcp.py::_TestSSL::test_shutdown_cleanly */
static void test_an_end_that_is_announced(void **state)
{
    connect_both();
    there.on_eof = keep;
    there.keep_open = true;
    gyre_transport_close(here.transport);
    wait_lost();
    assert_string_equal(there.text, "made eof lost:0 ");
    assert_string_equal(there.space, "whole");
    assert_string_equal(report.message, "returning true from eof_received() has no effect when using ssl");
    report.count = 0;
    end_server();
}

/* test_sslproto.py::SslProtoHandshakeTests::test_get_extra_info_on_closed_connection,
 * test_events.py::EventLoopTestsMixin::test_create_ssl_connection */
static void test_what_is_known_of_it(void **state)
{
    const gyre_tls_object *object;
    const gyre_tls_peercert *certificate;
    gyre_transport *transport;
    char name[64];

    connect_both();
    transport = gyre_transport_ref(here.transport);
    object = gyre_transport_get_extra_info(transport, "ssl_object", NULL);
    assert_string_equal(object->version, "TLSv1.3");
    assert_string_equal(object->server_hostname, "localhost");
    assert_false(object->server_side);
    assert_false(object->truncated);
    certificate = gyre_transport_get_extra_info(transport, "peercert", NULL);
    assert_string_equal(certificate->subject, "/CN=localhost");
    assert_string_equal(certificate->issuer, "/CN=gyre's tests");
    assert_non_null(gyre_transport_get_extra_info(transport, "cipher", NULL));
    assert_ptr_equal(gyre_transport_get_extra_info(transport, "sslcontext", NULL), of_client);
    assert_null(gyre_transport_get_extra_info(there.transport, "peercert", NULL));
    assert_int_equal(gyre_transport_get_peername(transport, name, sizeof name), 0);
    assert_non_null(gyre_transport_get_extra_info(transport, "peername", NULL));
    gyre_transport_close(transport);
    wait_lost();
    assert_non_null(gyre_transport_get_extra_info(transport, "cipher", NULL));
    assert_non_null(gyre_transport_get_extra_info(transport, "peername", NULL));
    assert_int_equal(gyre_transport_write(transport, "late", 4), 0);
    gyre_transport_unref(transport);
    end_server();
}

static const gyre_tls_peercert *peercert(const struct diary *diary)
{
    return gyre_transport_get_extra_info(diary->transport, "peercert", NULL);
}

static void test_a_server_knows_its_client(void **state)
{
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"),
                         .cafile = tls_file("ca.pem"), .verify_mode = GYRE_CERT_REQUIRED);
    gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem"), .certfile = tls_file("client.pem"));
    connect_both();
    assert_string_equal(peercert(&there)->subject, "/CN=client");
    assert_string_equal(peercert(&there)->issuer, "/CN=gyre's tests");
    assert_true(peercert(&there)->verified);
    assert_true(peercert(&there)->der_len > 100);
    assert_true(peercert(&here)->verified);
    gyre_transport_close(here.transport);
    wait_lost();
    end_server();
}

/* It says what it says; nobody has looked whether it is true. */
static void test_a_certificate_that_is_not_verified(void **state)
{
    gyre_tls_context_unref(of_client);
    gyre_tls_context_new(&of_client, .verify_mode = GYRE_CERT_NONE);
    connect_both();
    assert_string_equal(peercert(&here)->subject, "/CN=localhost");
    assert_false(peercert(&here)->verified);
    gyre_transport_close(here.transport);
    wait_lost();
    end_server();
}

static int note_second(void *self, const char *word)
{
    note((void *)(uintptr_t)word);
    return 0;
}

static void second_data(void *self, const void *data, size_t len)
{
    note_second(self, "data");
}

static void second_lost(void *self, int err)
{
    note_second(self, err ? "broken" : "lost");
}

/* test_sslproto.py::SslProtoHandshakeTests::test_set_new_app_protocol */
static void test_another_protocol(void **state)
{
    static const gyre_protocol second = {
        .size = 1, .data_received = second_data, .connection_lost = second_lost};

    connect_both();
    assert_ptr_equal(gyre_transport_get_protocol(there.transport, NULL), &net_diary);
    gyre_transport_set_protocol(there.transport, &second, &there);
    assert_ptr_equal(gyre_transport_get_protocol(there.transport, NULL), &second);
    gyre_transport_write(here.transport, "ping", 4);
    gyre_transport_close(here.transport);
    while (!here.lost || !there.destroyed)
        net_step(loop);
    assert_noted("data lost");
    assert_string_equal(there.text, "made ");
    end_server();
}

/* The loop goes, and with it what is in the middle of a handshake, and what is not. */
static void test_the_loop_closes(void **state)
{
    connect_both();
    gyre_server_unref(server);
    gyre_loop_close(loop);
    assert_int_equal(here.lost, 1);
    assert_int_equal(there.lost, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_TLS(test_bytes_go_both_ways),
        ON_TLS(test_no_half_close),
        ON_TLS(test_flow_control),
        ON_TLS(test_a_close_with_bytes_that_nobody_takes),
        ON_TLS(test_a_close_while_a_file_is_on_its_way),
        ON_TLS(test_close_sends_what_is_buffered),
        ON_TLS(test_paused_reading),
        ON_TLS(test_a_connection_that_is_cut_off),
        ON_TLS(test_an_abort_of_what_is_broken_already),
        ON_TLS(test_an_end_that_is_announced),
        ON_TLS(test_what_is_known_of_it),
        ON_TLS(test_a_server_knows_its_client),
        ON_TLS(test_a_certificate_that_is_not_verified),
        ON_TLS(test_another_protocol),
        ON_TLS(test_the_loop_closes),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
