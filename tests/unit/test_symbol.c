/* test_symbol.c - functions have their names in reports, static ones too. */
#include "unit.h"

#include "base/symbol.h"

static volatile int kept;

static void __attribute__((noinline)) some_static_function(void)
{
    kept++;
}

static void test_a_static_function(void **state)
{
    char name[64];

    some_static_function();
    gyre__symbol((uintptr_t)some_static_function, name, sizeof name);
    assert_string_equal(name, "some_static_function");
    gyre__symbol((uintptr_t)some_static_function + 1, name, sizeof name);
    assert_string_equal(name, "some_static_function+0x1");
}

static void test_a_function_of_a_library(void **state)
{
    char name[64];

    gyre__symbol((uintptr_t)qsort, name, sizeof name);
    assert_non_null(strstr(name, "qsort"));
}

static void test_no_function(void **state)
{
    char name[64];

    gyre__symbol(16, name, sizeof name);
    assert_string_equal(name, "0x10");
}

static void test_a_name_is_cut(void **state)
{
    char name[5];

    gyre__symbol((uintptr_t)some_static_function, name, sizeof name);
    assert_string_equal(name, "some");
}

static void __attribute__((noinline)) inner(char *words, size_t size)
{
    uintptr_t addresses[8];
    size_t count = gyre__backtrace(addresses, 8);

    gyre__backtrace_words(addresses, count, 2, words, size);
    kept++;
}

static void __attribute__((noinline)) outer(char *words, size_t size)
{
    inner(words, size);
    kept++;
}

static void test_who_called(void **state)
{
    char words[256];

    gyre__backtrace_prepare();
    outer(words, sizeof words);
    assert_string_equal(words, "inner < outer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_static_function), cmocka_unit_test(test_a_function_of_a_library),
        cmocka_unit_test(test_no_function),       cmocka_unit_test(test_a_name_is_cut),
        cmocka_unit_test(test_who_called),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
