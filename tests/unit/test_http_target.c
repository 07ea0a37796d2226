/* test_http_target.c - request targets: path and query, parameters, percent-encoding. */
#include "http/target.h"
#include "unit.h"

static struct http_slice all(const char *text)
{
    return (struct http_slice){0, (uint16_t)strlen(text)};
}

static void assert_slice(const char *text, struct http_slice slice, const char *expected)
{
    assert_int_equal(slice.len, strlen(expected));
    assert_memory_equal(text + slice.at, expected, slice.len);
}

static void assert_split(const char *target, const char *path, const char *query)
{
    struct http_slice found[2];

    assert_true(http__target_split(target, all(target), true, &found[0], &found[1]));
    assert_slice(target, found[0], path);
    assert_slice(target, found[1], query);
}

static void splits(void **state)
{
    assert_split("/", "/", "");
    assert_split("/a/b", "/a/b", "");
    assert_split("/a?b=c", "/a", "b=c");
    assert_split("/a?", "/a", "");
    assert_split("/a?b?c/d", "/a", "b?c/d");
    assert_split("/%41?%42", "/%41", "%42");
    assert_split("*", "*", "");
    assert_split("http://host/a?b", "/a", "b");
    assert_split("HTTP://host:80/", "/", "");
    assert_split("https://host/a/b", "/a/b", "");
}

static void refuses(void **state)
{
    static const char *const wrong[] = {"",    "a",        "a/b",      "**",       "/a#b",   "/a?b#c",
                                        "/%",  "/%4",      "/%4g",     "/%00",     "?a",     "/?%",
                                        "/%%", "http://h", "ftp://h/", "http:/h/", "host:80"};
    struct http_slice path = {7, 7}, query;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (http__target_split(wrong[i], all(wrong[i]), true, &path, &query))
            fail_msg("\"%s\" was taken", wrong[i]);
    assert_false(http__target_split("*", all("*"), false, &path, &query));
    assert_int_equal(path.at, 7);
}

static void assert_found(const char *query, const char *name, const char *expected)
{
    struct http_slice value;
    char text[100];

    assert_true(http__query_find(query, all(query), name, &value));
    http__decode(query, value, true, text);
    assert_string_equal(text, expected);
}

static void finds_parameters(void **state)
{
    assert_found("a=1", "a", "1");
    assert_found("a=1&b=2&c=3", "b", "2");
    assert_found("a=1&a=2", "a", "1");
    assert_found("a&b=2", "a", "");
    assert_found("a=", "a", "");
    assert_found("&&a=1", "a", "1");
    assert_found("a=1=2", "a", "1=2");
    assert_found("aa=1&a=2", "a", "2");
    assert_found("%61b=%31+%2B", "ab", "1 +");
    assert_found("a+b=1", "a b", "1");
    assert_found("=1", "", "1");
}

static void finds_no_others(void **state)
{
    static const char query[] = "ab=1&b%zz&=c";
    static const char *const names[] = {"a", "abc", "b%", "c", "1", "ab=1"};
    struct http_slice value;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false(http__query_find(query, all(query), names[i], &value));
    assert_false(http__query_find("", all(""), "", &value));
}

static void decodes(void **state)
{
    static const char text[] = "a+b%2f%C3%a4";
    char out[sizeof text];

    http__decode(text, all(text), false, out);
    assert_string_equal(out, "a+b/\xc3\xa4");
    http__decode(text, all(text), true, out);
    assert_string_equal(out, "a b/\xc3\xa4");
    http__decode(text, (struct http_slice){3, 0}, true, out);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits),          cmocka_unit_test(refuses), cmocka_unit_test(finds_parameters),
        cmocka_unit_test(finds_no_others), cmocka_unit_test(decodes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
