/* test_tls_reload.c - files that are read again, and contexts that share them. */
#include "tests/unit/tls_sides.h"
#include <errno.h>

static gyre_tls_context *visitor;

static int begin_files(void **state)
{
    int err = tls_begin_files(state);

    visitor = context_of(.cafile = tls_file("ca.pem"), .check_hostname = GYRE_NO, .session_tickets = GYRE_NO);
    return err;
}

static int end_files(void **state)
{
    gyre_tls_context_unref(visitor);
    return tls_end_files(state);
}

/* Whom a client meets that asks for the name. */
static const char *met(gyre_tls_context *s, const char *name)
{
    const char *who;

    meet(s, visitor, name);
    talk();
    who = shown();
    end();
    return who;
}

static gyre_tls_context *copy_of(const gyre_tls_context *context)
{
    gyre_tls_context *copy = NULL;

    assert_int_equal(gyre_tls_context_copy(&copy, context), 0);
    return copy;
}

static gyre_tls_context *make_changing(void)
{
    tls_copy_file("changing.pem", "server.pem");
    return context_of(.server_side = true, .certfile = tls_file("changing.pem"));
}

static void test_a_connection_outlives_its_certificate(void **state)
{
    gyre_tls_context *s = make_changing();

    meet(s, visitor, "localhost");
    tls_copy_file("changing.pem", "www.pem");
    assert_int_equal(gyre_tls_context_reload(s), 0);
    talk();
    assert_string_equal(shown(), "localhost");
    end();
    assert_string_equal(met(s, "localhost"), "www.example.org");
    gyre_tls_context_unref(s);
}

static void test_a_handshake_ends_with_the_files_it_began_with(void **state)
{
    gyre_tls_context *s = make_changing();

    begin(s, visitor, "localhost");
    tls_copy_file("changing.pem", "www.pem");
    assert_int_equal(gyre_tls_context_reload(s), 0);
    for (int i = 0; i < 5; i++) {
        shake(&client);
        shake(&server);
    }
    talk();
    assert_string_equal(shown(), "localhost");
    end();
    gyre_tls_context_unref(s);
}

static void test_a_bad_file_changes_nothing(void **state)
{
    gyre_tls_context *s = make_changing(), *copy = copy_of(s);

    tls_write_file("changing.pem", "nonsense");
    assert_int_equal(gyre_tls_context_reload(s), GYRE_ESSL);
    assert_non_null(strstr(gyre_error_text(), "changing.pem"));
    assert_non_null(strstr(gyre_error_text(), "no start line"));
    unlink(tls_file("changing.pem"));
    assert_int_equal(gyre_tls_context_reload(s), -ENOENT);
    assert_non_null(strstr(gyre_error_text(), "changing.pem: No such file"));
    assert_string_equal(met(s, "localhost"), "localhost");
    assert_string_equal(met(copy, "localhost"), "localhost");
    gyre_tls_context_unref(copy);
    gyre_tls_context_unref(s);
}

static void test_a_copy_is_reloaded_too(void **state)
{
    gyre_tls_context *s = make_changing(), *copy = copy_of(s), *other = copy_of(copy);

    tls_copy_file("changing.pem", "www.pem");
    assert_int_equal(gyre_tls_context_reload(copy), 0);
    assert_string_equal(met(s, "localhost"), "www.example.org");
    assert_string_equal(met(copy, "localhost"), "www.example.org");
    gyre_tls_context_unref(s);
    assert_string_equal(met(other, "localhost"), "www.example.org");
    tls_copy_file("changing.pem", "server.pem");
    assert_int_equal(gyre_tls_context_reload(other), 0);
    assert_string_equal(met(copy, "localhost"), "localhost");
    gyre_tls_context_unref(copy);
    gyre_tls_context_unref(other);
}

/* Made between two reloads, it is of the newest. */
static void test_a_copy_begins_with_what_the_other_has(void **state)
{
    gyre_tls_context *s = make_changing(), *copy;

    tls_copy_file("changing.pem", "www.pem");
    assert_int_equal(gyre_tls_context_reload(s), 0);
    tls_write_file("changing.pem", "nonsense");
    copy = copy_of(s);
    assert_string_equal(met(copy, "localhost"), "www.example.org");
    gyre_tls_context_unref(copy);
    gyre_tls_context_unref(s);
}

static void test_a_copy_has_all_settings(void **state)
{
    static const char *const names[] = {"h2", NULL};
    gyre_tls_context *s = context_of(.server_side = true, .certfile = tls_file("server.pem"),
                                     .cafile = tls_file("ca.pem"), .verify_mode = GYRE_CERT_REQUIRED,
                                     .maximum_version = GYRE_TLS_1_2, .alpn_protocols = names);
    gyre_tls_context *c =
        context_of(.cafile = tls_file("ca.pem"), .certfile = tls_file("client.pem"), .alpn_protocols = names);
    gyre_tls_context *s2 = copy_of(s), *c2 = copy_of(c);
    const unsigned char *chosen;
    unsigned len;

    gyre_tls_context_unref(s);
    meet(s2, c, "localhost");
    talk();
    assert_string_equal(SSL_get_version(client.tls.ssl), "TLSv1.2");
    SSL_get0_alpn_selected(client.tls.ssl, &chosen, &len);
    assert_int_equal(len, 2);
    end();
    assert_true(resumed(s2, c));
    meet(s2, c2, "localhost");
    talk();
    end();
    meet(s2, visitor, "localhost");
    assert_int_equal(server.err, GYRE_ESSL);
    end();
    gyre_tls_context_unref(s2);
    gyre_tls_context_unref(c);
    gyre_tls_context_unref(c2);
}

