/* test_tls_foreign.c - peers that are not gyre: bytes in both directions, accepted sockets, renegotiation. */
#include "tests/unit/tls_both.h"
#include "tests/unit/tls_foreign.h"
#include <openssl/err.h>

enum { MUCH = 1 << 20, FRIENDS = 5 };

static struct tls_foreign foreign;

static int open_foreign(void **state)
{
    foreign = (struct tls_foreign){0};
    return open_tls(state);
}

static void begin_foreign(struct tls_foreign *peer, int fd, void (*play)(struct tls_foreign *))
{
    peer->fd = fd;
    peer->play = play;
    tls_foreign_begin(peer);
}

/* --- what the others do --- */

static void listen_and_answer(struct tls_foreign *f)
{
    tls_foreign_shake(f);
    tls_foreign_take(f, MUCH);
    tls_foreign_say(f, "OK");
    tls_foreign_take(f, MUCH);
    tls_foreign_say(f, "SPAM");
    SSL_shutdown(f->ssl);
    tls_foreign_drain(f);
}

static void hello_and_bye(struct tls_foreign *f)
{
    tls_foreign_shake(f);
    tls_foreign_say(f, "hello");
    tls_foreign_take(f, 5);
    SSL_shutdown(f->ssl);
    tls_foreign_drain(f);
}

/* OpenSSL's server goes on until it reads the refusal, which it takes for the end. */
static void ask_for_renegotiation(struct tls_foreign *f)
{
    char byte;

    tls_foreign_shake(f);
    tls_foreign_expect(f, SSL_renegotiate(f->ssl) == 1);
    SSL_do_handshake(f->ssl);
    tls_foreign_say(f, "still here");
    tls_foreign_await(f);
    tls_foreign_expect(f, SSL_read(f->ssl, &byte, 1) < 0);
    tls_foreign_expect(f, ERR_GET_REASON(ERR_peek_error()) == SSL_R_NO_RENEGOTIATION);
}

/* --- tests --- */

struct friend
{
    struct tls_foreign peer;
    struct diary diary;
    int sock;
};

static int dial_friend(void *arg)
{
    struct friend *friend = arg;

    return gyre_loop_create_connection(loop, NULL, &net_diary, .sock = friend->sock, .ssl = of_client,
                                       .server_hostname = "localhost", .arg = &friend->diary);
}

static void fill_friend(struct diary *diary)
{
    char *bytes = calloc(1, MUCH);

    gyre_transport_write(diary->transport, bytes, MUCH);
    free(bytes);
}

static void say_more(struct diary *diary)
{
    if (diary->received == 2)
        fill_friend(diary);
}

static void meet_friend(struct friend *friend)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    friend->sock = ends[0];
    friend->diary.on_made = fill_friend;
    friend->diary.on_data = say_more;
    begin_foreign(&friend->peer, ends[1], listen_and_answer);
    assert_int_equal(net_task(loop, dial_friend, friend), 0);
}

/* test_ssl.py::TestSSL::test_create_connection_ssl_1,
 * uv:test_tcp.py::_TestSSL::test_create_connection_ssl_1 */
static void test_several_clients(void **state)
{
    static struct friend friends[FRIENDS];

    memset(friends, 0, sizeof friends);
    for (int i = 0; i < FRIENDS; i++)
        meet_friend(&friends[i]);
    for (int i = 0; i < FRIENDS; i++) {
        while (!friends[i].diary.lost)
            net_step(loop);
        tls_foreign_end(&friends[i].peer, loop);
        assert_memory_equal(friends[i].diary.data, "OKSPAM", 6);
        assert_int_equal(friends[i].diary.eof, 1);
        assert_int_equal(friends[i].diary.err, 0);
        assert_int_equal(atomic_load(&friends[i].peer.count), 2 * MUCH);
    }
}

struct accepted {
    int sock;
    gyre_tls_context *ssl;
    gyre_transport *transport;
};

static int accept_it(void *arg)
{
    struct accepted *accepted = arg;

    return gyre_loop_connect_accepted_socket(loop, &accepted->transport, &net_diary, accepted->sock,
                                             .ssl = accepted->ssl, .arg = &there);
}

