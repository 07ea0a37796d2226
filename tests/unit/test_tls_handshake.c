/* test_tls_handshake.c - handshakes that fail, end too early, take too long; arguments that make none. */
#include "tests/unit/tls_both.h"
#include <float.h>
#include <netinet/in.h>

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
 * test_sslproto.py::BaseStartTLS::test_create_connection_ssl_failed_certificate,
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

/* 0 is the default here, so that no time at all is a number below it.
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_no_ssl_server_hostname_errors,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_ssl_server_hostname_errors,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_ssl_timeout_for_plain_socket,
 * uv:test_tcp.py::_TestTCP::test_create_connection_6,
 * test_sslproto.py::SslProtoHandshakeTests::test_handshake_timeout_negative,
 * test_sslproto.py::SslProtoHandshakeTests::test_handshake_timeout_zero */
static void test_arguments_that_make_no_sense(void **state)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .server_hostname = "localhost");
    assert_dial(GYRE_EVALUE, .sock = ends[0], .ssl = of_client);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .ssl_handshake_timeout = 1);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .ssl_shutdown_timeout = 1);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .ssl = of_client, .ssl_handshake_timeout = -1);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .ssl = of_client,
                .ssl_handshake_timeout = -DBL_MIN);
    assert_dial(GYRE_EVALUE, .host = "127.0.0.1", .port = 80, .ssl = of_client, .ssl_handshake_timeout = NAN);
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

static int serve_wrongly(void *arg)
{
    return (gyre_loop_create_server)(loop, &server, &net_diary, arg);
}

#define assert_serve(err, ...)                                                                             \
    assert_int_equal(net_task(loop, serve_wrongly,                                                         \
                              &(gyre_server_options){                                                      \
                                  .size = sizeof(gyre_server_options), .host = "127.0.0.1", __VA_ARGS__}), \
                     err)

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_ssl_timeout_for_plain_socket,
 * uv:test_tcp.py::_TestTCP::test_create_server_8 */
static void test_arguments_of_servers(void **state)
{
    assert_serve(GYRE_EVALUE, .ssl_handshake_timeout = 1);
    assert_string_equal(gyre_error_text(), "ssl_handshake_timeout is only meaningful with ssl");
    assert_serve(GYRE_EVALUE, .ssl_shutdown_timeout = 1);
    assert_serve(GYRE_EVALUE, .ssl = of_server, .ssl_shutdown_timeout = -1);
    assert_serve(GYRE_ESSL, .ssl = of_client);
}

static int accept_wrongly(void *arg)
{
    return gyre_loop_connect_accepted_socket(loop, NULL, &net_diary, *(int *)arg, .ssl_handshake_timeout = 1);
}

static int accept_shortly(void *arg)
{
    return gyre_loop_connect_accepted_socket(loop, NULL, &net_diary, *(int *)arg, .ssl_shutdown_timeout = 1);
}

/* test_events.py::EventLoopTestsMixin::test_connect_accepted_socket_ssl_timeout_for_plain_socket,
 * uv:test_tcp.py::Test_UV_TCP::test_connect_accepted_socket_ssl_args */
static void test_arguments_of_accepted_sockets(void **state)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(net_task(loop, accept_wrongly, &ends[0]), GYRE_EVALUE);
    assert_int_equal(net_task(loop, accept_shortly, &ends[0]), GYRE_EVALUE);
    close(ends[0]);
    close(ends[1]);
}

/* A peer that says nothing. test_ssl.py::TestSSL::test_create_connection_ssl_slow_handshake,
 * uv:test_tcp.py::_TestSSL::test_create_connection_ssl_slow_handshake,
 * test_sslproto.py::BaseStartTLS::test_create_connection_ssl_slow_handshake,
 * test_sslproto.py::BaseStartTLS::test_handshake_timeout */
static void test_a_handshake_that_takes_too_long(void **state)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(net_task(loop, dial_pair, &ends[0]), -ECONNABORTED);
    assert_string_equal(gyre_error_text(),
                        "SSL handshake is taking longer than 0.05 seconds: aborting the connection");
    assert_string_equal(here.text, "");
    close(ends[1]);
    net_step(loop);
}

/* A client that says nothing. test_ssl.py::TestSSL::test_ssl_handshake_timeout,
 * uv:test_tcp.py::_TestSSL::test_ssl_handshake_timeout */
static void test_a_client_that_says_nothing(void **state)
{
    double seconds = 0.03;
    char byte;
    int fd;

    assert_int_equal(net_task(loop, serve, &seconds), 0);
    fd = net_dial(gyre_server_get_port(server));
    while (recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN)
        net_step(loop);
    close(fd);
    assert_string_equal(there.text, "");
    assert_int_equal(gyre_server_get_connections(server), 0);
    end_server();
}

