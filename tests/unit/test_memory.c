/* test_memory.c - bookkeeping memory: there, or the end with a sentence. */
#include "unit.h"

#include "base/check.h"
#include "base/memory.h"

static void test_calloc_is_zeroed(void **state)
{
    static const char zeros[1000];
    char *memory = gyre__malloc(1000);

    memset(memory, 1, 1000);
    free(memory);
    memory = gyre__calloc(1000);
    assert_memory_equal(memory, zeros, 1000);
    free(memory);
}

static void test_realloc_keeps(void **state)
{
    char *memory = gyre__realloc(NULL, 4);

    memcpy(memory, "abc", 4);
    memory = gyre__realloc(memory, 100000);
    assert_string_equal(memory, "abc");
    free(memory);
}

static void test_strdup(void **state)
{
    char *copy = gyre__strdup("text");

    assert_string_equal(copy, "text");
    free(copy);
    assert_null(gyre__strdup(NULL));
}

static int ask_for_too_much(void *arg)
{
    free(gyre__malloc(SIZE_MAX / 2));
    return 0;
}

static void test_no_memory_is_the_end(void **state)
{
    const char *words;
    int status = in_child(ask_for_too_much, NULL, &words);

    assert_int_not_equal(status, 0);
    assert_true(strlen(words) > 0);
}

static int break_a_rule(void *arg)
{
    GYRE__CHECK(1 + 1 == 2, "all is well");
    GYRE__CHECK(1 + 1 == 3, "the rule");
    return 0;
}

static void test_a_check_ends_with_its_sentence(void **state)
{
    const char *words;
    int status = in_child(break_a_rule, NULL, &words);

    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(words, "gyre: the rule ("));
    assert_non_null(strstr(words, "test_memory.c:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calloc_is_zeroed),
        cmocka_unit_test(test_realloc_keeps),
        cmocka_unit_test(test_strdup),
        cmocka_unit_test(test_no_memory_is_the_end),
        cmocka_unit_test(test_a_check_ends_with_its_sentence),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