/* test_ssl.py::TestSSL::test_ssl_connect_accepted_socket,
 * uv:test_tcp.py::_TestSSL::test_ssl_connect_accepted_socket,
 * test_events.py::EventLoopTestsMixin::test_ssl_connect_accepted_socket */
static void test_an_accepted_socket(void **state)
{
    struct accepted accepted = {.ssl = of_server};
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    accepted.sock = ends[0];
    foreign.client = true;
    begin_foreign(&foreign, ends[1], hello_and_bye);
    assert_int_equal(net_task(loop, accept_it, &accepted), 0);
    gyre_transport_write(accepted.transport, "world", 5);
    while (!there.lost)
        net_step(loop);
    assert_memory_equal(there.data, "hello", 5);
    assert_int_equal(there.err, 0);
    gyre_transport_unref(accepted.transport);
    tls_foreign_end(&foreign, loop);
}

/* The same without TLS. test_ssl.py::TestSSL::test_connect_accepted_socket */
static void test_an_accepted_socket_without(void **state)
{
    struct accepted accepted = {0};
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    accepted.sock = ends[0];
    assert_int_equal(net_task(loop, accept_it, &accepted), 0);
    assert_null(gyre_transport_get_extra_info(accepted.transport, "ssl_object", NULL));
    assert_int_equal(send(ends[1], "hello", 5, 0), 5);
    while (there.received < 5)
        net_step(loop);
    assert_memory_equal(there.data, "hello", 5);
    gyre_transport_unref(accepted.transport);
    close(ends[1]);
    while (!there.lost)
        net_step(loop);
}

static int dial_older(void *arg)
{
    return gyre_loop_create_connection(loop, NULL, &net_diary, .sock = *(int *)arg, .ssl = of_client,
                                       .server_hostname = "localhost", .arg = &here);
}

/* A server of TLS 1.2 wants to renegotiate: it is told no, and bytes go on as far as we are concerned.
 * uv:test_tcp.py::_TestSSL::test_renegotiation */
static void test_a_server_that_wants_to_renegotiate(void **state)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    foreign.version = TLS1_2_VERSION;
    begin_foreign(&foreign, ends[1], ask_for_renegotiation);
    assert_int_equal(net_task(loop, dial_older, &ends[0]), 0);
    while (here.received < 10)
        net_step(loop);
    assert_memory_equal(here.data, "still here", 10);
    assert_false(gyre_transport_is_closing(here.transport));
    atomic_store(&foreign.go, true);
    while (!here.lost)
        net_step(loop);
    assert_int_equal(here.err, GYRE_ESSL);
    tls_foreign_end(&foreign, loop);
}

/* A client of TLS 1.2: the same. OpenSSL's client takes the refusal for the end. */
static void renegotiate_in_vain(struct tls_foreign *f)
{
    tls_foreign_shake(f);
    tls_foreign_expect(f, SSL_renegotiate(f->ssl) == 1);
    tls_foreign_expect(f, SSL_do_handshake(f->ssl) != 1);
    tls_foreign_expect(f, SSL_get_error(f->ssl, -1) == SSL_ERROR_SSL);
}

static void test_a_client_that_wants_to_renegotiate(void **state)
{
    struct accepted accepted = {.ssl = of_server};
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    accepted.sock = ends[0];
    foreign.client = true;
    foreign.version = TLS1_2_VERSION;
    begin_foreign(&foreign, ends[1], renegotiate_in_vain);
    assert_int_equal(net_task(loop, accept_it, &accepted), 0);
    while (!there.lost)
        net_step(loop);
    assert_int_equal(there.received, 0);
    gyre_transport_unref(accepted.transport);
    tls_foreign_end(&foreign, loop);
}

#define WITH_FOREIGN(test) cmocka_unit_test_setup_teardown(test, open_foreign, close_tls)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOREIGN(test_several_clients),
        WITH_FOREIGN(test_an_accepted_socket),
        WITH_FOREIGN(test_an_accepted_socket_without),
        WITH_FOREIGN(test_a_server_that_wants_to_renegotiate),
        WITH_FOREIGN(test_a_client_that_wants_to_renegotiate),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
