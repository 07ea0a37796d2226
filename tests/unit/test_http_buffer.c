/* test_http_buffer.c - bytes that grow at the end. */
#include "http/buffer.h"
#include "unit.h"

static void appends_and_drops(void **state)
{
    struct http_buffer buffer = {0};

    assert_true(http__buffer_append(&buffer, NULL, 0));
    assert_null(buffer.data);
    for (int i = 0; i < 1000; i++)
        assert_true(http__buffer_append(&buffer, "abcdefg", 7));
    assert_int_equal(buffer.len, 7000);
    http__buffer_drop(&buffer, 6990);
    assert_int_equal(buffer.len, 10);
    assert_memory_equal(buffer.data, "efgabcdefg", 10);
    http__buffer_drop(&buffer, 10);
    assert_int_equal(buffer.len, 0);
    http__buffer_clear(&buffer, 0);
    assert_null(buffer.data);
}

static void reserves_without_using(void **state)
{
    struct http_buffer buffer = {0};
    char *end;

    assert_true(http__buffer_append(&buffer, "abc", 3));
    end = http__buffer_reserve(&buffer, 100000);
    assert_ptr_equal(end, buffer.data + 3);
    memset(end, 'x', 100000);
    assert_int_equal(buffer.len, 3);
    assert_memory_equal(buffer.data, "abc", 3);
    http__buffer_clear(&buffer, 0);
}

static void clearing_keeps_what_is_small(void **state)
{
    struct http_buffer buffer = {0};

    assert_true(http__buffer_append(&buffer, "abc", 3));
    http__buffer_clear(&buffer, 4096);
    assert_non_null(buffer.data);
    assert_int_equal(buffer.len, 0);
    http__buffer_reserve(&buffer, 5000);
    http__buffer_clear(&buffer, 4096);
    assert_null(buffer.data);
    assert_int_equal(buffer.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_and_drops),
        cmocka_unit_test(reserves_without_using),
        cmocka_unit_test(clearing_keeps_what_is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
