/* test_tls_hostile.c - peers that mean no good in the handshake: garbage, trickles, lies, and leaving in
 * every phase.
 */
#include "tests/unit/tls_foe.h"

static void say_instead(const void *bytes, size_t len)
{
    begin_with(true);
    assert_true(raw_send(&raw, bytes, len));
    assert_int_equal(outcome(), GYRE_ESSL);
    assert_true(*gyre_error_text());
    end_with();
}

static void test_garbage_instead_of_a_hello(void **state)
{
    unsigned char bytes[512] = {0};
    unsigned seed = 1;

    say_instead(bytes, sizeof bytes);
    say_instead("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (unsigned char)((seed = seed * 1103515245 + 12345) >> 16);
        say_instead(bytes, sizeof bytes);
    }
}

/* A record that says it is larger than one can be, and one whose hello says the same. */
static void test_huge_records(void **state)
{
    static const unsigned char record[] = {0x16, 0x03, 0x01, 0xff, 0xff, 0x01},
                               hello[] = {0x16, 0x03, 0x01, 0x00, 0x04, 0x01, 0xff, 0xff, 0xff};

    say_instead(record, sizeof record);
    say_instead(hello, sizeof hello);
}

static void test_empty_records_instead_of_a_hello(void **state)
{
    static const unsigned char empty[5] = {0x16, 0x03, 0x01, 0, 0};

    begin_with(true);
    for (int i = 0; i < 100; i++)
        raw_send(&raw, empty, sizeof empty);
    assert_int_equal(outcome(), GYRE_ESSL);
    end_with();
}

/* Sends byte by byte what the machine has to say. */
static void trickle(void)
{
    for (size_t i = 0; i < raw.out_len; i++) {
        assert_true(raw_send(&raw, raw.out + i, 1));
        net_turns(loop, 1);
    }
    raw.out_len = 0;
}

static void shake_in_trickles(bool against_server)
{
    begin_with(against_server);
    while (!raw.err) {
        trickle();
        net_step(loop);
        raw_receive(&raw);
        raw.err = gyre__tls_handshake(&raw.tls);
    }
    trickle();
    assert_int_equal(raw.err, 1);
    assert_int_equal(outcome(), 0);
    end_with();
}

static void test_a_handshake_byte_by_byte(void **state)
{
    shake_in_trickles(true);
    shake_in_trickles(false);
}

static int accept_briefly(void *arg)
{
    return gyre_loop_connect_accepted_socket(loop, NULL, &net_diary, sock, .ssl = of_server, .arg = &there,
                                             .ssl_handshake_timeout = 0.03);
}

/* It says hello, takes nothing of the answer, and stays. */
static void test_a_peer_that_reads_no_answer(void **state)
{
    int ends[2], small = 1;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    sock = ends[0];
    raw_begin(&raw, false, ends[1]);
    gyre_loop_create_task(loop, &task, accept_briefly, NULL);
    assert_int_equal(gyre__tls_handshake(&raw.tls), 0);
    raw_flush(&raw);
    assert_int_equal(outcome(), -ECONNABORTED);
    end_with();
}

/* --- leaving, and lying, in every phase --- */

static size_t sent;

/* Sends what the machine says as far as byte `last` of the connection; false: that was it. */
static bool send_until(size_t last)
{
    size_t some = raw.out_len < last - sent ? raw.out_len : last - sent;

    raw_send(&raw, raw.out, some);
    sent += some;
    raw.out_len = 0;
    return sent < last;
}

/* True when the handshake ended before that byte. */
static bool talk_until(bool against_server, size_t last)
{
    begin_with(against_server);
    sent = 0;
    while (!raw.err && send_until(last)) {
        net_turns(loop, 2);
        raw_receive(&raw);
        raw.err = gyre__tls_handshake(&raw.tls);
    }
    return raw.err && send_until(last);
}

static void leave_everywhere(bool against_server)
{
    size_t last = 1;

    while (!talk_until(against_server, last)) {
        end_with();
        last += 41;
    }
    end_with();
    assert_true(last > 200);
}

static void test_leaving_in_every_phase(void **state)
{
    leave_everywhere(true);
    leave_everywhere(false);
}

/* The bytes of a flight with one of them changed. */
static void lie_at(bool against_server, size_t place)
{
    begin_with(against_server);
    sent = 0;
    while (!raw.err) {
        if (place >= sent && place < sent + raw.out_len)
            raw.out[place - sent] ^= 0x55;
        sent += raw.out_len;
        raw_send(&raw, raw.out, raw.out_len);
        raw.out_len = 0;
        net_turns(loop, 2);
        if (!raw_receive(&raw) || (!raw.tls.in_len && sent > place))
            break;
        raw.err = gyre__tls_handshake(&raw.tls);
    }
    end_with();
}

static void test_one_wrong_byte(void **state)
{
    for (size_t place = 0; place < 600; place += 13) {
        lie_at(true, place);
        lie_at(false, place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_TLS(test_garbage_instead_of_a_hello),
        ON_TLS(test_huge_records),
        ON_TLS(test_empty_records_instead_of_a_hello),
        ON_TLS(test_a_handshake_byte_by_byte),
        ON_TLS(test_a_peer_that_reads_no_answer),
        ON_TLS(test_leaving_in_every_phase),
        ON_TLS(test_one_wrong_byte),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
