/* test_tls_start.c - start_tls: connections that turn to TLS, and TLS over TLS. */
#include "tests/unit/tls_raw.h"

/* test_ssl.py::TestSSL::test_start_tls_client_reg_proto_1, test_ssl.py::TestSSL::test_start_tls_server_1,
 * test_sslproto.py::BaseStartTLS::test_start_tls_client_reg_proto_1,
 * test_sslproto.py::BaseStartTLS::test_start_tls_server_1,
 * uv:test_tcp.py::_TestSSL::test_start_tls_client_reg_proto_1,
 * uv:test_tcp.py::_TestSSL::test_start_tls_server_1 */
static void test_start_tls(void **state)
{
    connect_plain(&net_diary);
    assert_int_equal(net_task(loop, upgrade, NULL), 0);
    converse();
    assert_string_equal(here.text, "made data:6 eof lost:0 ");
    assert_string_equal(there.text, "made data:6 eof lost:0 ");
    assert_int_equal(here.destroyed, 1);
}

/* test_ssl.py::TestSSL::test_start_tls_client_buf_proto_1,
 * test_sslproto.py::BaseStartTLS::test_start_tls_client_buf_proto_1,
 * uv:test_tcp.py::_TestSSL::test_start_tls_client_buf_proto_1 */
static void test_start_tls_of_a_buffered_protocol(void **state)
{
    here.room = there.room = 4;
    connect_plain(&net_buffered);
    assert_int_equal(net_task(loop, upgrade, NULL), 0);
    converse();
    assert_int_equal(here.received, 6);
    assert_int_equal(there.lost, 1);
}

static int spoil(void *arg)
{
    gyre_transport_write(there.transport, "no TLS at all, but words", 24);
    return gyre_loop_start_tls(loop, NULL, here.transport, NULL, of_client, .server_hostname = "localhost");
}

/* test_ssl.py::TestSSL::test_start_tls_client_corrupted_ssl,
 * test_sslproto.py::BaseStartTLS::test_start_tls_client_corrupted_ssl,
 * uv:test_tcp.py::_TestSSL::test_start_tls_client_corrupted_ssl */
static void test_start_tls_with_a_peer_that_does_not(void **state)
{
    connect_plain(&net_diary);
    assert_int_equal(net_task(loop, spoil, NULL), GYRE_ESSL);
    wait_lost();
    assert_int_equal(here.err, GYRE_ESSL);
}

static int start_slowly(void *arg)
{
    return gyre_loop_start_tls(loop, NULL, here.transport, NULL, of_client, .server_hostname = "localhost");
}

static int cancel_slow(void *arg)
{
    gyre_task *task;
    int err;

    gyre_loop_create_task(loop, &task, start_slowly, NULL);
    gyre_sleep(0.01);
    gyre_task_cancel(task);
    err = gyre_await(task, NULL);
    gyre_future_unref(task);
    return err;
}

/* test_ssl.py::TestSSL::test_start_tls_slow_client_cancel,
 * test_sslproto.py::BaseStartTLS::test_start_tls_slow_client_cancel,
 * uv:test_tcp.py::_TestSSL::test_start_tls_slow_client_cancel */
static void test_start_tls_is_cancelled(void **state)
{
    connect_plain(&net_diary);
    assert_int_equal(net_task(loop, cancel_slow, NULL), GYRE_ECANCELLED);
    wait_lost();
    assert_int_equal(here.lost, 1);
}

static int start_wrongly(void *arg)
{
    return gyre_loop_start_tls(loop, NULL, here.transport, NULL, NULL);
}

static int start_backwards(void *arg)
{
    return gyre_loop_start_tls(loop, NULL, here.transport, NULL, of_client, .server_side = true);
}

/* test_sslproto.py::BaseStartTLS::test_start_tls_wrong_args,
 * uv:test_tcp.py::_TestSSL::test_start_tls_wrong_args */
static void test_start_tls_refuses(void **state)
{
    connect_plain(&net_diary);
    assert_int_equal(net_task(loop, start_wrongly, NULL), GYRE_ETYPE);
    assert_int_equal(net_task(loop, start_backwards, NULL), GYRE_ESSL);
    gyre_transport_ref(here.transport);
    gyre_transport_close(here.transport);
    assert_int_equal(net_task(loop, start_slowly, NULL), GYRE_ERUNTIME);
    gyre_transport_unref(here.transport);
    wait_lost();
}

