/* test_http_date.c - the beginning of an answer. */
#include "http/date.h"
#include "unit.h"

#define START "HTTP/1.1 200 OK\r\nServer: gyre\r\nDate: "

/* RFC 9110, section 5.6.7 */
static void says_the_date(void **state)
{
    struct http_date date = {0};

    assert_string_equal(http__date(&date, 784111777), START "Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    assert_string_equal(http__date(&date, 0), START "Thu, 01 Jan 1970 00:00:00 GMT\r\n");
    assert_string_equal(http__date(&date, 951827696), START "Tue, 29 Feb 2000 12:34:56 GMT\r\n");
    assert_string_equal(http__date(&date, 4102444799), START "Thu, 31 Dec 2099 23:59:59 GMT\r\n");
}

static void begins_with_the_first_second_of_all(void **state)
{
    struct http_date date = {0};

    assert_int_equal(strlen(http__date(&date, 0)), HTTP__OK_LEN + HTTP__DATE_LEN);
    assert_int_equal(date.text[HTTP__OK_LEN], 'S');
}

static void is_put_together_once_a_second(void **state)
{
    struct http_date date = {0};

    http__date(&date, 1000);
    date.text[0] = 'X';
    assert_int_equal(http__date(&date, 1000)[0], 'X');
    assert_int_equal(http__date(&date, 1001)[0], 'H');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_the_date),
        cmocka_unit_test(begins_with_the_first_second_of_all),
        cmocka_unit_test(is_put_together_once_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
