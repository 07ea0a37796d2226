/* Range fields: RFC 9110, section 14.1.2 and 14.2. */
#include "httpd/range.h"
#include "unit.h"

static void expect(const char *text, int64_t size, enum range_kind kind, int64_t first, int64_t len)
{
    struct range range = {-1, -1};

    if (range_read(text, size, &range) != kind)
        fail_msg("%s of %d", text, (int)size);
    assert_int_equal(range.first, kind == RANGE_PART ? first : -1);
    assert_int_equal(range.len, kind == RANGE_PART ? len : -1);
}

static void parts(void **state)
{
    expect("bytes=0-499", 10000, RANGE_PART, 0, 500);
    expect("bytes=500-999", 10000, RANGE_PART, 500, 500);
    expect("bytes=-500", 10000, RANGE_PART, 9500, 500);
    expect("bytes=9500-", 10000, RANGE_PART, 9500, 500);
    expect("bytes=0-0", 10000, RANGE_PART, 0, 1);
    expect("bytes=-1", 10000, RANGE_PART, 9999, 1);
    expect("bytes=0-", 1, RANGE_PART, 0, 1);
    expect("BYTES=1-1", 2, RANGE_PART, 1, 1);
}

static void parts_end_with_the_file(void **state)
{
    expect("bytes=9000-10000", 10000, RANGE_PART, 9000, 1000);
    expect("bytes=0-99999999999999999999999999", 10, RANGE_PART, 0, 10);
    expect("bytes=-99999999999999999999999999", 10, RANGE_PART, 0, 10);
    expect("bytes=-11", 10, RANGE_PART, 0, 10);
    expect("bytes=9-9223372036854775807", 10, RANGE_PART, 9, 1);
}

static void beyond_the_end(void **state)
{
    expect("bytes=10-", 10, RANGE_BEYOND, 0, 0);
    expect("bytes=10-20", 10, RANGE_BEYOND, 0, 0);
    expect("bytes=99999999999999999999-", 10, RANGE_BEYOND, 0, 0);
    expect("bytes=-0", 10, RANGE_BEYOND, 0, 0);
    expect("bytes=0-", 0, RANGE_BEYOND, 0, 0);
    expect("bytes=-5", 0, RANGE_WHOLE, 0, 0);
}

static void what_is_ignored(void **state)
{
    static const char *const texts[] = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=2-1",
        "bytes=0-1,",
        "bytes=0-1,2-3",
        "bytes=0-1, -1",
        "bytes= 0-1",
        "bytes=0 -1",
        "bytes=0-1 ",
        "lines=0-1",
        "bytes:0-1",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=1-2-3",
        "bytes=1.0-2",
        "byte=0-1",
        "bytes =0-1",
        "bytes=\xff-1",
        "-",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect(texts[i], 10000, RANGE_WHOLE, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts),
        cmocka_unit_test(parts_end_with_the_file),
        cmocka_unit_test(beyond_the_end),
        cmocka_unit_test(what_is_ignored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