/* test_ssl.py::TestSSL::test_create_server_ssl_over_ssl,
 * uv:test_tcp.py::_TestSSL::test_create_server_ssl_over_ssl */
static void test_tls_over_tls(void **state)
{
    connect_plain(&net_diary);
    assert_int_equal(net_task(loop, upgrade, NULL), 0);
    assert_int_equal(net_task(loop, upgrade, NULL), 0);
    converse();
    assert_string_equal(here.text, "made data:6 eof lost:0 ");
    assert_string_equal(there.text, "made data:6 eof lost:0 ");
}

static void break_the_one_below(struct diary *diary)
{
    struct gyre__tls_transport *over = gyre__tls_of(diary->transport);

    gyre__tls_fail(gyre__tls_of(over->below), gyre_error_set(GYRE_ESSL, "a bad record"));
}

static void note_words(struct diary *diary)
{
    snprintf(diary->space, sizeof diary->space, "%s", gyre_error_text());
}

/* The reason has its words on each floor, also when nobody waits for it to come up. */
static void test_what_breaks_below_tls_over_tls(void **state)
{
    connect_plain(&net_diary);
    assert_int_equal(net_task(loop, upgrade, NULL), 0);
    assert_int_equal(net_task(loop, upgrade, NULL), 0);
    here.on_lost = there.on_lost = note_words;
    break_the_one_below(&here);
    break_the_one_below(&there);
    gyre_transport_abort(there.transport);
    wait_lost();
    assert_int_equal(here.err, GYRE_ESSL);
    assert_int_equal(there.err, GYRE_ESSL);
    assert_string_equal(here.space, "a bad record");
    assert_string_equal(there.space, "a bad record");
}

static struct raw raw;

static void note_data(struct diary *diary)
{
    note("data");
}

static int start_there(void *arg)
{
    int err = upgrade_there(arg);

    note("woken");
    return err;
}

/* The last flight and the first bytes come in one piece: who waits for the handshake is told first, and has
 * the new transport. uv:test_tcp.py::_TestSSL::test_first_data_after_wakeup */
static void test_the_first_bytes_come_after_the_handshake(void **state)
{
    gyre_task *task;
    int fd = net_pair(loop, &there);

    there.on_data = note_data;
    raw_begin(&raw, false, fd);
    gyre_loop_create_task(loop, &task, start_there, NULL);
    raw_shake(&raw);
    assert_int_equal(gyre__tls_write(&raw.tls, "first", 5), 0);
    raw_flush(&raw);
    while (there.received < 5)
        net_step(loop);
    assert_noted("woken data");
    assert_memory_equal(there.data, "first", 5);
    gyre_future_unref(task);
    raw_end(&raw);
    while (!there.lost)
        net_step(loop);
}

/* The inner one shakes hands in vain over the outer one, which is closed meanwhile.
 * test_sslproto.py::SslProtoHandshakeTests::test_close_during_ssl_over_ssl */
static void test_closed_in_the_handshake_over_tls(void **state)
{
    gyre_transport *outer;
    gyre_task *task;

    connect_plain(&net_diary);
    assert_int_equal(net_task(loop, upgrade, NULL), 0);
    outer = gyre_transport_ref(here.transport);
    gyre_loop_create_task(loop, &task, start_slowly, NULL);
    net_run(loop, 0.005);
    gyre_transport_close(outer);
    wait_lost();
    net_turns(loop, 5);
    assert_true(gyre_future_done(task));
    assert_int_equal(gyre_future_exception(task), -ECONNRESET);
    gyre_future_unref(task);
    gyre_transport_unref(outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_TLS(test_start_tls),
        ON_TLS(test_start_tls_of_a_buffered_protocol),
        ON_TLS(test_start_tls_with_a_peer_that_does_not),
        ON_TLS(test_start_tls_is_cancelled),
        ON_TLS(test_start_tls_refuses),
        ON_TLS(test_tls_over_tls),
        ON_TLS(test_what_breaks_below_tls_over_tls),
        ON_TLS(test_the_first_bytes_come_after_the_handshake),
        ON_TLS(test_closed_in_the_handshake_over_tls),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