/* "www" goes by two names and is one context, also in the copy. */
static gyre_tls_context *make_named(void)
{
    gyre_tls_context *s = make_changing(), *www;

    tls_copy_file("other.pem", "www.pem");
    www = context_of(.server_side = true, .certfile = tls_file("other.pem"));
    gyre_tls_context_add_name(s, "www.example.org", www);
    gyre_tls_context_add_name(s, "localhost", www);
    gyre_tls_context_add_name(s, "*.example.org", www);
    gyre_tls_context_unref(www);
    return s;
}

static void test_a_copy_has_the_names(void **state)
{
    gyre_tls_context *s = make_named(), *copy = copy_of(s);

    gyre_tls_context_unref(s);
    assert_ptr_equal(copy->names->other, copy->names->next->other);
    assert_null(copy->names->next->next->next);
    assert_string_equal(met(copy, "www.example.org"), "www.example.org");
    assert_string_equal(met(copy, "nowhere"), "localhost");
    gyre_tls_context_unref(copy);
}

static void test_names_are_reloaded_all_or_none(void **state)
{
    gyre_tls_context *s = make_named(), *copy = copy_of(s);

    tls_copy_file("changing.pem", "www.pem");
    tls_write_file("other.pem", "nonsense");
    assert_int_equal(gyre_tls_context_reload(s), GYRE_ESSL);
    assert_non_null(strstr(gyre_error_text(), "other.pem"));
    assert_string_equal(met(s, "nowhere"), "localhost");
    assert_string_equal(met(copy, "nowhere"), "localhost");
    tls_copy_file("other.pem", "server.pem");
    assert_int_equal(gyre_tls_context_reload(s), 0);
    assert_string_equal(met(s, "nowhere"), "www.example.org");
    assert_string_equal(met(copy, "nowhere"), "www.example.org");
    assert_string_equal(met(copy, "www.example.org"), "localhost");
    gyre_tls_context_unref(s);
    gyre_tls_context_unref(copy);
}

/* Without a name of ours the certificate's count, those of the newest. */
static void test_names_of_the_certificate(void **state)
{
    gyre_tls_context *s = make_changing(), *other;

    tls_copy_file("other.pem", "www.pem");
    other = context_of(.server_side = true, .certfile = tls_file("other.pem"));
    assert_int_equal(gyre_tls_context_add_name(s, NULL, other), 0);
    gyre_tls_context_unref(other);
    other = copy_of(s);
    assert_string_equal(met(s, "www.example.org"), "www.example.org");
    assert_string_equal(met(s, "WWW.example.org"), "www.example.org");
    assert_string_equal(met(s, "example.org"), "localhost");
    tls_copy_file("changing.pem", "www.pem");
    tls_copy_file("other.pem", "server.pem");
    assert_int_equal(gyre_tls_context_reload(s), 0);
    assert_string_equal(met(other, "localhost"), "localhost");
    assert_string_equal(met(other, "nowhere"), "www.example.org");
    gyre_tls_context_unref(other);
    gyre_tls_context_unref(s);
}

/* Who was let in by an authority that is not trusted any more does not come back by his ticket. */
static void test_new_authorities_end_old_sessions(void **state)
{
    gyre_tls_context *c = context_of(.cafile = tls_file("ca.pem"), .certfile = tls_file("client.pem")), *s;

    tls_copy_file("trusted.pem", "ca.pem");
    s = context_of(.server_side = true, .certfile = tls_file("server.pem"), .cafile = tls_file("trusted.pem"),
                   .verify_mode = GYRE_CERT_REQUIRED);
    assert_false(resumed(s, c));
    assert_int_equal(gyre_tls_context_reload(s), 0);
    assert_true(resumed(s, c));
    tls_copy_file("trusted.pem", "alone.pem");
    assert_int_equal(gyre_tls_context_reload(s), 0);
    meet(s, c, "localhost");
    assert_int_equal(server.err, GYRE_ESSLCERT);
    part(s, c);
}

static void test_a_key_with_a_password(void **state)
{
    gyre_tls_context *s, *c = make_client();

    s = context_of(.server_side = true, .certfile = tls_file("server.pem"),
                   .keyfile = tls_lock_file("locked.pem", "server.pem", "open sesame"),
                   .password = "open sesame");
    meet(s, c, "localhost");
    talk();
    part(s, c);
}

static void test_a_key_that_does_not_open(void **state)
{
    const char *locked = tls_lock_file("locked.pem", "server.pem", "open sesame");
    gyre_tls_context *s = NULL;

    assert_int_equal(gyre_tls_context_new(&s, .server_side = true, .certfile = tls_file("server.pem"),
                                          .keyfile = locked, .password = "open barley"),
                     GYRE_ESSL);
    assert_int_equal(
        gyre_tls_context_new(&s, .server_side = true, .certfile = tls_file("server.pem"), .keyfile = locked),
        GYRE_ESSL);
    assert_non_null(strstr(gyre_error_text(), "locked.pem"));
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_connection_outlives_its_certificate),
        cmocka_unit_test(test_a_handshake_ends_with_the_files_it_began_with),
        cmocka_unit_test(test_a_bad_file_changes_nothing),
        cmocka_unit_test(test_a_copy_is_reloaded_too),
        cmocka_unit_test(test_a_copy_begins_with_what_the_other_has),
        cmocka_unit_test(test_a_copy_has_all_settings),
        cmocka_unit_test(test_a_copy_has_the_names),
        cmocka_unit_test(test_names_are_reloaded_all_or_none),
        cmocka_unit_test(test_names_of_the_certificate),
        cmocka_unit_test(test_new_authorities_end_old_sessions),
        cmocka_unit_test(test_a_key_with_a_password),
        cmocka_unit_test(test_a_key_that_does_not_open),
    };

    return cmocka_run_group_tests(tests, begin_files, end_files);
}
