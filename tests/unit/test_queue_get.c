/* test_queue_get.c - getting, and waiting for an item. */
#include "queue_bed.h"

/* test_queues.py::QueueGetTests::test_blocking_get: nothing to wait for, so no turn. */
static void test_blocking_get(void **state)
{
    make_queue(0, 0);
    put_now(1);
    assert_int_equal(get_it(NULL), 1);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueueGetTests::test_get_with_putters: get wakes who waits for a place. */
static void test_get_with_putters(void **state)
{
    gyre_task *putter = begin(put_it, 2);

    make_queue(0, 1);
    put_now(1);
    run_once();
    assert_non_null(queue.putters);
    assert_int_equal(get_it(NULL), 1);
    assert_null(queue.putters);
    run_once();
    assert_int_equal(result(putter), 0);
    assert_int_equal(get_now(), 2);
    gyre_queue_destroy(&queue);
}

static void put_one(void *arg)
{
    put_now(1);
}

/* test_queues.py::QueueGetTests::test_blocking_get_wait */
static void test_blocking_get_wait(void **state)
{
    gyre_task *getter = begin(get_it, 0);

    make_queue(0, 0);
    run_once();
    assert_false(gyre_future_done(getter));
    gyre_loop_call_later(loop, 0.001, put_one, NULL);
    assert_int_equal(end(getter), 1);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueueGetTests::test_nonblocking_get */
static void test_nonblocking_get(void **state)
{
    make_queue(0, 0);
    put_now(1);
    assert_int_equal(get_now(), 1);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueueGetTests::test_nonblocking_get_exception: and *item is untouched. */
static void test_nonblocking_get_exception(void **state)
{
    void *item = &queue;

    make_queue(0, 0);
    assert_int_equal(gyre_queue_get_nowait(&queue, &item), GYRE_EQUEUEEMPTY);
    assert_ptr_equal(item, &queue);
    assert_string_equal(gyre_error_name(GYRE_EQUEUEEMPTY), "QueueEmpty");
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueueGetTests::test_get_cancelled_race: a getter that was cancelled takes no item along. */
static void test_get_cancelled_race(void **state)
{
    gyre_task *first = begin(get_it, 0), *second = begin(get_it, 0);

    make_queue(0, 0);
    run_once();
    gyre_task_cancel(first);
    run_once();
    assert_int_equal(result(first), GYRE_ECANCELLED);
    assert_int_equal(put_it(item_of(5)), 0);
    run_once();
    assert_int_equal(result(second), 5);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueueGetTests::test_get_with_waiting_putters */
static void test_get_with_waiting_putters(void **state)
{
    gyre_task *a = begin(put_it, 1), *b = begin(put_it, 2);

    make_queue(0, 1);
    assert_int_equal(get_it(NULL), 1);
    assert_int_equal(get_it(NULL), 2);
    assert_int_equal(end(a), 0);
    assert_int_equal(end(b), 0);
    gyre_queue_destroy(&queue);
}

enum { MANY = 5 };

static int consume(void *arg)
{
    for (int i = 0; i < MANY; i++)
        assert_int_equal(get_it(NULL), i);
    return 0;
}

static int produce(void *arg)
{
    for (int i = 0; i < MANY; i++)
        assert_int_equal(gyre_queue_put(&queue, item_of(i)), 0);
    return 0;
}

/* test_queues.py::QueueGetTests::test_why_are_getters_waiting */
static void test_why_are_getters_waiting(void **state)
{
    gyre_task *producer = begin(produce, 0), *consumer = begin(consume, 0);

    make_queue(0, 1);
    assert_int_equal(end(producer), 0);
    assert_int_equal(end(consumer), 0);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueueGetTests::test_cancelled_getters_not_being_held_in_self_getters */
static void test_cancelled_getters_leave_the_line(void **state)
{
    gyre_task *getter = begin(get_it, 0);

    make_queue(0, 5);
    assert_int_equal(gyre_wait_for(getter, NULL, 0.001), -ETIMEDOUT);
    assert_null(queue.getters);
    gyre_future_unref(getter);
    gyre_queue_destroy(&queue);
}

/* S3: an item that was there for a woken getter was taken by another: it waits again, behind the others. */
static void test_overtaken(void **state)
{
    gyre_task *first = begin(get_it, 0), *second = begin(get_it, 0);

    make_queue(0, 0);
    run_once();
    put_now(1);
    assert_int_equal(get_now(), 1);
    run_once();
    put_now(2);
    put_now(3);
    run_once();
    assert_int_equal(result(second), 2);
    assert_int_equal(result(first), 3);
    gyre_queue_destroy(&queue);
}

/* S4: woken, then cancelled: it wakes the next one. */
static void test_a_wake_is_passed_on(void **state)
{
    gyre_task *first = begin(get_it, 0), *second = begin(get_it, 0);

    make_queue(0, 0);
    run_once();
    put_now(1);
    gyre_task_cancel(first);
    run_passes(2);
    assert_int_equal(result(first), GYRE_ECANCELLED);
    assert_int_equal(result(second), 1);
    gyre_queue_destroy(&queue);
}

/* S4: a cancelled one is passed over. */
static void test_a_wake_finds_one_who_waits(void **state)
{
    gyre_task *first = begin(get_it, 0), *second = begin(get_it, 0);

    make_queue(0, 0);
    run_once();
    gyre_task_cancel(first);
    put_now(1);
    run_once();
    assert_int_equal(result(first), GYRE_ECANCELLED);
    assert_int_equal(result(second), 1);
    gyre_queue_destroy(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_blocking_get),
        ON_LOOP(test_get_with_putters),
        ON_LOOP(test_blocking_get_wait),
        ON_LOOP(test_nonblocking_get),
        ON_LOOP(test_nonblocking_get_exception),
        ON_LOOP(test_get_cancelled_race),
        ON_LOOP(test_get_with_waiting_putters),
        ON_LOOP(test_why_are_getters_waiting),
        ON_LOOP(test_cancelled_getters_leave_the_line),
        ON_LOOP(test_overtaken),
        ON_LOOP(test_a_wake_is_passed_on),
        ON_LOOP(test_a_wake_finds_one_who_waits),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
