/* test_heap.c - the least deadline leaves first, equal ones in order, at any size. */
#include "unit.h"

#include "base/heap.h"

static uint32_t chance = 1;

static uint32_t draw(uint32_t below)
{
    chance = chance * 1664525 + 1013904223;
    return (chance >> 8) % below;
}

static void fill(struct gyre__heap *heap, size_t count, uint32_t deadlines)
{
    for (size_t i = 0; i < count; i++)
        gyre__heap_push(heap, (struct gyre__heap_entry){draw(deadlines), (uint32_t)i, (uint32_t)i});
}

static void drain(struct gyre__heap *heap)
{
    struct gyre__heap_entry last = {INT64_MIN, 0, 0};

    while (heap->count > 0) {
        struct gyre__heap_entry next = gyre__heap_pop(heap);

        assert_true(next.when > last.when || (next.when == last.when && next.sequence > last.sequence));
        assert_int_equal(next.sequence, next.item);
        last = next;
    }
}

static void test_order(void **state)
{
    for (size_t count = 0; count < 70; count++) {
        struct gyre__heap heap = {0};

        fill(&heap, count, 16);
        assert_int_equal(heap.count, count);
        drain(&heap);
        gyre__heap_clear(&heap);
    }
}

static void test_many(void **state)
{
    struct gyre__heap heap = {0};

    fill(&heap, 20000, 1u << 20);
    for (int i = 0; i < 5000; i++)
        gyre__heap_pop(&heap);
    drain(&heap);
    gyre__heap_clear(&heap);
    assert_null(heap.entries);
}

static void test_ties_leave_in_sequence(void **state)
{
    struct gyre__heap heap = {0};

    fill(&heap, 1000, 1);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(gyre__heap_pop(&heap).sequence, i);
    gyre__heap_clear(&heap);
}

/* The highest number is followed by the lowest. */
static void test_ties_over_the_wrap(void **state)
{
    struct gyre__heap heap = {0};

    for (uint32_t i = 0; i < 1000; i++)
        gyre__heap_push(&heap, (struct gyre__heap_entry){5, UINT32_MAX - 500 + i, i});
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(gyre__heap_pop(&heap).item, i);
    gyre__heap_clear(&heap);
}

static bool is_multiple(const struct gyre__heap_entry *entry, void *arg)
{
    return entry->item % *(uint32_t *)arg == 0;
}

static void test_filter(void **state)
{
    for (uint32_t of = 1; of < 40; of++) {
        struct gyre__heap heap = {0};

        fill(&heap, 500, 50);
        gyre__heap_filter(&heap, is_multiple, &of);
        assert_int_equal(heap.count, (500 + of - 1) / of);
        drain(&heap);
        gyre__heap_clear(&heap);
    }
}

static bool is_none(const struct gyre__heap_entry *entry, void *arg)
{
    return false;
}

static void test_filter_all(void **state)
{
    struct gyre__heap heap = {0};

    gyre__heap_filter(&heap, is_none, NULL);
    fill(&heap, 10, 5);
    gyre__heap_filter(&heap, is_none, NULL);
    assert_int_equal(heap.count, 0);
    fill(&heap, 10, 5);
    drain(&heap);
    gyre__heap_clear(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_ties_leave_in_sequence),
        cmocka_unit_test(test_ties_over_the_wrap),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_filter_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
