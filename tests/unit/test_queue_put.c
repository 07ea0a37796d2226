/* test_queue_put.c - putting, and waiting for a place. */
#include "queue_bed.h"

/* test_queues.py::QueuePutTests::test_blocking_put: nothing to wait for, so no turn. */
static void test_blocking_put(void **state)
{
    make_queue(0, 0);
    assert_int_equal(put_it(item_of(1)), 0);
    assert_int_equal(get_it(NULL), 1);
    gyre_queue_destroy(&queue);
}

static int put_two(void *arg)
{
    assert_int_equal(put_it(item_of(1)), 0);
    return put_it(item_of(2));
}

static void get_one(void *arg)
{
    get_now();
}

/* test_queues.py::QueuePutTests::test_blocking_put_wait */
static void test_blocking_put_wait(void **state)
{
    gyre_task *putter = begin(put_two, 0);

    make_queue(0, 1);
    gyre_loop_call_later(loop, 0.001, get_one, NULL);
    run_once();
    assert_false(gyre_future_done(putter));
    assert_int_equal(end(putter), 0);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_nonblocking_put */
static void test_nonblocking_put(void **state)
{
    make_queue(0, 0);
    assert_int_equal(put_now(1), 0);
    assert_int_equal(get_now(), 1);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_get_cancel_drop_one_pending_reader: what was put stays, in its order.
 */
static void test_get_cancel_drop_one_pending_reader(void **state)
{
    gyre_task *reader = begin(get_it, 0);

    make_queue(0, 0);
    run_once();
    put_now(1);
    put_now(2);
    gyre_task_cancel(reader);
    assert_int_equal(end(reader), GYRE_ECANCELLED);
    assert_int_equal(end(begin(get_it, 0)), 1);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_get_cancel_drop_many_pending_readers */
static void test_get_cancel_drop_many_pending_readers(void **state)
{
    gyre_task *readers[3];

    for (int i = 0; i < 3; i++)
        readers[i] = begin(get_it, 0);
    make_queue(0, 0);
    run_once();
    put_now(1);
    put_now(2);
    gyre_task_cancel(readers[0]);
    assert_int_equal(end(readers[0]), GYRE_ECANCELLED);
    assert_int_equal(end(readers[2]) + end(readers[1]), 3);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_put_cancel_drop: a cancelled put has put nothing. */
static void test_put_cancel_drop(void **state)
{
    gyre_task *writer = begin(put_it, 2);

    make_queue(0, 1);
    put_now(1);
    run_once();
    assert_int_equal(get_now(), 1);
    gyre_task_cancel(writer);
    assert_int_equal(end(writer), GYRE_ECANCELLED);
    assert_int_equal(end(begin(put_it, 2)), 0);
    assert_int_equal(get_now(), 2);
    assert_int_equal(gyre_queue_qsize(&queue), 0);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_nonblocking_put_exception */
static void test_nonblocking_put_exception(void **state)
{
    make_queue(0, 1);
    put_now(1);
    assert_int_equal(put_now(2), GYRE_EQUEUEFULL);
    assert_string_equal(gyre_error_name(GYRE_EQUEUEFULL), "QueueFull");
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_put_cancelled: it ran before the get that found its item. */
static void test_put_cancelled(void **state)
{
    gyre_task *putter = begin(put_it, 1);

    make_queue(0, 0);
    assert_int_equal(get_it(NULL), 1);
    assert_int_equal(result(putter), 0);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_put_cancelled_race */
static void test_put_cancelled_race(void **state)
{
    gyre_task *a = begin(put_it, 1), *b = begin(put_it, 2), *c = begin(put_it, 3);

    make_queue(0, 1);
    run_once();
    assert_int_equal(result(a), 0);
    assert_false(gyre_future_done(b));
    gyre_task_cancel(c);
    run_once();
    assert_int_equal(result(c), GYRE_ECANCELLED);
    assert_int_equal(get_now(), 1);
    run_once();
    assert_int_equal(get_now(), 2);
    assert_int_equal(end(b), 0);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_put_with_waiting_getters */
static void test_put_with_waiting_getters(void **state)
{
    gyre_task *getter = begin(get_it, 0);

    make_queue(0, 0);
    run_once();
    assert_int_equal(put_it(item_of(1)), 0);
    assert_int_equal(end(getter), 1);
    gyre_queue_destroy(&queue);
}

static int empty_it(void *arg)
{
    gyre_sleep(0);
    for (size_t left = gyre_queue_qsize(&queue); left > 0; left--)
        get_now();
    return 0;
}

/* test_queues.py::QueuePutTests::test_why_are_putters_waiting: each place that came free woke one. */
static void test_why_are_putters_waiting(void **state)
{
    gyre_task *tasks[5] = {begin(empty_it, 0)};

    make_queue(0, 2);
    for (int i = 0; i < 4; i++)
        tasks[i + 1] = begin(put_it, i);
    for (int i = 0; i < 5; i++)
        assert_int_equal(end(tasks[i]), 0);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_cancelled_puts_not_being_held_in_self_putters */
static void test_cancelled_puts_leave_the_line(void **state)
{
    gyre_task *putter = begin(put_it, 1);

    make_queue(0, 1);
    put_now(1);
    run_once();
    assert_non_null(queue.putters);
    gyre_task_cancel(putter);
    assert_int_equal(end(putter), GYRE_ECANCELLED);
    assert_null(queue.putters);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueuePutTests::test_cancelled_put_silence_value_error_exception: woken, so in line no more,
 * then cancelled. */
static void test_cancelled_after_it_was_woken(void **state)
{
    gyre_task *putter = begin(put_it, 1);

    make_queue(0, 1);
    put_now(1);
    run_once();
    get_now();
    gyre_task_cancel(putter);
    assert_int_equal(end(putter), GYRE_ECANCELLED);
    gyre_queue_destroy(&queue);
}

/* S4: and wakes the next one. */
static void test_a_wake_is_passed_on(void **state)
{
    gyre_task *first = begin(put_it, 2), *second = begin(put_it, 3);

    make_queue(0, 1);
    put_now(1);
    run_once();
    get_now();
    gyre_task_cancel(first);
    run_passes(2);
    assert_int_equal(result(first), GYRE_ECANCELLED);
    assert_int_equal(result(second), 0);
    assert_int_equal(get_now(), 3);
    gyre_queue_destroy(&queue);
}

/* S3: somebody put into the place that a putter was woken for: it waits again. */
static void test_overtaken(void **state)
{
    gyre_task *putter = begin(put_it, 3);

    make_queue(0, 1);
    put_now(1);
    run_once();
    assert_int_equal(get_now(), 1);
    assert_int_equal(put_now(2), 0);
    run_once();
    assert_false(gyre_future_done(putter));
    assert_int_equal(get_now(), 2);
    assert_int_equal(end(putter), 0);
    assert_int_equal(get_now(), 3);
    gyre_queue_destroy(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_blocking_put),
        ON_LOOP(test_blocking_put_wait),
        ON_LOOP(test_nonblocking_put),
        ON_LOOP(test_get_cancel_drop_one_pending_reader),
        ON_LOOP(test_get_cancel_drop_many_pending_readers),
        ON_LOOP(test_put_cancel_drop),
        ON_LOOP(test_nonblocking_put_exception),
        ON_LOOP(test_put_cancelled),
        ON_LOOP(test_put_cancelled_race),
        ON_LOOP(test_put_with_waiting_getters),
        ON_LOOP(test_why_are_putters_waiting),
        ON_LOOP(test_cancelled_puts_leave_the_line),
        ON_LOOP(test_cancelled_after_it_was_woken),
        ON_LOOP(test_a_wake_is_passed_on),
        ON_LOOP(test_overtaken),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
