/* test_tls_handshake.c - handshakes that fail, end too early, take too long; arguments that make none. */
#include "tests/unit/tls_both.h"

/* test_events.py::EventLoopTestsMixin::test_create_server_ssl_match_failed */
static void test_another_name_is_refused(void **state)
{
    assert_int_equal(net_task(loop, serve, NULL), 0);
    assert_int_equal(net_task(loop, dial, "www.example.org"), GYRE_ESSLCERT);
    net_run(loop, 0.01);
    assert_string_equal(here.text, "");
    assert_string_equal(there.text, "");
    assert_int_equal(gyre_server_get_connections(server), 0);
    end_server();
}

/* test_events.py::EventLoopTestsMixin::test_create_server_ssl_verify_failed,
 * test_ssl.py::TestSSL::test_create_connection_ssl_failed_certificate,
 * uv:test_tcp.py::_TestSSL::test_create_connection_ssl_failed_certificate */
static void test_a_stranger_is_refused(void **state)
{
    gyre_tls_context_unref(of_client);
    gyre_tls_context_new(&of_client, .cafile = tls_file("alone.pem"));
    assert_int_equal(net_task(loop, serve, NULL), 0);
    assert_int_equal(net_task(loop, dial, NULL), GYRE_ESSLCERT);
    net_run(loop, 0.01);
    assert_string_equal(here.text, "");
    assert_string_equal(there.text, "");
    end_server();
}

static int dial_wrongly(void *arg)
{
    const gyre_connection_options *options = arg;

    return (gyre_loop_create_connection)(loop, NULL, &net_diary, options);
}

#define assert_dial(err, ...)                                                                       \
    assert_int_equal(                                                                               \
        net_task(loop, dial_wrongly,                                                                \
                 &(gyre_connection_options){.size = sizeof(gyre_connection_options), __VA_ARGS__}), \
        err)

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_no_ssl_server_hostname_errors,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_ssl_server_hostname_errors,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_ssl_timeout_for_plain_socket,
 * test_sslproto.py::SslProtoHandshakeTests::test_handshake_timeout_negative */
static void test_arguments_that_make_no_sense(void **state)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .server_hostname = "localhost");
    assert_dial(GYRE_EVALUE, .sock = ends[0], .ssl = of_client);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .ssl_handshake_timeout = 1);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .ssl_shutdown_timeout = 1);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .ssl = of_client, .ssl_handshake_timeout = -1);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .ssl = of_client, .ssl_shutdown_timeout = -1);
    assert_dial(GYRE_ESSL, .host = "127.0.0.1", .port = 80, .ssl = of_server);
    close(ends[0]);
    close(ends[1]);
}

/* A socketpair: the client's end is a transport, the other one is the test's. */
static int dial_pair(void *arg)
{
    double seconds = 0.05;

    return gyre_loop_create_connection(loop, NULL, &net_diary, .sock = *(int *)arg, .ssl = of_client,
                                       .server_hostname = "localhost", .ssl_handshake_timeout = seconds,
                                       .arg = &here);
}

/* test_ssl.py::TestSSL::test_ssl_handshake_timeout, uv:test_tcp.py::_TestSSL::test_ssl_handshake_timeout,
 * test_sslproto.py::BaseStartTLS::test_handshake_timeout */
static void test_a_handshake_that_takes_too_long(void **state)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(net_task(loop, dial_pair, &ends[0]), -ECONNABORTED);
    assert_string_equal(here.text, "");
    close(ends[1]);
    net_step(loop);
}

/* test_ssl.py::TestSSL::test_ssl_handshake_connection_lost,
 * uv:test_tcp.py::_TestSSL::test_ssl_handshake_connection_lost,
 * test_sslproto.py::SslProtoHandshakeTests::test_eof_received_waiter */
static void test_a_peer_that_leaves_in_the_handshake(void **state)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    shutdown(ends[1], SHUT_WR);
    assert_int_equal(net_task(loop, dial_pair, &ends[0]), -ECONNRESET);
    assert_string_equal(here.text, "");
    close(ends[1]);
    net_step(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_TLS(test_another_name_is_refused),
        ON_TLS(test_a_stranger_is_refused),
        ON_TLS(test_arguments_that_make_no_sense),
        ON_TLS(test_a_handshake_that_takes_too_long),
        ON_TLS(test_a_peer_that_leaves_in_the_handshake),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
