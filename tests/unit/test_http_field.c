/* test_http_field.c - header fields of an answer: nothing may break out of its line. */
#include "http/field.h"
#include "unit.h"

static void values_have_no_line_ends(void **state)
{
    size_t len;

    assert_true(http__field_value("text/html; charset=utf-8", &len));
    assert_int_equal(len, 24);
    assert_true(http__field_value("", &len));
    assert_int_equal(len, 0);
    assert_true(http__field_value("a\tb \xc3\xa4", &len));
    assert_int_equal(len, 6);
    assert_false(http__field_value("a\r\nSet-Cookie: b", &len));
    assert_false(http__field_value("a\nb", &len));
    assert_false(http__field_value("a\rb", &len));
    assert_false(http__field_value("a\x01", &len));
}

static void names_are_tokens(void **state)
{
    assert_true(http__field_name("X-Request-ID"));
    assert_true(http__field_name("ETag"));
    assert_false(http__field_name(""));
    assert_false(http__field_name("a b"));
    assert_false(http__field_name("a:"));
    assert_false(http__field_name("a\r\n"));
    assert_false(http__field_name("\xc3\xa4"));
}

static void what_the_library_writes_is_not_for_handlers(void **state)
{
    assert_false(http__field_name("Content-Length"));
    assert_false(http__field_name("content-type"));
    assert_false(http__field_name("TRANSFER-ENCODING"));
    assert_false(http__field_name("Connection"));
    assert_false(http__field_name("Date"));
    assert_false(http__field_name("Server"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_no_line_ends),
        cmocka_unit_test(names_are_tokens),
        cmocka_unit_test(what_the_library_writes_is_not_for_handlers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
