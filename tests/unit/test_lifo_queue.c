/* test_lifo_queue.c - the last item leaves first. */
#include "queue_bed.h"

/* test_queues.py::LifoQueueTests::test_order */
static void test_order(void **state)
{
    const int put[] = {1, 3, 2}, got[] = {2, 3, 1};

    make_queue(1, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(put_it(item_of(put[i])), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(get_it(NULL), got[i]);
    gyre_queue_destroy(&queue);
}

static void test_many(void **state)
{
    make_queue(1, 0);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(put_now(i), 0);
    for (int i = 4999; i >= 0; i--)
        assert_int_equal(get_now(), i);
    assert_int_equal(get_now(), GYRE_EQUEUEEMPTY);
    gyre_queue_destroy(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_order),
        ON_LOOP(test_many),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
