/* test_tls_hostile.c - peers that mean no good: garbage, trickles, floods, and leaving in every phase.
 *
 * The connection under test is `there`, a server, or `here`, a client; the other end is a machine by hand.
 */
#include "tests/unit/tls_raw.h"
#include <openssl/core_names.h>
#include <openssl/kdf.h>

enum { MARK = 64 * 1024, BURST = 16 * 1024 };

static struct raw raw;
static int sock;

static int accept_it(void *arg)
{
    return gyre_loop_connect_accepted_socket(loop, NULL, &net_diary, sock, .ssl = of_server, .arg = &there);
}

static int dial_it(void *arg)
{
    return gyre_loop_create_connection(loop, NULL, &net_diary, .sock = sock, .ssl = of_client,
                                       .server_hostname = "localhost", .arg = &here);
}

static gyre_task *task;

/* The connection under test begins; its socket's other end is the machine's. */
static void begin_with(bool against_server)
{
    int ends[2];

    memset(&there, 0, sizeof there);
    memset(&here, 0, sizeof here);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    sock = ends[0];
    raw_begin(&raw, !against_server, ends[1]);
    gyre_loop_create_task(loop, &task, against_server ? accept_it : dial_it, NULL);
    net_turns(loop, 3);
}

/* The code of its handshake, once that is over. */
static int outcome(void)
{
    while (!gyre_future_done(task))
        net_turns(loop, 1);
    return gyre_future_exception(task);
}

/* However it ended: nothing of it is left, and what began has ended once. */
static void end_with(void)
{
    if (!gyre_future_done(task))
        gyre_task_cancel(task);
    raw_end(&raw);
    while (!gyre_future_done(task) || here.made > here.lost || there.made > there.lost)
        net_step(loop);
    if (gyre_future_exception(task) < 0)
        assert_int_equal(here.made + there.made, 0);
    gyre_future_unref(task);
    net_turns(loop, 4);
    assert_int_equal(of_server->references + of_client->references, 2);
}

static void meet(bool against_server)
{
    begin_with(against_server);
    raw_shake(&raw);
    raw_flush(&raw);
    assert_int_equal(raw.err, 1);
    assert_int_equal(outcome(), 0);
}

/* --- before the handshake --- */

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

/* --- after it --- */

static void wait_lost_by(struct diary *diary, int err)
{
    while (!diary->lost) {
        net_step(loop);
        raw_receive(&raw);
    }
    assert_int_equal(diary->err, err);
}

static void test_a_record_that_nobody_sealed(void **state)
{
    static const char forged[] = "\x17\x03\x03\x00\x20 these are 32 bytes without a seal";

    meet(true);
    assert_true(raw_send(&raw, forged, 5 + 32));
    wait_lost_by(&there, GYRE_ESSL);
    assert_int_equal(there.received, 0);
    end_with();
}

static void test_a_huge_record_later(void **state)
{
    static const unsigned char huge[] = {0x17, 0x03, 0x03, 0xff, 0xff};

    meet(true);
    assert_true(raw_send(&raw, huge, sizeof huge));
    wait_lost_by(&there, GYRE_ESSL);
    end_with();
}

/* Bytes that the connection under test holds for the wire. */
static size_t held(const struct diary *diary)
{
    return diary->lost ? 0 : gyre__tls_of(diary->transport)->below->out.size;
}

