/* test_tls_shutdown.c - how connections of TLS end, with a peer that is not gyre. */
#include "tests/unit/tls_both.h"
#include "tests/unit/tls_foreign.h"

enum { PIECE = 128 * 1024, PIECES = 32 };

static struct tls_foreign foreign;
static gyre_transport *kept;
static double patience;

static int dial_foreign(void *arg)
{
    return gyre_loop_create_connection(loop, &kept, &net_diary, .sock = *(int *)arg, .ssl = of_client,
                                       .server_hostname = "localhost", .ssl_shutdown_timeout = patience,
                                       .arg = &here);
}

static int open_foreign(void **state)
{
    foreign = (struct tls_foreign){0};
    patience = 0;
    return open_tls(state);
}

static void meet_foreign(void (*play)(struct tls_foreign *))
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    foreign.play = play;
    foreign.fd = ends[1];
    tls_foreign_begin(&foreign);
    assert_int_equal(net_task(loop, dial_foreign, &ends[0]), 0);
}

static void wait_here_lost(void)
{
    while (!here.lost)
        net_step(loop);
}

static void part_from_foreign(void)
{
    gyre_transport_unref(kept);
    tls_foreign_end(&foreign, loop);
}

static void end_first(struct tls_foreign *f)
{
    tls_foreign_shake(f);
    tls_foreign_take(f, 4);
    tls_foreign_await(f);
    tls_foreign_expect(f, SSL_shutdown(f->ssl) == 0);
    tls_foreign_expect(f, tls_foreign_drain(f));
}

/* What was written before the peer said its end arrives.
 * test_ssl.py::TestSSL::test_remote_shutdown_receives_trailing_data,
 * uv:test_tcp.py::_TestSSL::test_remote_shutdown_receives_trailing_data */
static void test_a_peer_that_ends_first_gets_all(void **state)
{
    meet_foreign(end_first);
    gyre_transport_write(kept, "ping", 4);
    for (int i = 0; i < PIECES; i++)
        fill(PIECE);
    atomic_store(&foreign.go, true);
    wait_here_lost();
    assert_int_equal(here.err, 0);
    assert_int_equal(here.eof, 1);
    part_from_foreign();
    assert_int_equal(atomic_load(&foreign.count), 4 + PIECE * PIECES);
}

static void talk_on(struct tls_foreign *f)
{
    tls_foreign_shake(f);
    tls_foreign_expect(f, tls_foreign_drain(f));
    tls_foreign_fill(f, 64 * 1024);
    SSL_shutdown(f->ssl);
}

/* What comes after our end is nobody's. uv:test_tcp.py::_TestSSL::test_bpo_39951_discard_trailing_data,
 * test_sslproto.py::SslProtoHandshakeTests::test_data_received_after_closing */
static void test_what_comes_after_the_end_is_dropped(void **state)
{
    meet_foreign(talk_on);
    gyre_transport_write(kept, "bye", 3);
    gyre_transport_close(kept);
    wait_here_lost();
    assert_string_equal(here.text, "made eof lost:0 ");
    part_from_foreign();
    assert_int_equal(atomic_load(&foreign.count), 3);
}

static void never_end(struct tls_foreign *f)
{
    tls_foreign_shake(f);
    tls_foreign_await(f);
}

/* A peer that does not say its end: time is up, and nothing is left of the connection.
 * uv:test_tcp.py::_TestSSL::test_shutdown_timeout,
 * test_ssl.py::TestSSL::test_shutdown_timeout_handler_leak,
 * uv:test_tcp.py::_TestSSL::test_shutdown_timeout_handler_leak */
static void test_an_end_that_takes_too_long(void **state)
{
    patience = 0.05;
    meet_foreign(never_end);
    gyre_transport_close(kept);
    wait_here_lost();
    assert_int_equal(here.err, -ETIMEDOUT);
    assert_string_equal(kept->words, "SSL shutdown timed out");
    atomic_store(&foreign.go, true);
    part_from_foreign();
    net_step(loop);
    assert_int_equal(of_client->references, 1);
}

static void end_at_once(struct tls_foreign *f)
{
    tls_foreign_shake(f);
    tls_foreign_take(f, 4);
    SSL_shutdown(f->ssl);
    tls_foreign_drain(f);
}

/* Both have ended: nothing is waited for. test_ssl.py::TestSSL::test_shutdown_timeout_handler_not_set,
 * uv:test_tcp.py::_TestSSL::test_shutdown_timeout_handler_not_set */
static void test_no_time_runs_after_the_end(void **state)
{
    patience = 0.05;
    meet_foreign(end_at_once);
    gyre_transport_write(kept, "ping", 4);
    wait_here_lost();
    net_run(loop, 0.06);
    assert_true(gyre_handle_cancelled(&gyre__tls_of(kept)->timer));
    assert_string_equal(here.text, "made eof lost:0 ");
    part_from_foreign();
}

/* uv:test_tcp.py::_TestSSL::test_write_to_closed_transport,
 * test_sslproto.py::SslProtoHandshakeTests::test_write_after_closing */
static void test_writing_to_what_is_closed(void **state)
{
    meet_foreign(end_at_once);
    gyre_transport_write(kept, "ping", 4);
    gyre_transport_close(kept);
    assert_int_equal(gyre_transport_write(kept, "nowhere", 7), 0);
    wait_here_lost();
    for (int i = 0; i < 10; i++)
        assert_int_equal(gyre_transport_write(kept, "nowhere", 7), 0);
    assert_int_equal(here.lost, 1);
    part_from_foreign();
    assert_int_equal(atomic_load(&foreign.count), 4);
}

static void leave_rudely(struct tls_foreign *f)
{
    tls_foreign_shake(f);
    tls_foreign_say(f, "half a word");
    tls_foreign_await(f);
}

/* No word of TLS at the end: bytes may be missing, and the program can know. */
static void test_an_end_that_nobody_vouches_for(void **state)
{
    const gyre_tls_object *object;

    meet_foreign(leave_rudely);
    while (here.received < 11)
        net_step(loop);
    atomic_store(&foreign.go, true);
    wait_here_lost();
    object = gyre_transport_get_extra_info(kept, "ssl_object", NULL);
    assert_true(object->truncated);
    assert_string_equal(here.text, "made data:11 eof lost:0 ");
    part_from_foreign();
}

static void be_deaf(struct tls_foreign *f)
{
    tls_foreign_shake(f);
    tls_foreign_await(f);
}

/* The time of the end is also that of the bytes that wait. */
static void test_a_peer_that_reads_nothing_more(void **state)
{
    patience = 0.05;
    meet_foreign(be_deaf);
    fill(8 << 20);
    gyre_transport_close(kept);
    wait_here_lost();
    assert_int_equal(here.err, -ETIMEDOUT);
    atomic_store(&foreign.go, true);
    part_from_foreign();
}

#define WITH_FOREIGN(test) cmocka_unit_test_setup_teardown(test, open_foreign, close_tls)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOREIGN(test_a_peer_that_ends_first_gets_all),
        WITH_FOREIGN(test_what_comes_after_the_end_is_dropped),
        WITH_FOREIGN(test_an_end_that_takes_too_long),
        WITH_FOREIGN(test_no_time_runs_after_the_end),
        WITH_FOREIGN(test_writing_to_what_is_closed),
        WITH_FOREIGN(test_an_end_that_nobody_vouches_for),
        WITH_FOREIGN(test_a_peer_that_reads_nothing_more),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
