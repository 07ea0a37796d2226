/* test_list.c - the intrusive ring. */
#include "unit.h"

#include "base/list.h"

struct item {
    int value;
    struct gyre__list link;
};

static int pop_value(struct gyre__list *list)
{
    struct gyre__list *link = gyre__list_pop(list);

    return link ? GYRE__OF(link, struct item, link)->value : -1;
}

static void test_fifo(void **state)
{
    struct item items[3] = {{.value = 0}, {.value = 1}, {.value = 2}};
    struct gyre__list list;

    gyre__list_init(&list);
    assert_true(gyre__list_empty(&list));
    assert_null(gyre__list_pop(&list));
    for (int i = 0; i < 3; i++)
        gyre__list_append(&list, &items[i].link);
    assert_false(gyre__list_empty(&list));
    for (int i = 0; i < 3; i++)
        assert_int_equal(pop_value(&list), i);
    assert_true(gyre__list_empty(&list));
}

static void test_remove(void **state)
{
    struct item items[3] = {{.value = 0}, {.value = 1}, {.value = 2}};
    struct gyre__list list;

    gyre__list_init(&list);
    for (int i = 0; i < 3; i++)
        gyre__list_append(&list, &items[i].link);
    gyre__list_remove(&items[1].link);
    gyre__list_remove(&items[1].link);
    assert_true(gyre__list_empty(&items[1].link));
    assert_int_equal(pop_value(&list), 0);
    assert_int_equal(pop_value(&list), 2);
    assert_int_equal(pop_value(&list), -1);
}

static void test_take(void **state)
{
    struct item items[3] = {{.value = 0}, {.value = 1}, {.value = 2}};
    struct gyre__list from, to;

    gyre__list_init(&from);
    gyre__list_take(&to, &from);
    assert_true(gyre__list_empty(&to));
    for (int i = 0; i < 3; i++)
        gyre__list_append(&from, &items[i].link);
    gyre__list_take(&to, &from);
    assert_true(gyre__list_empty(&from));
    gyre__list_remove(&items[2].link);
    gyre__list_append(&to, &items[2].link);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pop_value(&to), i);
    assert_true(gyre__list_empty(&to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fifo),
        cmocka_unit_test(test_remove),
        cmocka_unit_test(test_take),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
