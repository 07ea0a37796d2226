/* test_places.c - the memory of a queue: as much as it needs, and what it answers when there is none. */
#include "queue_bed.h"

/* Nothing before the first item, a few for that, never more than the limit. */
static void test_a_limit_allocates_nothing(void **state)
{
    make_queue(0, (ptrdiff_t)1 << 40);
    assert_null(queue.items);
    put_now(1);
    assert_true(queue.capacity <= 8);
    gyre_queue_destroy(&queue);
    make_queue(0, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(put_now(i), 0);
    assert_int_equal(queue.capacity, 100);
    assert_int_equal(put_now(100), GYRE_EQUEUEFULL);
    gyre_queue_destroy(&queue);
}

/* Wherever the first item stands when it grows or shrinks, the order stays. */
static void test_order_through_every_size(void **state)
{
    int put = 0, got = 0;

    make_queue(0, 0);
    for (int step = 0; step < 40000; step++) {
        int up = step < 20000 ? 3 : 1;

        if (step % 4 < up)
            assert_int_equal(put_now(put++), 0);
        else if (got < put)
            assert_int_equal(get_now(), got++);
        assert_true(queue.head == 0 || queue.head < queue.capacity);
    }
    while (got < put)
        assert_int_equal(get_now(), got++);
    gyre_queue_destroy(&queue);
}

/* What a crowd has left goes back. */
static void test_shrinks(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        make_queue(kind, 0);
        for (int i = 0; i < 100000; i++)
            put_now(i);
        assert_true(queue.capacity >= 100000);
        for (int i = 0; i < 100000; i++)
            assert_int_equal(get_now(), kind == 1 ? 99999 - i : i);
        assert_true(queue.capacity <= 1024);
        gyre_queue_destroy(&queue);
    }
}

/* A size that no memory can have, for a put that finds the places full; and back. */
static void *pretend_to_be_huge(gyre_queue *real)
{
    gyre_queue *kept = malloc(sizeof *kept);

    *kept = *real;
    real->capacity = real->count = SIZE_MAX / 8;
    real->limit = SIZE_MAX;
    return kept;
}

static void be_real(gyre_queue *huge, gyre_queue *kept)
{
    huge->capacity = kept->capacity;
    huge->count = kept->count;
    huge->limit = kept->limit;
    free(kept);
}

static void test_no_memory(void **state)
{
    gyre_queue *kept;

    make_queue(0, 0);
    put_now(1);
    kept = pretend_to_be_huge(&queue);
    assert_int_equal(put_now(2), -ENOMEM);
    assert_int_equal(put_it(item_of(2)), -ENOMEM);
    be_real(&queue, kept);
    assert_int_equal(queue.unfinished, 1);
    assert_int_equal(put_now(2), 0);
    assert_int_equal(get_now(), 1);
    assert_int_equal(get_now(), 2);
    gyre_queue_destroy(&queue);
}

/* Two wait, a place comes free, the one who is woken gets no memory for it: the other one is woken. */
static void test_no_memory_for_a_woken_putter(void **state)
{
    gyre_task *first = begin(put_it, 2), *second = begin(put_it, 3);
    gyre_queue *kept;

    make_queue(0, 1);
    put_now(1);
    run_once();
    assert_int_equal(get_now(), 1);
    kept = pretend_to_be_huge(&queue);
    run_once();
    be_real(&queue, kept);
    assert_int_equal(result(first), -ENOMEM);
    run_once();
    assert_int_equal(result(second), 0);
    assert_int_equal(get_now(), 3);
    gyre_queue_destroy(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_a_limit_allocates_nothing),
        ON_LOOP(test_order_through_every_size),
        ON_LOOP(test_shrinks),
        ON_LOOP(test_no_memory),
        ON_LOOP(test_no_memory_for_a_woken_putter),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
