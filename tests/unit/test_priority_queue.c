/* test_priority_queue.c - the least item leaves first; of equal ones, the one that Python's heapq lets go. */
#include "queue_bed.h"

/* test_queues.py::PriorityQueueTests::test_order */
static void test_order(void **state)
{
    const int put[] = {1, 3, 2};

    make_queue(2, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(put_it(item_of(put[i])), 0);
    for (int i = 1; i <= 3; i++)
        assert_int_equal(get_it(NULL), i);
    gyre_queue_destroy(&queue);
}

static uint32_t random_number(uint32_t *state)
{
    return *state = *state * 1664525 + 1013904223;
}

static void test_many(void **state)
{
    uint32_t random = 1;
    int last = 0;

    make_queue(2, 0);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(put_now((int)(random_number(&random) >> 16)), 0);
    for (int i = 0; i < 5000; i++) {
        int next = get_now();

        assert_true(next >= last);
        last = next;
    }
    gyre_queue_destroy(&queue);
}

/* The tens are the rank. */
static int by_tens(const void *a, const void *b, void *calls)
{
    ++*(int *)calls;
    return number_of(a) / 10 - number_of(b) / 10;
}

/* What CPython prints for (rank, name) items that compare by rank alone. */
static void test_equal_items(void **state)
{
    const int put[] = {20, 10, 11, 21, 12, 22, 13, 14}, got[] = {10, 11, 13, 12, 14, 22, 21, 20};
    int calls = 0;

    gyre_priority_queue_init(&queue, by_tens, &calls);
    for (int i = 0; i < 8; i++)
        put_now(put[i]);
    for (int i = 0; i < 8; i++)
        assert_int_equal(get_now(), got[i]);
    assert_true(calls > 0);
    gyre_queue_destroy(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_order),
        ON_LOOP(test_many),
        ON_LOOP(test_equal_items),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
