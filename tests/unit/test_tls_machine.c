/* test_tls_machine.c - contexts, and two machines of TLS that talk over memory. */
#include "tests/unit/tls_sides.h"

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
        cmocka_unit_test(test_each_says_its_end),
        cmocka_unit_test(test_bytes_that_are_no_tls),
        cmocka_unit_test(test_sides_are_not_confused),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
