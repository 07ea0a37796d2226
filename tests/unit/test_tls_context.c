/* test_tls_context.c - contexts: by name, with tickets, refused. */
#include "tests/unit/tls_sides.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_certificate_of_a_name),
        cmocka_unit_test(test_a_callback_picks_by_name),
        cmocka_unit_test(test_a_session_is_not_carried_to_a_stricter_name),
        cmocka_unit_test(test_sessions_are_resumed),
        cmocka_unit_test(test_sessions_of_the_older_version_are_resumed),
        cmocka_unit_test(test_no_tickets),
        cmocka_unit_test(test_keys_by_their_secret),
        cmocka_unit_test(test_what_a_context_refuses),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
