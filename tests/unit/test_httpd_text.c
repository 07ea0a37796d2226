/* What the server makes of texts: harmless lines, media types, addresses, a page's policy. */
#include "httpd/escape.h"
#include "httpd/media.h"
#include "httpd/number.h"
#include "httpd/page.h"
#include "httpd/url.h"
#include "unit.h"
#include <stdio.h>
#include <string.h>

static void expect_escaped(const char *text, const char *escaped)
{
    char room[ESCAPE_ROOM + 1];

    *escape_write(room, text) = '\0';
    assert_string_equal(room, escaped);
}

static void nothing_breaks_out_of_a_line(void **state)
{
    expect_escaped("", "");
    expect_escaped("/a?b=c d~", "/a?b=c d~");
    expect_escaped("a\"b\\c", "a\\x22b\\x5cc");
    expect_escaped("a\nb\r\t\x1b[2J\x7f", "a\\x0ab\\x0d\\x09\\x1b[2J\\x7f");
    expect_escaped("\xc3\xa4\xff", "\\xc3\\xa4\\xff");
}

static void long_texts_are_cut(void **state)
{
    static char text[3 * ESCAPE_MOST], room[ESCAPE_ROOM];

    memset(text, 1, sizeof text - 1);
    assert_int_equal(escape_write(room, text) - room, ESCAPE_ROOM);
    assert_memory_equal(room + ESCAPE_ROOM - 7, "\\x01...", 7);
    text[ESCAPE_MOST] = '\0';
    assert_int_equal(escape_write(room, text) - room, ESCAPE_ROOM - 3);
}

static void expect_number(uint64_t number, int digits, const char *text)
{
    char room[21];

    *number_write(room, number, digits) = '\0';
    assert_string_equal(room, text);
}

static void numbers(void **state)
{
    expect_number(0, 1, "0");
    expect_number(10, 1, "10");
    expect_number(123, 6, "000123");
    expect_number(UINT64_MAX, 1, "18446744073709551615");
    expect_number(0, 20, "00000000000000000000");
}

static void media_types(void **state)
{
    assert_string_equal(media_type("index.html"), "text/html; charset=utf-8");
    assert_string_equal(media_type("a.b/LOGO.PNG"), "image/png");
    assert_string_equal(media_type("x.tar.gz"), "application/gzip");
    assert_string_equal(media_type("a.html/file"), "application/octet-stream");
    assert_string_equal(media_type("folder/.html"), "application/octet-stream");
    assert_string_equal(media_type("x."), "application/octet-stream");
    assert_string_equal(media_type(""), "application/octet-stream");
}

static void expect_url(const char *text, const char *host, int port, const char *target)
{
    struct url url;

    if (!url_read(text, &url))
        fail_msg("%s", text);
    assert_string_equal(url.host, host);
    assert_int_equal(url.port, port);
    assert_string_equal(url.target, target);
}

static void addresses(void **state)
{
    static const char *const bad[] = {
        "",
        "x",
        "ftp://x/",
        "https://",
        "http://",
        "http:///",
        "http://x:/",
        "http://x:0/",
        "http://x:65536/",
        "http://a@b/",
        "http://a b/",
        "http://x/\n",
        "http://:80/",
        "http://[]/",
        "http://[::1/",
    };
    struct url url;

    expect_url("http://127.0.0.1:8080/stats", "127.0.0.1", 8080, "/stats");
    expect_url("HTTP://localhost", "localhost", 80, "/");
    expect_url("http://localhost?a=b#c", "localhost", 80, "/?a=b");
    expect_url("http://[::1]:81/x/y", "::1", 81, "/x/y");
    expect_url("http://[::1]/", "::1", 80, "/");
    expect_url("https://localhost", "localhost", 443, "/");
    expect_url("HTTPS://localhost:8443/x", "localhost", 8443, "/x");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (url_read(bad[i], &url))
            fail_msg("%s", bad[i]);
}

static void very_long_addresses(void **state)
{
    static char text[3000];
    struct url url;

    memset(text, 'x', sizeof text - 1);
    memcpy(text, "http://", 7);
    assert_false(url_read(text, &url));
    text[10] = '/';
    assert_false(url_read(text, &url));
}

/* The hash of "ab" and of nothing are known. */
static void a_policy_names_what_it_allows(void **state)
{
    static const char html[] = "<style>ab</style><script></script>";
    char policy[PAGE_POLICY_SIZE];

    assert_true(page_policy(html, sizeof html - 1, policy));
    assert_non_null(strstr(policy, "style-src 'sha256-+44g/C5MPySMYMOb1lLzwTRymLuXe4tNWQO4UFViBgM='"));
    assert_non_null(strstr(policy, "script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"));
    assert_non_null(strstr(policy, "default-src 'none'"));
    assert_false(page_policy(html, 20, policy));
    assert_true(page_policy(page_html, (size_t)(page_html_end - page_html), policy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_breaks_out_of_a_line),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(numbers),
        cmocka_unit_test(media_types),
        cmocka_unit_test(addresses),
        cmocka_unit_test(very_long_addresses),
        cmocka_unit_test(a_policy_names_what_it_allows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
