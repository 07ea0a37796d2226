/* test_tls_unix.c - TLS on unix sockets: servers, clients, and streams. */
#include "tests/unit/net_peer.h"
#include "tests/unit/tls_bed.h"
#include "tests/unit/unix_bed.h"

enum { LONG = 64 * 1024, CLIENTS = 25 };

static gyre_tls_context *of_server, *of_client;
static gyre_loop *loop;
static gyre_server *server;
static struct diary there, here; /* the server's end, and the client's */
static char bytes[LONG];

static int set_up(void **state)
{
    memset(&there, 0, sizeof there);
    memset(&here, 0, sizeof here);
    make_folder();
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"));
    gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem"));
    net_setup(state);
    loop = *state;
    return 0;
}

static int tear_down(void **state)
{
    int err = net_teardown(state);

    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    remove_folder();
    return err;
}

static void serve(void)
{
    assert_int_equal(gyre_loop_create_unix_server(loop, &server, &net_diary, .path = path, .ssl = of_server,
                                                  .arg = &there),
                     0);
}

static int wait_closed(void *arg)
{
    return gyre_server_wait_closed(server);
}

static void end_server(void)
{
    gyre_server_close(server);
    assert_int_equal(net_task(loop, wait_closed, NULL), 0);
    gyre_server_unref(server);
}

static int dial(const char *name)
{
    return gyre_loop_create_unix_connection(loop, NULL, &net_diary, .path = path, .ssl = of_client,
                                            .server_hostname = name, .arg = &here);
}

static void converse(void)
{
    while (!there.made)
        net_step(loop);
    gyre_transport_write(here.transport, "ping", 4);
    while (there.received < 4)
        net_step(loop);
    gyre_transport_write(there.transport, "answer", 6);
    while (here.received < 6)
        net_step(loop);
    gyre_transport_close(here.transport);
    while (!here.lost || !there.lost)
        net_step(loop);
    assert_string_equal(here.text, "made data:6 eof lost:0 ");
    assert_string_equal(there.text, "made data:4 eof lost:0 ");
}

/* test_events.py::EventLoopTestsMixin::test_create_ssl_unix_connection,
 * test_events.py::EventLoopTestsMixin::test_create_unix_server_ssl,
 * test_events.py::EventLoopTestsMixin::test_create_unix_server_ssl_verified */
static void bytes_go_both_ways(void **state)
{
    const gyre_tls_peercert *certificate;
    gyre_peercred cred;
    char name[120];

    serve();
    assert_int_equal(dial("localhost"), 0);
    certificate = gyre_transport_get_extra_info(here.transport, "peercert", NULL);
    assert_string_equal(certificate->subject, "/CN=localhost");
    assert_non_null(gyre_transport_get_extra_info(here.transport, "cipher", NULL));
    assert_int_equal(gyre_transport_get_peername(here.transport, name, sizeof name), 0);
    assert_string_equal(name, path);
    assert_int_equal(gyre_transport_get_peercred(here.transport, &cred), 0);
    assert_int_equal(cred.pid, getpid());
    converse();
    end_server();
}

/* No name is expected when it is empty; the certificate is checked all the same. */
static void anybody_who_is_trusted(void **state)
{
    serve();
    assert_int_equal(dial(""), 0);
    converse();
    end_server();
}

/* test_events.py::EventLoopTestsMixin::test_create_unix_server_ssl_verify_failed */
static void a_stranger_is_refused(void **state)
{
    gyre_tls_context_unref(of_client);
    gyre_tls_context_new(&of_client, .cafile = tls_file("alone.pem"));
    serve();
    assert_int_equal(dial("localhost"), GYRE_ESSLCERT);
    net_run(loop, 0.01);
    assert_string_equal(here.text, "");
    assert_string_equal(there.text, "");
    assert_int_equal(gyre_server_get_connections(server), 0);
    end_server();
}

static void another_name_is_refused(void **state)
{
    serve();
    assert_int_equal(dial("www.example.org"), GYRE_ESSLCERT);
    net_run(loop, 0.01);
    assert_string_equal(here.text, "");
    end_server();
}

static int dial_silent(int sock)
{
    return gyre_loop_create_unix_connection(loop, NULL, &net_diary, .sock = sock, .ssl = of_client,
                                            .server_hostname = "localhost", .ssl_handshake_timeout = 0.02,
                                            .arg = &here);
}

static void a_handshake_that_takes_too_long(void **state)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(dial_silent(ends[0]), -ECONNABORTED);
    assert_string_equal(here.text, "");
    close(ends[1]);
    net_step(loop);
}

#define FAILS_WITH(call, code, words, ...)                                               \
    do {                                                                                 \
        assert_int_equal(call(loop, NULL, &net_diary, .path = path, __VA_ARGS__), code); \
        assert_string_equal(gyre_error_text(), words);                                   \
    } while (0)

static void look(void *arg)
{
    char record[64];

    *(ssize_t *)arg =
        recv(gyre_transport_get_socket(there.transport), record, sizeof record, MSG_PEEK | MSG_DONTWAIT);
}

static void write_it(void *arg)
{
    gyre_transport_write(here.transport, "ping", 4);
    gyre_loop_call_soon(loop, look, arg);
}

/* What a callback writes has left when its turn polls: neither of the two transports keeps it longer. */
static void a_write_leaves_with_its_turn(void **state)
{
    ssize_t came = 0;

    serve();
    assert_int_equal(dial("localhost"), 0);
    while (!there.made)
        net_step(loop);
    gyre_transport_pause_reading(there.transport);
    net_run(loop, 0.005);
    gyre_loop_call_soon(loop, write_it, &came);
    net_run(loop, 0.001);
    assert_true(came > 4);
    gyre_transport_resume_reading(there.transport);
    gyre_transport_close(here.transport);
    while (!there.lost)
        net_step(loop);
    assert_int_equal(there.received, 4);
    end_server();
}

