/* Conditional requests: RFC 9110, section 13; dates: section 5.6.7. */
#include "httpd/condition.h"
#include "httpd/moment.h"
#include "unit.h"
#include <string.h>

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
enum { MOMENT = 784111777 };

static struct validators here = {.tag = "\"a-b-c\"", .modified = MOMENT};

static void the_three_forms_of_a_date(void **state)
{
    static const char *const good[] = {DATE, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
    static const char *const bad[] = {"",
                                      "now",
                                      "784111777",
                                      DATE " ",
                                      "Sun, 06 Nov 1994 08:49:37",
                                      "Sun, 06 Nov 1994 25:49:37 GMT",
                                      "Xxx, 06 Nov 1994 08:49:37 GMT"};
    char text[MOMENT_SIZE];
    time_t moment = 0;

    moment_write(MOMENT, text);
    assert_string_equal(text, DATE);
    for (size_t i = 0; i < 3; i++, moment = 0) {
        assert_true(moment_read(good[i], &moment));
        assert_int_equal(moment, MOMENT);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(moment_read(bad[i], &moment));
    assert_int_equal(moment, 0);
}

static void a_tag_tells_files_apart(void **state)
{
    struct stat stat = {.st_size = 5, .st_ino = 7, .st_mtim = {100, 1}};
    struct validators first, other;

    validators_of(&stat, &first);
    assert_int_equal(first.modified, 100);
    assert_int_equal(first.tag[0], '"');
    stat.st_mtim.tv_nsec++;
    validators_of(&stat, &other);
    assert_string_not_equal(first.tag, other.tag);
    stat.st_mtim.tv_nsec--;
    stat.st_size++;
    validators_of(&stat, &other);
    assert_string_not_equal(first.tag, other.tag);
    stat.st_size--;
    validators_of(&stat, &other);
    assert_string_equal(first.tag, other.tag);
}

#define expect(status, ...) \
    assert_int_equal(condition_status(&(struct conditions){__VA_ARGS__}, &here), status)

static void if_none_match(void **state)
{
    expect(0, .range = NULL);
    expect(304, .none_match = {"\"a-b-c\""});
    expect(304, .none_match = {"W/\"a-b-c\""});
    expect(304, .none_match = {"*"});
    expect(304, .none_match = {"\"x\", W/\"y,z\" ,\"a-b-c\""});
    expect(304, .none_match = {", ,\"a-b-c\""});
    expect(0, .none_match = {"\"x\""});
    expect(0, .none_match = {"\"a-b-c"});
    expect(0, .none_match = {"a-b-c"});
    expect(0, .none_match = {"\"A-B-C\""});
    expect(0, .none_match = {""});
    expect(0, .none_match = {"\"x a-b-c\""});
    expect(304, .none_match = {"\"x\"", "\"y\", \"a-b-c\""});
    expect(0, .none_match = {"\"x\"", "\"y\""});
}

static void if_modified_since(void **state)
{
    expect(304, .modified_since = DATE);
    expect(304, .modified_since = "Sun, 06 Nov 1994 08:49:38 GMT");
    expect(0, .modified_since = "Sun, 06 Nov 1994 08:49:36 GMT");
    expect(0, .modified_since = "yesterday");
    /* The tag goes before the date. */
    expect(0, .none_match = {"\"x\""}, .modified_since = DATE);
    expect(304, .none_match = {"*"}, .modified_since = "Sun, 06 Nov 1994 08:49:36 GMT");
}

static void if_match(void **state)
{
    expect(0, .match = {"\"a-b-c\""});
    expect(0, .match = {"*"});
    expect(0, .match = {"\"x\",\"a-b-c\""});
    expect(412, .match = {"\"x\""});
    expect(0, .match = {"\"x\"", "\"a-b-c\""});
    expect(412, .match = {"\"x\"", "\"y\""});
    expect(412, .match = {"W/\"a-b-c\""});
    expect(304, .match = {"\"a-b-c\""}, .none_match = {"\"a-b-c\""});
    expect(412, .match = {"\"x\""}, .none_match = {"\"a-b-c\""});
}

static void if_unmodified_since(void **state)
{
    expect(0, .unmodified_since = DATE);
    expect(412, .unmodified_since = "Sun, 06 Nov 1994 08:49:36 GMT");
    expect(0, .unmodified_since = "never");
    expect(0, .match = {"*"}, .unmodified_since = "Sun, 06 Nov 1994 08:49:36 GMT");
}

static bool range(const char *field, time_t now)
{
    return condition_range(&(struct conditions){.range = field}, &here, now);
}

static void if_range(void **state)
{
    assert_true(range(NULL, MOMENT));
    assert_true(range("\"a-b-c\"", MOMENT));
    assert_false(range("W/\"a-b-c\"", MOMENT));
    assert_false(range("\"x\"", MOMENT));
    assert_false(range("\"a-b-c\", \"x\"", MOMENT));
    assert_false(range("*", MOMENT));
    assert_false(range("", MOMENT));
    assert_true(range(DATE, MOMENT + 1));
    assert_false(range(DATE, MOMENT));
    assert_false(range("Sun, 06 Nov 1994 08:49:38 GMT", MOMENT + 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_forms_of_a_date),
        cmocka_unit_test(a_tag_tells_files_apart),
        cmocka_unit_test(if_none_match),
        cmocka_unit_test(if_modified_since),
        cmocka_unit_test(if_match),
        cmocka_unit_test(if_unmodified_since),
        cmocka_unit_test(if_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
