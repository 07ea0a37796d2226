/* test_queue.c - what a queue is: items in order, a limit, words, a loop of its own. */
#include "queue_bed.h"

/* test_queues.py::QueueBasicTests::test_empty */
static void test_empty(void **state)
{
    make_queue(0, 0);
    assert_true(gyre_queue_empty(&queue));
    assert_int_equal(gyre_queue_put(&queue, item_of(1)), 0);
    assert_false(gyre_queue_empty(&queue));
    assert_int_equal(gyre_queue_qsize(&queue), 1);
    assert_int_equal(get_it(NULL), 1);
    assert_true(gyre_queue_empty(&queue));
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueueBasicTests::test_full */
static void test_full(void **state)
{
    make_queue(0, 0);
    assert_false(gyre_queue_full(&queue));
    gyre_queue_destroy(&queue);
    make_queue(0, 1);
    assert_int_equal(gyre_queue_put(&queue, item_of(1)), 0);
    assert_true(gyre_queue_full(&queue));
    gyre_queue_destroy(&queue);
}

/* Less than nothing is no limit either, and comes back as it was given. */
static void test_negative_maxsize(void **state)
{
    make_queue(0, -3);
    assert_int_equal(gyre_queue_maxsize(&queue), -3);
    for (int i = 0; i < 100; i++)
        assert_int_equal(put_now(i), 0);
    assert_false(gyre_queue_full(&queue));
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueueBasicTests::test_order */
static void test_order(void **state)
{
    const int numbers[] = {1, 3, 2};

    make_queue(0, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(gyre_queue_put(&queue, item_of(numbers[i])), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(get_it(NULL), numbers[i]);
    gyre_queue_destroy(&queue);
}

static int have_been_put;

static int put_three(void *arg)
{
    for (int i = 0; i < 3; i++) {
        int err = gyre_queue_put(&queue, item_of(i));

        if (err)
            return err;
        have_been_put++;
    }
    return 7;
}

/* test_queues.py::QueueBasicTests::test_maxsize */
static void test_maxsize(void **state)
{
    gyre_task *task = begin(put_three, 0);

    have_been_put = 0;
    make_queue(0, 2);
    assert_int_equal(gyre_queue_maxsize(&queue), 2);
    run_passes(2);
    assert_int_equal(have_been_put, 2);
    assert_int_equal(get_now(), 0);
    run_once();
    assert_int_equal(have_been_put, 3);
    assert_int_equal(get_now(), 1);
    assert_int_equal(get_now(), 2);
    assert_int_equal(result(task), 7);
    gyre_queue_destroy(&queue);
}

/* test_queues.py::QueueBasicTests::test_str */
static void test_str(void **state)
{
    gyre_task *task;

    make_queue(0, 0);
    assert_string_equal(queue_str(), "<Queue maxsize=0>");
    task = begin(get_it, 0);
    run_once();
    assert_string_equal(queue_str(), "<Queue maxsize=0 _getters[1]>");
    put_now(5);
    assert_string_equal(queue_str(), "<Queue maxsize=0 _queue[1] tasks=1>");
    assert_int_equal(end(task), 5);
    gyre_queue_destroy(&queue);
    make_queue(1, 1);
    put_now(1);
    task = begin(put_it, 2);
    run_once();
    assert_string_equal(queue_str(), "<LifoQueue maxsize=1 _queue[1] _putters[1] tasks=1>");
    assert_int_equal(get_now(), 1);
    assert_int_equal(end(task), 0);
    gyre_queue_destroy(&queue);
}

/* What does not fit is cut off, and counted. */
static void test_str_without_room(void **state)
{
    char text[12];

    make_queue(2, 1);
    put_now(1);
    assert_int_equal(gyre_queue_str(&queue, NULL, 0), strlen("<PriorityQueue maxsize=1 _queue[1] tasks=1>"));
    assert_int_equal(gyre_queue_str(&queue, text, sizeof text),
                     strlen("<PriorityQueue maxsize=1 _queue[1] tasks=1>"));
    assert_string_equal(text, "<PriorityQu");
    gyre_queue_destroy(&queue);
}

/* Nothing was said about what has no words in asyncio. */
static void test_errors_have_no_words(void **state)
{
    gyre_error_set(-EIO, "something old");
    make_queue(0, 0);
    assert_int_equal(get_now(), GYRE_EQUEUEEMPTY);
    assert_string_equal(gyre_error_text(), "");
    gyre_queue_destroy(&queue);
}

/* The first wait binds it; what needs no wait works anywhere. */
static void test_bound_to_one_loop(void **state)
{
    gyre_task *task = begin(get_it, 0), *stranger;
    gyre_loop *other = gyre_loop_new();

    make_queue(0, 1);
    run_once();
    put_now(1);
    assert_int_equal(end(task), 1);
    assert_int_equal(gyre_loop_create_task(other, &stranger, get_it, NULL), 0);
    assert_int_equal(gyre_loop_run_until_complete(other, stranger, NULL), GYRE_EWRONGLOOP);
    gyre_future_unref(stranger);
    assert_int_equal(gyre_loop_create_task(other, &stranger, put_it, item_of(2)), 0);
    assert_int_equal(gyre_loop_run_until_complete(other, stranger, NULL), 0);
    gyre_future_unref(stranger);
    gyre_loop_unref(other);
    gyre_queue_destroy(&queue);
}

static void get_in_callback(void *code)
{
    *(int *)code = get_it(NULL);
}

static void test_plain_callbacks_cannot_wait(void **state)
{
    int code = 0;

    make_queue(0, 0);
    gyre_loop_call_soon(loop, get_in_callback, &code);
    run_once();
    assert_int_equal(code, GYRE_EAWAIT);
    put_now(4);
    gyre_loop_call_soon(loop, get_in_callback, &code);
    run_once();
    assert_int_equal(code, 4);
    gyre_queue_destroy(&queue);
}

/* The items that nobody got are released: at destroy, and those got into NULL. */
static void test_release(void **state)
{
    int released[3] = {0};

    for (int kind = 0; kind < KINDS; kind++) {
        gyre_queue_init(&queue, .release = count_release);
        for (int i = 0; i < 3; i++)
            assert_int_equal(gyre_queue_put_nowait(&queue, &released[i]), 0);
        assert_int_equal(gyre_queue_get_nowait(&queue, NULL), 0);
        assert_int_equal(released[0], kind + 1);
        assert_int_equal(released[1], kind);
        gyre_queue_destroy(&queue);
        for (int i = 0; i < 3; i++)
            assert_int_equal(released[i], kind + 1);
    }
}

static int destroy_too_early(void *arg)
{
    begin(get_it, 0);
    run_once();
    gyre_queue_destroy(&queue);
    return 0;
}

static void test_destroyed_while_a_task_waits(void **state)
{
    const char *words;
    int status;

    make_queue(0, 0);
    status = in_child(destroy_too_early, NULL, &words);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(words, "a queue was destroyed while tasks wait in it"));
    gyre_queue_destroy(&queue);
}

/* Those who wait when the loop closes have left the line afterwards. */
static void test_the_loop_closes(void **state)
{
    gyre_task *getter = begin(get_it, 0), *joiner = begin(join_it, 0);

    make_queue(0, 0);
    put_now(1);
    get_now();
    run_once();
    close_now();
    assert_int_equal(result(getter), GYRE_ECANCELLED);
    assert_int_equal(result(joiner), GYRE_ECANCELLED);
    gyre_queue_destroy(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_empty),
        ON_LOOP(test_full),
        ON_LOOP(test_negative_maxsize),
        ON_LOOP(test_order),
        ON_LOOP(test_maxsize),
        ON_LOOP(test_str),
        ON_LOOP(test_str_without_room),
        ON_LOOP(test_errors_have_no_words),
        ON_LOOP(test_bound_to_one_loop),
        ON_LOOP(test_plain_callbacks_cannot_wait),
        ON_LOOP(test_release),
        ON_LOOP(test_destroyed_while_a_task_waits),
        ON_LOOP(test_the_loop_closes),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