/* Python's True is no context; C has no such mistake, but the other side's context is as wrong.
 * test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_server_ssl_bool,
 * test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_server_ssl_timeout_with_plain_sock,
 * uv:test_unix.py::_TestUnix::test_create_unix_server_3 */
static void servers_arguments(void **state)
{
    FAILS_WITH(gyre_loop_create_unix_server, GYRE_ESSL, "a server wants a context of its own side",
               .ssl = of_client);
    FAILS_WITH(gyre_loop_create_unix_server, GYRE_EVALUE, "ssl_handshake_timeout is only meaningful with ssl",
               .ssl_handshake_timeout = 1);
    FAILS_WITH(gyre_loop_create_unix_server, GYRE_EVALUE, "ssl_shutdown_timeout is only meaningful with ssl",
               .ssl_shutdown_timeout = 1);
    FAILS_WITH(gyre_loop_create_unix_server, GYRE_EVALUE,
               "ssl_handshake_timeout should be a positive number, got -1", .ssl = of_server,
               .ssl_handshake_timeout = -1);
    assert_false(exists(path));
}

/* test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_connection_nossl_serverhost,
 * test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_connection_ssl_noserverhost,
 * test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_connection_ssl_timeout_with_plain_sock,
 * uv:test_unix.py::_TestUnix::test_create_unix_connection_6 */
static void clients_arguments(void **state)
{
    FAILS_WITH(gyre_loop_create_unix_connection, GYRE_EVALUE, "server_hostname is only meaningful with ssl",
               .server_hostname = "localhost");
    FAILS_WITH(gyre_loop_create_unix_connection, GYRE_EVALUE,
               "you have to pass server_hostname when using ssl", .ssl = of_client);
    FAILS_WITH(gyre_loop_create_unix_connection, GYRE_EVALUE,
               "ssl_handshake_timeout is only meaningful with ssl", .ssl_handshake_timeout = 1);
    FAILS_WITH(gyre_loop_create_unix_connection, GYRE_EVALUE,
               "ssl_shutdown_timeout is only meaningful with ssl", .ssl_shutdown_timeout = 1);
    FAILS_WITH(gyre_loop_create_unix_connection, GYRE_ESSL, "a client wants a context of its own side",
               .ssl = of_server, .server_hostname = "localhost");
}

/* Takes much, says so, and hangs up. */
static int take(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *data;

    assert_int_equal(gyre_reader_readexactly(reader, &data, LONG), LONG);
    assert_memory_equal(data, bytes, LONG);
    gyre_writer_write(writer, "OK", 2);
    assert_int_equal(gyre_reader_readexactly(reader, &data, 4), 4);
    gyre_writer_write(writer, "SPAM", 4);
    ++*(int *)arg;
    return gyre_writer_drain(writer);
}

static int give(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    const char *data;
    int sock = arg ? dial_at(path) : 0;

    assert_int_equal(gyre_open_unix_connection(&reader, &writer, .path = sock ? NULL : path, .sock = sock,
                                               .ssl = of_client, .server_hostname = "localhost"),
                     0);
    gyre_writer_write(writer, bytes, LONG);
    assert_int_equal(gyre_writer_drain(writer), 0);
    assert_int_equal(gyre_reader_readexactly(reader, &data, 2), 2);
    gyre_writer_write(writer, "last", 4);
    assert_int_equal(gyre_reader_readexactly(reader, &data, 4), 4);
    assert_memory_equal(data, "SPAM", 4);
    assert_int_equal(gyre_reader_read(reader, &data, 1), 0);
    gyre_stream_close(reader, writer);
    return 0;
}

static int serve_many(void *arg)
{
    gyre_task *tasks[CLIENTS];
    int served = 0;

    memset(bytes, 'A', sizeof bytes);
    assert_int_equal(gyre_start_unix_server(&server, take, &served, .path = path, .ssl = of_server), 0);
    for (int i = 0; i < CLIENTS; i++)
        gyre_create_task(&tasks[i], give, i % 2 ? tasks : NULL);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(gyre_await(tasks[i], NULL), 0);
        gyre_future_unref(tasks[i]);
    }
    assert_int_equal(served, CLIENTS);
    return 0;
}

/* uv:test_unix.py::_TestSSL::test_create_unix_server_ssl_1,
 * uv:test_unix.py::_TestSSL::test_create_unix_connection_ssl_1,
 * test_streams.py::StreamTests::test_open_unix_connection_no_loop_ssl */
static void streams(void **state)
{
    assert_int_equal(net_task(loop, serve_many, NULL), 0);
    end_server();
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(bytes_go_both_ways),
        IN_FOLDER(anybody_who_is_trusted),
        IN_FOLDER(a_stranger_is_refused),
        IN_FOLDER(another_name_is_refused),
        IN_FOLDER(a_handshake_that_takes_too_long),
        IN_FOLDER(a_write_leaves_with_its_turn),
        IN_FOLDER(servers_arguments),
        IN_FOLDER(clients_arguments),
        IN_FOLDER(streams),
    };
    int failed = cmocka_run_group_tests_name("epoll", tests, tls_begin_files, tls_end_files);

    net_driver = GYRE_DRIVER_UV;
    return failed + cmocka_run_group_tests_name("uv", tests, tls_begin_files, tls_end_files);
}
