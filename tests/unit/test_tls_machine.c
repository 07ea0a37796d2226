/* test_tls_machine.c - contexts, and two machines of TLS that talk over memory. */
#include "net/tls.h"
#include "tests/unit/tls_bed.h"
#include "tests/unit/unit.h"

/* One side: its machine, and what is on the wire to it. */
struct side {
    struct gyre__tls tls;
    struct side *other;
    char wire[256 * 1024];
    size_t len;
    int err; /* how its handshake ended: 1 well, 0 not yet */
};

static struct side client, server;

static void to_other(void *arg, const void *data, size_t len)
{
    struct side *other = ((struct side *)arg)->other;

    assert_true(other->len + len <= sizeof other->wire);
    memcpy(other->wire + other->len, data, len);
    other->len += len;
}

/* What is on the wire is received. */
static void receive(struct side *side)
{
    side->tls.in = side->wire;
    side->tls.in_len = side->len;
}

/* Whatever was taken of it is gone. */
static void received(struct side *side)
{
    memmove(side->wire, side->tls.in, side->tls.in_len);
    side->len = side->tls.in_len;
}

static void shake(struct side *side)
{
    receive(side);
    if (side->err == 0)
        side->err = gyre__tls_handshake(&side->tls);
    received(side);
}

static gyre_tls_context *make(const gyre_tls_context_options *options)
{
    gyre_tls_context *context = NULL;

    assert_int_equal((gyre_tls_context_new)(&context, options), 0);
    return context;
}

#define context_of(...) \
    make(&(gyre_tls_context_options){.size = sizeof(gyre_tls_context_options), __VA_ARGS__})

static gyre_tls_context *make_server(void)
{
    return context_of(.server_side = true, .certfile = tls_file("server.pem"));
}

static gyre_tls_context *make_client(void)
{
    return context_of(.cafile = tls_file("ca.pem"));
}

static void begin(gyre_tls_context *of_server, gyre_tls_context *of_client, const char *name)
{
    memset(&client, 0, sizeof client);
    memset(&server, 0, sizeof server);
    client.other = client.tls.arg = &server;
    server.other = server.tls.arg = &client;
    client.tls.arg = &client;
    server.tls.arg = &server;
    client.tls.out = server.tls.out = to_other;
    assert_int_equal(gyre__tls_init(&server.tls, of_server, true, NULL), 0);
    assert_int_equal(gyre__tls_init(&client.tls, of_client, false, name), 0);
}

static void end(void)
{
    gyre__tls_free(&client.tls);
    gyre__tls_free(&server.tls);
}

static void meet(gyre_tls_context *of_server, gyre_tls_context *of_client, const char *name)
{
    begin(of_server, of_client, name);
    for (int i = 0; i < 10; i++) {
        shake(&client);
        shake(&server);
    }
}

static ptrdiff_t take(struct side *side, void *data, size_t len)
{
    ptrdiff_t got;

    receive(side);
    got = gyre__tls_read(&side->tls, data, len);
    received(side);
    return got;
}

/* A word in each direction. */
static void talk(void)
{
    char word[8] = "";

    assert_int_equal(server.err, 1);
    assert_int_equal(client.err, 1);
    assert_int_equal(gyre__tls_write(&client.tls, "ping", 4), 0);
    assert_int_equal(take(&server, word, sizeof word), 4);
    assert_string_equal(word, "ping");
    assert_int_equal(gyre__tls_write(&server.tls, "pong", 4), 0);
    assert_int_equal(take(&client, word, sizeof word), 4);
    assert_string_equal(word, "pong");
}

static void part(gyre_tls_context *of_server, gyre_tls_context *of_client)
{
    end();
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
}

static void test_two_sides_talk(void **state)
{
    gyre_tls_context *s = make_server(), *c = make_client();

    meet(s, c, "localhost");
    talk();
    assert_string_equal(SSL_get_version(client.tls.ssl), "TLSv1.3");
    part(s, c);
}

