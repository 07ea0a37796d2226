/* test_queue_shutdown.c - a queue that takes no more; for each kind of queue. */
#include "queue_bed.h"

static void assert_shut_down(void)
{
    assert_int_equal(put_it(item_of(9)), GYRE_EQUEUESHUTDOWN);
    assert_int_equal(put_now(9), GYRE_EQUEUESHUTDOWN);
    assert_int_equal(get_it(NULL), GYRE_EQUEUESHUTDOWN);
    assert_int_equal(get_now(), GYRE_EQUEUESHUTDOWN);
}

/* test_queues.py::_QueueShutdownTestMixin::test_format */
static void test_format(void **state)
{
    static const char *const words[KINDS] = {"<Queue maxsize=0 shutdown>", "<LifoQueue maxsize=0 shutdown>",
                                             "<PriorityQueue maxsize=0 shutdown>"};

    for (int kind = 0; kind < KINDS; kind++) {
        make_queue(kind, 0);
        gyre_queue_shutdown(&queue);
        assert_string_equal(queue_str(), words[kind]);
        gyre_queue_destroy(&queue);
    }
}

/* test_queues.py::_QueueShutdownTestMixin::test_shutdown_empty */
static void test_shutdown_empty(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        gyre_task *getter = begin(get_it, 0);

        make_queue(kind, 0);
        run_once();
        gyre_queue_shutdown(&queue, .immediate = GYRE_NO);
        assert_int_equal(gyre_queue_qsize(&queue), 0);
        assert_int_equal(gyre_queue_join(&queue), 0);
        run_once();
        assert_int_equal(result(getter), GYRE_EQUEUESHUTDOWN);
        assert_string_equal(gyre_error_name(GYRE_EQUEUESHUTDOWN), "QueueShutDown");
        assert_shut_down();
        gyre_queue_destroy(&queue);
    }
}

/* test_queues.py::_QueueShutdownTestMixin::test_shutdown_nonempty */
static void test_shutdown_nonempty(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        gyre_task *joiner = begin(join_it, 0), *putter = begin(put_it, 2);

        make_queue(kind, 1);
        put_now(1);
        run_once();
        assert_false(gyre_future_done(putter));
        gyre_queue_shutdown(&queue);
        assert_int_equal(gyre_queue_qsize(&queue), 1);
        run_once();
        assert_int_equal(result(putter), GYRE_EQUEUESHUTDOWN);
        assert_int_equal(get_it(NULL), 1);
        run_once();
        assert_false(gyre_future_done(joiner));
        assert_shut_down();
        assert_int_equal(gyre_queue_task_done(&queue), 0);
        run_once();
        assert_int_equal(result(joiner), 0);
        assert_int_equal(gyre_queue_task_done(&queue), GYRE_EVALUE);
        gyre_queue_destroy(&queue);
    }
}

/* test_queues.py::_QueueShutdownTestMixin::test_shutdown_immediate */
static void test_shutdown_immediate(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        gyre_task *joiner = begin(join_it, 0);

        make_queue(kind, 0);
        put_now(1);
        run_once();
        gyre_queue_shutdown(&queue, .immediate = GYRE_YES);
        assert_int_equal(gyre_queue_qsize(&queue), 0);
        run_once();
        assert_int_equal(result(joiner), 0);
        assert_shut_down();
        assert_int_equal(gyre_queue_task_done(&queue), GYRE_EVALUE);
        gyre_queue_destroy(&queue);
    }
}

/* test_queues.py::_QueueShutdownTestMixin::test_shutdown_immediate_with_unfinished */
static void test_shutdown_immediate_with_unfinished(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        gyre_task *joiner = begin(join_it, 0);

        make_queue(kind, 0);
        put_now(1);
        put_now(1);
        assert_int_equal(get_it(NULL), 1);
        gyre_queue_shutdown(&queue, .immediate = GYRE_YES);
        assert_int_equal(gyre_queue_qsize(&queue), 0);
        run_once();
        assert_false(gyre_future_done(joiner));
        assert_shut_down();
        assert_int_equal(gyre_queue_task_done(&queue), 0);
        assert_int_equal(gyre_queue_task_done(&queue), GYRE_EVALUE);
        run_once();
        assert_int_equal(result(joiner), 0);
        gyre_queue_destroy(&queue);
    }
}

/* S7: everybody who is blocked is woken, and a second shutdown does no harm. */
static void test_all_are_woken(void **state)
{
    gyre_task *putters[3];

    make_queue(0, 1);
    put_now(1);
    for (int i = 0; i < 3; i++)
        putters[i] = begin(put_it, 2);
    run_once();
    gyre_queue_shutdown(&queue);
    gyre_queue_shutdown(&queue, .immediate = GYRE_YES);
    run_once();
    for (int i = 0; i < 3; i++)
        assert_int_equal(result(putters[i]), GYRE_EQUEUESHUTDOWN);
    assert_shut_down();
    gyre_queue_destroy(&queue);
}

static void look_and_count(void *count)
{
    assert_int_equal(put_now(1), GYRE_EQUEUESHUTDOWN);
    assert_true(gyre_queue_empty(&queue));
    count_release(count);
}

/* The dropped items are released once, by then the queue is empty and shut. */
static void test_dropped_items_are_released(void **state)
{
    int released[20] = {0};

    gyre_queue_init(&queue, .release = look_and_count);
    for (int i = 0; i < 20; i++)
        assert_int_equal(gyre_queue_put_nowait(&queue, &released[i]), 0);
    gyre_queue_shutdown(&queue, .immediate = GYRE_YES);
    for (int i = 0; i < 20; i++)
        assert_int_equal(released[i], 1);
    gyre_queue_destroy(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_format),
        ON_LOOP(test_shutdown_empty),
        ON_LOOP(test_shutdown_nonempty),
        ON_LOOP(test_shutdown_immediate),
        ON_LOOP(test_shutdown_immediate_with_unfinished),
        ON_LOOP(test_all_are_woken),
        ON_LOOP(test_dropped_items_are_released),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