static void ask_for_keys(void)
{
    assert_int_equal(SSL_key_update(raw.tls.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    assert_int_equal(SSL_do_handshake(raw.tls.ssl), 1);
}

static void test_new_keys_now_and_then(void **state)
{
    char word[8];

    meet(true);
    for (int i = 0; i < 100; i++) {
        ask_for_keys();
        assert_int_equal(gyre__tls_write(&raw.tls, "x", 1), 0);
        raw_flush(&raw);
        net_turns(loop, 2);
        raw_receive(&raw);
        assert_int_equal(gyre__tls_read(&raw.tls, word, sizeof word), 0);
    }
    while (there.received < 100)
        net_step(loop);
    assert_int_equal(there.lost, 0);
    end_with();
}

/* Nothing but requests for new keys, whose answers are read. */
static void test_new_keys_and_nothing_else(void **state)
{
    meet(true);
    for (int i = 0; i < 20000 && !there.lost; i++) {
        ask_for_keys();
        if (i % 100)
            continue;
        raw_send(&raw, raw.out, raw.out_len);
        raw.out_len = 0;
        net_turns(loop, 1);
        raw_receive(&raw);
    }
    assert_true(there.lost);
    assert_int_equal(there.err, GYRE_ESSL);
    end_with();
}

/* Requests among data, whose answers are not read: what is held for the peer has its bound. */
static void test_answers_that_nobody_reads(void **state)
{
    size_t most = 0;

    meet(true);
    for (int i = 0; i < 100000 && !there.lost; i++) {
        ask_for_keys();
        if (i % 20)
            continue;
        assert_int_equal(gyre__tls_write(&raw.tls, "x", 1), 0);
        raw_send(&raw, raw.out, raw.out_len);
        raw.out_len = 0;
        net_turns(loop, 1);
        most = held(&there) > most ? held(&there) : most;
    }
    assert_true(there.lost);
    assert_int_equal(there.err, GYRE_ESSL);
    assert_in_range(most, MARK, MARK + BURST);
    end_with();
}

/* A server of TLS 1.2 that asks for one handshake after the other. */
static void test_hellos_without_end(void **state)
{
    gyre_tls_context_unref(of_server);
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"),
                         .maximum_version = GYRE_TLS_1_2);
    meet(false);
    SSL_clear_options(raw.tls.ssl, SSL_OP_NO_RENEGOTIATION);
    for (int i = 0; i < 100000 && !here.lost; i++) {
        SSL_renegotiate(raw.tls.ssl);
        SSL_do_handshake(raw.tls.ssl);
        raw_send(&raw, raw.out, raw.out_len);
        raw.out_len = 0;
        net_turns(loop, 1);
    }
    assert_true(here.lost);
    assert_int_equal(here.err, GYRE_ESSL);
    end_with();
}

/* --- records without a byte in them, which OpenSSL does not make: sealed by hand, with its secret --- */

static unsigned char secret[48];
static size_t secret_len;

/* A line of a key log: a name, the client's random in hex, a secret in hex. */
static void keep_secret(const SSL *ssl, const char *line)
{
    const char *hex = strrchr(line, ' ') + 1;

    if (strncmp(line, "CLIENT_TRAFFIC_SECRET_0", 23) != 0)
        return;
    for (secret_len = 0; hex[secret_len * 2]; secret_len++)
        sscanf(hex + secret_len * 2, "%2hhx", &secret[secret_len]);
}

/* HKDF-Expand-Label of TLS 1.3. */
static void expand(const char *label, void *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    char digest[] = "SHA384", mode[] = "EXPAND_ONLY", prefix[] = "tls13 ";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, mode, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret, secret_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, prefix, 6),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, (void *)(uintptr_t)label, strlen(label)),
        OSSL_PARAM_construct_end()};

    assert_int_equal(EVP_KDF_derive(context, out, len, params), 1);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
}

/* The record with this number: no data, and the byte that says what they would be. */
static void seal_empty(unsigned char record[22], unsigned number)
{
    static const unsigned char head[5] = {0x17, 0x03, 0x03, 0, 17}, kind = 0x17;
    unsigned char key[32], iv[12];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int len;

    expand("key", key, sizeof key);
    expand("iv", iv, sizeof iv);
    iv[11] ^= (unsigned char)number;
    memcpy(record, head, sizeof head);
    EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, iv);
    EVP_EncryptUpdate(context, NULL, &len, head, sizeof head);
    EVP_EncryptUpdate(context, record + 5, &len, &kind, 1);
    EVP_EncryptFinal_ex(context, record + 6, &len);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, record + 6);
    EVP_CIPHER_CTX_free(context);
}

static void send_empty(unsigned first, unsigned last)
{
    for (unsigned i = first; i < last && !there.lost; i++) {
        unsigned char record[22];

        seal_empty(record, i);
        raw_send(&raw, record, sizeof record);
        net_turns(loop, 1);
    }
}

static void test_empty_records(void **state)
{
    SSL_CTX_set_keylog_callback(of_client->ssl, keep_secret);
    meet(true);
    assert_int_equal(secret_len, 48);
    send_empty(0, 10);
    net_step(loop);
    assert_int_equal(there.lost, 0);
    send_empty(10, 200);
    assert_true(there.lost);
    assert_int_equal(there.err, GYRE_ESSL);
    assert_non_null(strstr(gyre_error_text(), "record too small"));
    assert_int_equal(there.received, 0);
    end_with();
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
        ON_TLS(test_a_record_that_nobody_sealed),
        ON_TLS(test_a_huge_record_later),
        ON_TLS(test_new_keys_now_and_then),
        ON_TLS(test_new_keys_and_nothing_else),
        ON_TLS(test_answers_that_nobody_reads),
        ON_TLS(test_hellos_without_end),
        ON_TLS(test_empty_records),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