static void test_the_older_version(void **state)
{
    gyre_tls_context *s = make_server();
    gyre_tls_context *c = context_of(.cafile = tls_file("ca.pem"), .maximum_version = GYRE_TLS_1_2,
                                     .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256");

    meet(s, c, "localhost");
    talk();
    assert_string_equal(SSL_get_version(client.tls.ssl), "TLSv1.2");
    assert_string_equal(SSL_get_cipher_name(client.tls.ssl), "ECDHE-ECDSA-AES128-GCM-SHA256");
    part(s, c);
}

static void assert_no_suite(const char *suites)
{
    gyre_tls_context *s = make_server();
    gyre_tls_context *c =
        context_of(.cafile = tls_file("ca.pem"), .maximum_version = GYRE_TLS_1_2, .ciphers = suites);

    meet(s, c, "localhost");
    assert_int_equal(server.err, GYRE_ESSL);
    assert_int_equal(client.err, GYRE_ESSL);
    part(s, c);
}

/* What OpenSSL would take, and create_default_context does not. */
static void test_weak_suites(void **state)
{
    assert_no_suite("ECDHE-ECDSA-AES128-SHA");
    assert_no_suite("kRSA");
    assert_no_suite("AESCCM");
    assert_no_suite("aNULL:@SECLEVEL=0");
}

/* A server that wants 1.3 does not speak with a client of 1.2. */
static void test_no_version_in_common(void **state)
{
    gyre_tls_context *s =
        context_of(.server_side = true, .certfile = tls_file("server.pem"), .minimum_version = GYRE_TLS_1_3);
    gyre_tls_context *c = context_of(.cafile = tls_file("ca.pem"), .maximum_version = GYRE_TLS_1_2);

    meet(s, c, "localhost");
    assert_int_equal(server.err, GYRE_ESSL);
    assert_int_equal(client.err, GYRE_ESSL);
    part(s, c);
}

static void test_a_certificate_that_nobody_signed(void **state)
{
    gyre_tls_context *s = context_of(.server_side = true, .certfile = tls_file("alone.pem"));
    gyre_tls_context *c = make_client();

    meet(s, c, "localhost");
    assert_int_equal(client.err, GYRE_ESSLCERT);
    assert_non_null(strstr(gyre_error_text(), "alert") /* the server hears of it last */);
    assert_string_equal(gyre_error_name(client.err), "SSLCertVerificationError");
    part(s, c);
}

static void test_the_words_of_a_refusal(void **state)
{
    gyre_tls_context *s = context_of(.server_side = true, .certfile = tls_file("alone.pem"));
    gyre_tls_context *c = make_client();

    begin(s, c, "localhost");
    shake(&client);
    shake(&server);
    shake(&client);
    assert_int_equal(client.err, GYRE_ESSLCERT);
    assert_string_equal(
        gyre_error_text(),
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate");
    part(s, c);
}

static void test_another_name_is_refused(void **state)
{
    gyre_tls_context *s = make_server(), *c = make_client();

    meet(s, c, "www.example.org");
    assert_int_equal(client.err, GYRE_ESSLCERT);
    part(s, c);
}

static void test_an_address_is_a_name(void **state)
{
    gyre_tls_context *s = make_server(), *c = make_client();

    meet(s, c, "127.0.0.1");
    talk();
    end();
    meet(s, c, "127.0.0.2");
    assert_int_equal(client.err, GYRE_ESSLCERT);
    part(s, c);
}

static void test_an_empty_name_is_not_checked(void **state)
{
    gyre_tls_context *s = make_server(), *c = make_client();

    meet(s, c, "");
    talk();
    part(s, c);
}

static void test_check_hostname_off(void **state)
{
    gyre_tls_context *s = make_server();
    gyre_tls_context *c = context_of(.cafile = tls_file("ca.pem"), .check_hostname = GYRE_NO);

    meet(s, c, "www.example.org");
    talk();
    part(s, c);
}

/* With TLS 1.3 the client is through before the server has looked at its certificate. */
static void test_both_sides_show_a_certificate(void **state)
{
    gyre_tls_context *s = context_of(.server_side = true, .certfile = tls_file("server.pem"),
                                     .cafile = tls_file("ca.pem"), .verify_mode = GYRE_CERT_REQUIRED);
    gyre_tls_context *c = make_client();
    gyre_tls_context *known = context_of(.cafile = tls_file("ca.pem"), .certfile = tls_file("client.pem"));

    meet(s, c, "localhost");
    assert_int_equal(server.err, GYRE_ESSL);
    end();
    meet(s, known, "localhost");
    talk();
    gyre_tls_context_unref(known);
    part(s, c);
}

static void test_an_optional_certificate(void **state)
{
    gyre_tls_context *s = context_of(.server_side = true, .certfile = tls_file("server.pem"),
                                     .cafile = tls_file("ca.pem"), .verify_mode = GYRE_CERT_OPTIONAL);
    gyre_tls_context *none = make_client();
    gyre_tls_context *c = context_of(.cafile = tls_file("ca.pem"), .certfile = tls_file("alone.pem"));

    meet(s, none, "localhost");
    talk();
    end();
    meet(s, c, "localhost");
    assert_int_equal(server.err, GYRE_ESSLCERT);
    gyre_tls_context_unref(none);
    part(s, c);
}

static const char *protocol_of(const struct side *side)
{
    static char name[16];
    const unsigned char *data;
    unsigned len;

    SSL_get0_alpn_selected(side->tls.ssl, &data, &len);
    snprintf(name, sizeof name, "%.*s", (int)len, (const char *)data);
    return name;
}

static void test_alpn(void **state)
{
    static const char *const both[] = {"h2", "http/1.1", NULL}, *const one[] = {"http/1.1", NULL},
                             *const strange[] = {"gopher", NULL};
    gyre_tls_context *s =
        context_of(.server_side = true, .certfile = tls_file("server.pem"), .alpn_protocols = both);
    gyre_tls_context *c = context_of(.cafile = tls_file("ca.pem"), .alpn_protocols = one);
    gyre_tls_context *other = context_of(.cafile = tls_file("ca.pem"), .alpn_protocols = strange);

    meet(s, c, "localhost");
    talk();
    assert_string_equal(protocol_of(&client), "http/1.1");
    assert_string_equal(protocol_of(&server), "http/1.1");
    end();
    meet(s, other, "localhost");
    talk();
    assert_string_equal(protocol_of(&client), "");
    gyre_tls_context_unref(other);
    part(s, c);
}

static const char *shown(void)
{
    static char name[64];
    X509 *certificate = SSL_get1_peer_certificate(client.tls.ssl);

    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    return name;
}

static void test_the_certificate_of_a_name(void **state)
{
    gyre_tls_context *s = make_server(), *c = make_client();
    gyre_tls_context *www = context_of(.server_side = true, .certfile = tls_file("www.pem"));

    assert_int_equal(gyre_tls_context_add_name(s, "*.example.org", www), 0);
    gyre_tls_context_unref(www);
    meet(s, c, "www.example.org");
    talk();
    assert_string_equal(shown(), "www.example.org");
    end();
    meet(s, c, "localhost");
    talk();
    assert_string_equal(shown(), "localhost");
    part(s, c);
}

static gyre_tls_context *choose(void *arg, const char *server_name)
{
    note((void *)(uintptr_t)(server_name ? server_name : "(none)"));
    return server_name && !strcmp(server_name, "www.example.org") ? arg : NULL;
}

static void test_a_callback_picks_by_name(void **state)
{
    gyre_tls_context *www = context_of(.server_side = true, .certfile = tls_file("www.pem"));
    gyre_tls_context *s = context_of(.server_side = true, .certfile = tls_file("server.pem"),
                                     .sni_callback = choose, .sni_arg = www);
    gyre_tls_context *c = make_client();

    meet(s, c, "www.example.org");
    talk();
    end();
    meet(s, c, "127.0.0.1");
    talk();
    assert_noted("www.example.org (none)");
    gyre_tls_context_unref(www);
    part(s, c);
}

/* A context with a name that demands a certificate does so also of a client that has a session of another. */
static void test_a_session_is_not_carried_to_a_stricter_name(void **state)
{
    gyre_tls_context *s = make_server();
    gyre_tls_context *strict = context_of(.server_side = true, .certfile = tls_file("www.pem"),
                                          .cafile = tls_file("ca.pem"), .verify_mode = GYRE_CERT_REQUIRED);
    gyre_tls_context *c = context_of(.cafile = tls_file("ca.pem"), .check_hostname = GYRE_NO);
    SSL_SESSION *session;

    gyre_tls_context_add_name(s, "www.example.org", strict);
    meet(s, c, "localhost");
    talk();
    session = SSL_get1_session(client.tls.ssl);
    end();
    begin(s, c, "www.example.org");
    SSL_set_session(client.tls.ssl, session);
    for (int i = 0; i < 5; i++) {
        shake(&client);
        shake(&server);
    }
    assert_int_equal(server.err, GYRE_ESSL);
    SSL_SESSION_free(session);
    gyre_tls_context_unref(strict);
    part(s, c);
}

static bool resumed(gyre_tls_context *s, gyre_tls_context *c)
{
    bool is;

    meet(s, c, "localhost");
    talk();
    is = SSL_session_reused(server.tls.ssl);
    assert_int_equal(is, SSL_session_reused(client.tls.ssl));
    end();
    return is;
}

static void check_resuming(int version)
{
    gyre_tls_ticket_keys *keys;
    gyre_tls_context *c = context_of(.cafile = tls_file("ca.pem"), .maximum_version = version);
    gyre_tls_context *first, *second;

    assert_int_equal(gyre_tls_ticket_keys_new(&keys), 0);
    first = context_of(.server_side = true, .certfile = tls_file("server.pem"), .ticket_keys = keys);
    second = context_of(.server_side = true, .certfile = tls_file("server.pem"), .ticket_keys = keys);
    assert_false(resumed(first, c));
    assert_true(resumed(first, c));
    assert_true(resumed(second, c));
    gyre_tls_ticket_keys_rotate(keys, NULL);
    assert_true(resumed(first, c));
    /* Renewed: the ticket is of the newest key, which lasts two rotations. */
    gyre_tls_ticket_keys_rotate(keys, NULL);
    gyre_tls_ticket_keys_rotate(keys, NULL);
    assert_true(resumed(first, c));
    for (int i = 0; i < 3; i++)
        gyre_tls_ticket_keys_rotate(keys, NULL);
    assert_false(resumed(first, c));
    gyre_tls_ticket_keys_unref(keys);
    gyre_tls_context_unref(first);
    gyre_tls_context_unref(second);
    gyre_tls_context_unref(c);
}

static void test_sessions_are_resumed(void **state)
{
    check_resuming(GYRE_TLS_1_3);
}

static void test_sessions_of_the_older_version_are_resumed(void **state)
{
    check_resuming(GYRE_TLS_1_2);
}

static void test_no_tickets(void **state)
{
    gyre_tls_context *s =
        context_of(.server_side = true, .certfile = tls_file("server.pem"), .session_tickets = GYRE_NO);
    gyre_tls_context *c = make_client();

    assert_false(resumed(s, c));
    assert_false(resumed(s, c));
    gyre_tls_context_unref(s);
    gyre_tls_context_unref(c);
}

/* Secrets of the program's own do for two machines what sharing does for two shards. */
static void test_keys_by_their_secret(void **state)
{
    static const char secret[GYRE_TLS_TICKET_KEY] = "known to both";
    gyre_tls_ticket_keys *one, *two;
    gyre_tls_context *c = make_client(), *first, *second;

    gyre_tls_ticket_keys_new(&one);
    gyre_tls_ticket_keys_new(&two);
    assert_int_equal(gyre_tls_ticket_keys_rotate(one, secret), 0);
    assert_int_equal(gyre_tls_ticket_keys_rotate(two, secret), 0);
    first = context_of(.server_side = true, .certfile = tls_file("server.pem"), .ticket_keys = one);
    second = context_of(.server_side = true, .certfile = tls_file("server.pem"), .ticket_keys = two);
    assert_false(resumed(first, c));
    assert_true(resumed(second, c));
    gyre_tls_ticket_keys_unref(one);
    gyre_tls_ticket_keys_unref(two);
    gyre_tls_context_unref(first);
    gyre_tls_context_unref(second);
    gyre_tls_context_unref(c);
}

static void test_a_certificate_is_read_again(void **state)
{
    gyre_tls_context *c = context_of(.cafile = tls_file("ca.pem"), .check_hostname = GYRE_NO,
                                     .session_tickets = GYRE_NO),
                     *s;

    tls_copy_file("changing.pem", "server.pem");
    s = context_of(.server_side = true, .certfile = tls_file("changing.pem"));
    meet(s, c, "localhost");
    tls_copy_file("changing.pem", "www.pem");
    assert_int_equal(gyre_tls_context_reload(s), 0);
    talk();
    end();
    meet(s, c, "localhost");
    talk();
    assert_string_equal(shown(), "www.example.org");
    end();
    tls_write_file("changing.pem", "nonsense");
    assert_int_equal(gyre_tls_context_reload(s), GYRE_ESSL);
    assert_non_null(strstr(gyre_error_text(), "changing.pem"));
    meet(s, c, "localhost");
    talk();
    assert_string_equal(shown(), "www.example.org");
    part(s, c);
}

static void test_each_says_its_end(void **state)
{
    gyre_tls_context *s = make_server(), *c = make_client();
    char word[8];

    meet(s, c, "localhost");
    talk();
    assert_int_equal(gyre__tls_write(&server.tls, "late", 4), 0);
    receive(&client);
    assert_int_equal(gyre__tls_shutdown(&client.tls), 0);
    received(&client);
    assert_int_equal(take(&server, word, sizeof word), GYRE__TLS_END);
    assert_int_equal(gyre__tls_shutdown(&server.tls), 1);
    receive(&client);
    assert_int_equal(gyre__tls_shutdown(&client.tls), 1);
    part(s, c);
}

static void test_bytes_that_are_no_tls(void **state)
{
    gyre_tls_context *s = make_server(), *c = make_client();

    begin(s, c, "localhost");
    to_other(&client, "GET / HTTP/1.0\r\n\r\n", 18);
    shake(&server);
    assert_int_equal(server.err, GYRE_ESSL);
    assert_string_equal(gyre_error_text(), "[SSL: HTTP_REQUEST] http request");
    part(s, c);
}

static void refuse(int err, const gyre_tls_context_options *options)
{
    gyre_tls_context *context = NULL;

    assert_int_equal((gyre_tls_context_new)(&context, options), err);
    assert_null(context);
    assert_true(*gyre_error_text());
}

#define assert_refused(err, ...) \
    refuse(err, &(gyre_tls_context_options){.size = sizeof(gyre_tls_context_options), __VA_ARGS__})

static void test_what_a_context_refuses(void **state)
{
    static const char *const nameless[] = {"h2", "", NULL};

    tls_write_file("empty.pem", "");
    assert_refused(GYRE_EVALUE, .server_side = true);
    assert_refused(GYRE_EVALUE, .verify_mode = 7);
    assert_refused(GYRE_EVALUE, .verify_mode = GYRE_CERT_NONE, .check_hostname = GYRE_YES);
    assert_refused(GYRE_EVALUE, .alpn_protocols = nameless);
    assert_refused(GYRE_EVALUE, .minimum_version = 99);
    assert_refused(-ENOENT, .certfile = tls_file("nowhere.pem"));
    assert_refused(-ENOENT, .cafile = tls_file("nowhere.pem"));
    assert_refused(GYRE_ESSL, .certfile = tls_file("empty.pem"));
    assert_refused(GYRE_ESSL, .certfile = tls_file("server.pem"), .keyfile = tls_file("client.pem"));
    assert_refused(GYRE_ESSL, .ciphers = "of the moon");
}

static void test_sides_are_not_confused(void **state)
{
    gyre_tls_context *s = make_server(), *c = make_client();
    struct gyre__tls tls = {0};

    assert_int_equal(gyre__tls_init(&tls, c, true, NULL), GYRE_ESSL);
    assert_int_equal(gyre__tls_init(&tls, s, false, "localhost"), GYRE_ESSL);
    assert_int_equal(gyre_tls_context_add_name(c, "localhost", s), GYRE_EVALUE);
    assert_null(gyre_tls_context_ref(NULL));
    gyre_tls_context_unref(NULL);
    gyre_tls_context_unref(s);
    gyre_tls_context_unref(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_sides_talk),
        cmocka_unit_test(test_the_older_version),
        cmocka_unit_test(test_weak_suites),
        cmocka_unit_test(test_no_version_in_common),
        cmocka_unit_test(test_a_certificate_that_nobody_signed),
        cmocka_unit_test(test_the_words_of_a_refusal),
        cmocka_unit_test(test_another_name_is_refused),
        cmocka_unit_test(test_an_address_is_a_name),
        cmocka_unit_test(test_an_empty_name_is_not_checked),
        cmocka_unit_test(test_check_hostname_off),
        cmocka_unit_test(test_both_sides_show_a_certificate),
        cmocka_unit_test(test_an_optional_certificate),
        cmocka_unit_test(test_alpn),
        cmocka_unit_test(test_the_certificate_of_a_name),
        cmocka_unit_test(test_a_callback_picks_by_name),
        cmocka_unit_test(test_a_session_is_not_carried_to_a_stricter_name),
        cmocka_unit_test(test_sessions_are_resumed),
        cmocka_unit_test(test_sessions_of_the_older_version_are_resumed),
        cmocka_unit_test(test_no_tickets),
        cmocka_unit_test(test_keys_by_their_secret),
        cmocka_unit_test(test_a_certificate_is_read_again),
        cmocka_unit_test(test_each_says_its_end),
        cmocka_unit_test(test_bytes_that_are_no_tls),
        cmocka_unit_test(test_what_a_context_refuses),
        cmocka_unit_test(test_sides_are_not_confused),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
