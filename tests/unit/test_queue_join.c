/* test_queue_join.c - items that are done with, and waiting until all are; for each kind of queue. */
#include "queue_bed.h"

enum { ITEMS = 100, WORKERS = 2 };

static bool working;
static int sum;

static int work(void *arg)
{
    while (working) {
        int item = get_it(NULL);

        if (item < 0)
            return item;
        sum += item;
        assert_int_equal(gyre_queue_task_done(&queue), 0);
    }
    return 0;
}

/* test_queues.py::_QueueJoinTestMixin::test_task_done_underflow */
static void test_task_done_underflow(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        make_queue(kind, 0);
        assert_int_equal(gyre_queue_task_done(&queue), GYRE_EVALUE);
        assert_string_equal(gyre_error_text(), "task_done() called too many times");
        gyre_queue_destroy(&queue);
    }
}

static int join_the_workers(void *arg)
{
    gyre_task *workers[WORKERS];

    for (int i = 0; i < WORKERS; i++)
        workers[i] = begin(work, 0);
    assert_int_equal(gyre_queue_join(&queue), 0);
    assert_int_equal(sum, ITEMS * (ITEMS - 1) / 2);
    working = false;
    for (int i = 0; i < WORKERS; i++)
        put_now(0);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(end(workers[i]), 0);
    return 0;
}

/* test_queues.py::_QueueJoinTestMixin::test_task_done */
static void test_task_done(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        make_queue(kind, 0);
        working = true;
        sum = 0;
        for (int i = 0; i < ITEMS; i++)
            put_now(i);
        assert_int_equal(run_main(join_the_workers, NULL), 0);
        gyre_queue_destroy(&queue);
    }
}

/* test_queues.py::_QueueJoinTestMixin::test_join_empty_queue */
static void test_join_empty_queue(void **state)
{
    for (int kind = 0; kind < KINDS; kind++) {
        make_queue(kind, 0);
        assert_int_equal(gyre_queue_join(&queue), 0);
        assert_int_equal(gyre_queue_join(&queue), 0);
        gyre_queue_destroy(&queue);
    }
}

/* test_queues.py::_QueueJoinTestMixin::test_format */
static void test_format(void **state)
{
    static const char *const words[KINDS] = {"<Queue maxsize=0 tasks=2>", "<LifoQueue maxsize=0 tasks=2>",
                                             "<PriorityQueue maxsize=0 tasks=2>"};

    for (int kind = 0; kind < KINDS; kind++) {
        make_queue(kind, 0);
        for (int i = 0; i < 2; i++) {
            put_now(i);
            get_now();
        }
        assert_string_equal(queue_str(), words[kind]);
        gyre_queue_destroy(&queue);
    }
}

/* All who join are released by the last task_done, even when something is put before they run; who comes
 * after that waits anew. */
static void test_released_for_good(void **state)
{
    gyre_task *first = begin(join_it, 0), *second = begin(join_it, 0), *late;

    make_queue(0, 0);
    put_now(1);
    run_once();
    assert_int_equal(gyre_queue_task_done(&queue), 0);
    put_now(2);
    late = begin(join_it, 0);
    run_once();
    assert_int_equal(result(first), 0);
    assert_int_equal(result(second), 0);
    assert_false(gyre_future_done(late));
    gyre_queue_task_done(&queue);
    assert_int_equal(end(late), 0);
    gyre_queue_destroy(&queue);
}

static void test_cancelled(void **state)
{
    gyre_task *joiner = begin(join_it, 0);

    make_queue(0, 0);
    put_now(1);
    run_once();
    gyre_task_cancel(joiner);
    assert_int_equal(end(joiner), GYRE_ECANCELLED);
    assert_null(queue.joiners);
    gyre_queue_destroy(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_task_done_underflow), ON_LOOP(test_task_done),
        ON_LOOP(test_join_empty_queue),    ON_LOOP(test_format),
        ON_LOOP(test_released_for_good),   ON_LOOP(test_cancelled),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
