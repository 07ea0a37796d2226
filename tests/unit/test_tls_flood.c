/* test_tls_flood.c - peers that mean no good after the handshake: forged records, and floods of what brings
 * nothing.
 */
#include "tests/unit/tls_foe.h"
#include <openssl/core_names.h>
#include <openssl/kdf.h>

enum { MARK = 64 * 1024, BURST = 16 * 1024 };

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