static int dial_silence(void *arg)
{
    return gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1", .port = *(int *)arg,
                                       .ssl = of_client, .ssl_handshake_timeout = 0.05, .arg = &here);
}

static int listen_silently(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* Nobody accepts: what was begun is gone with the failure, its context too.
 * test_ssl.py::TestSSL::test_connect_timeout_warning,
 * uv:test_tcp.py::_TestSSL::test_connect_timeout_warning,
 * test_ssl.py::TestSSL::test_handshake_timeout_handler_leak,
 * uv:test_tcp.py::_TestSSL::test_handshake_timeout_handler_leak */
static void test_a_handshake_in_vain_leaves_nothing(void **state)
{
    int port, fd = listen_silently(&port);

    assert_int_equal(net_task(loop, dial_silence, &port), -ECONNABORTED);
    net_step(loop);
    assert_int_equal(of_client->references, 1);
    close(fd);
}

/* The name is too long to be sent: there is no machine that could shake hands.
 * test_sslproto.py::SslProtoHandshakeTests::test_fatal_error_no_name_error */
static void test_a_connection_that_fails_before_it_begins(void **state)
{
    char name[400];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(net_task(loop, serve, NULL), 0);
    assert_int_equal(net_task(loop, dial, name), GYRE_ESSL);
    net_step(loop);
    assert_string_equal(here.text, "");
    assert_int_equal(of_client->references, 1);
    end_server();
}

static void reset_peer(void *arg)
{
    net_reset(*(int *)arg);
}

static int dial_reset(void *arg)
{
    gyre_loop_call_later(loop, 0.01, reset_peer, &((int *)arg)[1]);
    return gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1", .port = *(int *)arg,
                                       .ssl = of_client, .arg = &here);
}

/* test_sslproto.py::SslProtoHandshakeTests::test_connection_lost */
static void test_a_reset_in_the_handshake(void **state)
{
    int ports[2], fd = listen_silently(&ports[0]);

    ports[1] = fd;
    assert_int_equal(net_task(loop, dial_reset, ports), -ECONNRESET);
    assert_string_equal(here.text, "");
}

static void end_in_the_handshake(void (*end)(gyre_server *server))
{
    int fd;
    char byte;

    assert_int_equal(net_task(loop, serve, NULL), 0);
    fd = net_dial(gyre_server_get_port(server));
    while (!gyre_server_get_connections(server))
        net_step(loop);
    end(server);
    while (gyre_server_get_connections(server))
        net_step(loop);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
    assert_string_equal(there.text, "");
    end_server();
    assert_int_equal(of_server->references, 1);
}

/* test_sslproto.py::SslProtoHandshakeTests::test_close_during_handshake */
static void test_closed_in_the_handshake(void **state)
{
    end_in_the_handshake(gyre_server_close_clients);
}

static void test_aborted_in_the_handshake(void **state)
{
    end_in_the_handshake(gyre_server_abort_clients);
}

static int dial_by_address(void *arg)
{
    const gyre_tls_object *object;
    gyre_transport *transport;
    int err =
        gyre_loop_create_connection(loop, &transport, &net_diary, .host = "127.0.0.1",
                                    .port = gyre_server_get_port(server), .ssl = of_client, .arg = &here);

    if (err)
        return err;
    object = gyre_transport_get_extra_info(transport, "ssl_object", NULL);
    note((void *)(uintptr_t)object->server_hostname);
    gyre_transport_unref(transport);
    return 0;
}

/* The host is whom to expect.
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_ssl_server_hostname_default */
static void test_the_host_is_the_default_name(void **state)
{
    assert_int_equal(net_task(loop, serve, NULL), 0);
    assert_int_equal(net_task(loop, dial_by_address, NULL), 0);
    assert_noted("127.0.0.1");
    gyre_transport_close(here.transport);
    while (!there.made)
        net_step(loop);
    wait_lost();
    end_server();
    gyre_tls_context_unref(of_server);
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("www.pem"));
    assert_int_equal(net_task(loop, serve, NULL), 0);
    assert_int_equal(net_task(loop, dial_by_address, NULL), GYRE_ESSLCERT);
    net_step(loop);
    end_server();
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
        ON_TLS(test_arguments_of_servers),
        ON_TLS(test_arguments_of_accepted_sockets),
        ON_TLS(test_a_client_that_says_nothing),
        ON_TLS(test_a_handshake_in_vain_leaves_nothing),
        ON_TLS(test_a_connection_that_fails_before_it_begins),
        ON_TLS(test_a_reset_in_the_handshake),
        ON_TLS(test_closed_in_the_handshake),
        ON_TLS(test_aborted_in_the_handshake),
        ON_TLS(test_the_host_is_the_default_name),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
