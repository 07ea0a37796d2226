/* test_as_completed.c - futures in the order in which they end. */
#include "unit.h"

#include "task/task.h"

static gyre_as_completed iterator;

/* A task that sleeps as long as its word says: "a" 0.1 s, "b" 0.2 s, and so on. */
static int sleep_for(void *word)
{
    return gyre_sleep(0.1 * (*(const char *)word - 'a' + 1));
}

enum { MOST = 10 };

static gyre_task *tasks[MOST];
static size_t made;

static void make_tasks(size_t count, const char *const *words)
{
    for (made = 0; made < count; made++)
        gyre_create_task(&tasks[made], sleep_for, (void *)words[made], .name = words[made]);
}

/* Gives the tasks back; those that still sleep are cancelled. */
static void drop_tasks(void)
{
    for (size_t i = 0; i < made; i++) {
        gyre_task_cancel(tasks[i]);
        gyre_await(tasks[i], NULL);
        gyre_future_unref(tasks[i]);
    }
}

static size_t pending_timers(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(loop, &stats);
    return stats.timers;
}

/* Takes up to `steps` and notes each: the task's name, or the error's. Returns what the last next did. */
static int take(int steps)
{
    int got = 1;

    while (steps-- > 0 && got != 0) {
        gyre_future *future;

        got = gyre_as_completed_next(&iterator, &future);
        if (got > 0)
            note((void *)gyre_task_get_name(future));
        else if (got < 0)
            note((void *)gyre_error_name(got));
        if (got == GYRE_ECANCELLED)
            break;
    }
    return got;
}

static int in_order(void *arg)
{
    const char *words[] = {"b", "c", "a"};

    make_tasks(3, words);
    assert_int_equal(gyre_as_completed_begin(&iterator, tasks, 3), 0);
    assert_int_equal(take(MOST), 0);
    assert_int_equal(take(1), 0);
    gyre_as_completed_end(&iterator);
    drop_tasks();
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_as_completed,
 * test_tasks.py::BaseTaskTests::test_as_completed_coroutine_use_running_loop; S1: it takes as long as the
 * slowest, and stays at its end. */
static void test_in_order(void **state)
{
    double start = gyre_loop_time(loop);

    assert_int_equal(run_main(in_order, NULL), 0);
    assert_noted("a b c");
    assert_true(gyre_loop_time(loop) >= start + 0.3 && gyre_loop_time(loop) < start + 0.31);
}

static int same_tasks(void *arg)
{
    const char *words[] = {"c", "a", "b"};
    gyre_future *future;

    make_tasks(3, words);
    gyre_as_completed_begin(&iterator, tasks, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gyre_as_completed_next(&iterator, &future), 1);
        assert_true(gyre_future_done(future));
        assert_ptr_equal(future, tasks[(i + 1) % 3]);
    }
    gyre_as_completed_end(&iterator);
    drop_tasks();
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_as_completed_same_tasks_in_as_out; S4 */
static void test_same_tasks(void **state)
{
    assert_int_equal(run_main(same_tasks, NULL), 0);
}

static int duplicates(void *arg)
{
    const char *words[] = {"b", "a"};
    gyre_future *list[4];

    make_tasks(2, words);
    list[0] = list[2] = list[3] = tasks[0];
    list[1] = tasks[1];
    gyre_as_completed_begin(&iterator, list, 4);
    assert_int_equal(take(MOST), 0);
    gyre_as_completed_end(&iterator);
    drop_tasks();
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_as_completed_duplicate_coroutines */
static void test_duplicates(void **state)
{
    assert_int_equal(run_main(duplicates, NULL), 0);
    assert_noted("a b");
}

static int with_timeout(void *arg)
{
    const char *words[] = {"a", "b", "c"};

    make_tasks(3, words);
    gyre_as_completed_begin(&iterator, tasks, 3, .timeout = 0.15);
    assert_int_equal(take(MOST), 0);
    assert_false(gyre_future_done(tasks[1]));
    /* S3: they run on, and nobody listens to them any more. */
    gyre_await(tasks[1], NULL);
    assert_int_equal(take(1), 0);
    gyre_as_completed_end(&iterator);
    drop_tasks();
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_as_completed_with_timeout; S3: once for each that is left. */
static void test_timeout(void **state)
{
    assert_int_equal(run_main(with_timeout, NULL), 0);
    assert_noted("a TimeoutError TimeoutError");
}

static int unused_timeout(void *arg)
{
    const char *words[] = {"a"};

    make_tasks(1, words);
    gyre_as_completed_begin(&iterator, tasks, 1, .timeout = 1000);
    assert_int_equal(pending_timers(), 1);
    assert_int_equal(take(1), 1);
    assert_int_equal(pending_timers(), 0);
    gyre_as_completed_end(&iterator);
    gyre_as_completed_begin(&iterator, tasks, 1, .timeout = 1000);
    gyre_as_completed_end(&iterator);
    assert_int_equal(pending_timers(), 0);
    drop_tasks();
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_as_completed_with_unused_timeout: the timer goes with the last future,
 * or with the end. */
static void test_unused_timeout(void **state)
{
    assert_int_equal(run_main(unused_timeout, NULL), 0);
    assert_noted("a");
}

static int look_once(void *arg)
{
    const char *words[] = {"a", "b", "c"};

    make_tasks(3, words);
    gyre_await(tasks[0], NULL);
    gyre_as_completed_begin(&iterator, tasks, 3, .timeout = -1);
    assert_int_equal(take(MOST), 0);
    gyre_as_completed_end(&iterator);
    drop_tasks();
    return 0;
}

/* A negative timeout gives what is done, and TimeoutError for the others. */
static void test_look_once(void **state)
{
    assert_int_equal(run_main(look_once, NULL), 0);
    assert_noted("a TimeoutError TimeoutError");
}

static int break_down(void *arg)
{
    return -EIO;
}

static int resume(void *arg)
{
    const char *words[] = {"a", "b", "c"};
    gyre_future *future;

    make_tasks(3, words);
    gyre_create_task(&tasks[made++], break_down, NULL, .name = "broken");
    gyre_as_completed_begin(&iterator, tasks, 4);
    assert_int_equal(gyre_as_completed_next(&iterator, &future), 1);
    assert_int_equal(gyre_future_result(future, NULL), -EIO);
    assert_int_equal(take(1), 1);
    note("again");
    assert_int_equal(take(MOST), 0);
    gyre_as_completed_end(&iterator);
    drop_tasks();
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_as_completed_resume_iterator; S2: an error in between, and a pause. */
static void test_resume(void **state)
{
    assert_int_equal(run_main(resume, NULL), 0);
    assert_noted("a again b c");
}

static int take_one(void *arg)
{
    int got = take(1);

    note(arg);
    return got;
}

/* Makes a, b and c, and two tasks that each take one. */
static void take_with_two(gyre_task **takers)
{
    const char *words[] = {"b", "a", "c"};

    make_tasks(3, words);
    gyre_as_completed_begin(&iterator, tasks, 3);
    gyre_create_task(&takers[0], take_one, "first");
    gyre_create_task(&takers[1], take_one, "second");
    gyre_sleep(0);
}

static int concurrently(void *arg)
{
    gyre_task *takers[2];

    take_with_two(takers);
    assert_int_equal(gyre_wait(takers, 2), 2);
    note("both");
    assert_int_equal(take(MOST), 0);
    gyre_as_completed_end(&iterator);
    gyre_future_unref(takers[0]);
    gyre_future_unref(takers[1]);
    drop_tasks();
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_as_completed_concurrent,
 * test_tasks.py::BaseTaskTests::test_as_completed_reverse_wait: who asks first gets what ends first,
 * whichever task it was made from. */
static void test_concurrently(void **state)
{
    assert_int_equal(run_main(concurrently, NULL), 0);
    assert_noted("a first b second both c");
}

static int cancel_taker(void *arg)
{
    gyre_task *takers[2];

    take_with_two(takers);
    gyre_task_cancel(takers[0]);
    gyre_wait(takers, 2);
    assert_true(gyre_future_cancelled(takers[0]));
    /* Nothing was lost. */
    assert_int_equal(take(MOST), 0);
    gyre_as_completed_end(&iterator);
    gyre_future_unref(takers[0]);
    gyre_future_unref(takers[1]);
    drop_tasks();
    return 0;
}

/* A wait that is cancelled takes nothing. */
static void test_cancelled_taker(void **state)
{
    assert_int_equal(run_main(cancel_taker, NULL), 0);
    assert_noted("CancelledError first a second b c");
}

static int take_any(void *arg)
{
    gyre_future *future;

    return gyre_as_completed_next(&iterator, &future);
}

static gyre_future *futures[2];
static gyre_task *takers[2];

static void begin_futures(void)
{
    for (int i = 0; i < 2; i++)
        futures[i] = gyre_loop_create_future(loop);
    gyre_as_completed_begin(&iterator, futures, 2);
    for (int i = 0; i < 2; i++)
        gyre_loop_create_task(loop, &takers[i], take_any, NULL);
    run_once();
}

static void drop_futures(void)
{
    gyre_as_completed_end(&iterator);
    for (int i = 0; i < 2; i++) {
        gyre_future_unref(takers[i]);
        gyre_future_unref(futures[i]);
    }
}

/* Woken, and cancelled before he ran: what he would have got goes to the next in line. */
static void test_cancelled_when_woken(void **state)
{
    begin_futures();
    gyre_future_set_result(futures[0], NULL);
    run_once();
    gyre_task_cancel(takers[0]);
    run_passes(2);
    assert_true(gyre_future_cancelled(takers[0]));
    assert_int_equal(gyre_future_result(takers[1], NULL), 1);
    drop_futures();
}

/* The end wakes those who still wait; a completion that is under way finds nobody. */
static void test_end_under_takers(void **state)
{
    begin_futures();
    gyre_future_set_result(futures[1], NULL);
    gyre_as_completed_end(&iterator);
    gyre_as_completed_end(&iterator);
    assert_null(futures[0]->callbacks);
    run_once();
    assert_int_equal(gyre_future_result(takers[0], NULL), 0);
    assert_int_equal(gyre_future_result(takers[1], NULL), 0);
    drop_futures();
}

/* The loop closes: those who wait are cancelled, and the end works after it. */
static void test_the_loop_closes(void **state)
{
    begin_futures();
    close_now();
    assert_true(gyre_future_cancelled(takers[0]) && gyre_future_cancelled(takers[1]));
    drop_futures();
}

static void take_in_callback(void *arg)
{
    assert_int_equal(take(1), GYRE_EAWAIT);
}

/* Outside tasks it drives the loop; a plain callback cannot wait. */
static void test_outside(void **state)
{
    gyre_future *future, *both[] = {gyre_loop_create_future(loop), gyre_loop_create_future(loop)};

    gyre_as_completed_begin(&iterator, both, 2, .timeout = 5);
    gyre_loop_call_soon(loop, take_in_callback, NULL);
    assert_int_equal(gyre_as_completed_next(&iterator, &future), -ETIMEDOUT);
    assert_noted("RuntimeError");
    gyre_future_set_result(both[0], NULL);
    assert_int_equal(gyre_as_completed_next(&iterator, &future), -ETIMEDOUT);
    assert_int_equal(gyre_as_completed_next(&iterator, &future), 0);
    gyre_as_completed_end(&iterator);
    gyre_future_unref(both[0]);
    gyre_future_unref(both[1]);
}

/* test_tasks.py::BaseTaskTests::test_as_completed_invalid_args: refused, and the iterator is as before. */
static void test_invalid_args(void **state)
{
    gyre_loop *other = gyre_loop_new();
    gyre_future *mixed[] = {gyre_loop_create_future(loop), gyre_loop_create_future(other)};
    gyre_as_completed unused = {0};

    assert_int_equal(gyre_as_completed_begin(&unused, mixed, 2), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "The futures belong to different loops");
    assert_int_equal(gyre_as_completed_begin(&unused, mixed, 1, .timeout = NAN), GYRE_EVALUE);
    assert_null(unused.completions);
    gyre_as_completed_end(&unused);
    gyre_future_unref(mixed[0]);
    gyre_future_unref(mixed[1]);
    gyre_loop_unref(other);
}

/* Nothing to go through. */
static void test_empty(void **state)
{
    gyre_future *future = NULL;

    assert_int_equal(gyre_as_completed_begin(&iterator, NULL, 0, .timeout = 1), 0);
    assert_int_equal(gyre_as_completed_next(&iterator, &future), 0);
    assert_null(future);
    gyre_as_completed_end(&iterator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_in_order),
        ON_SIM(test_same_tasks),
        ON_SIM(test_duplicates),
        ON_SIM(test_timeout),
        ON_SIM(test_unused_timeout),
        ON_SIM(test_look_once),
        ON_SIM(test_resume),
        ON_SIM(test_concurrently),
        ON_SIM(test_cancelled_taker),
        ON_SIM(test_cancelled_when_woken),
        ON_SIM(test_end_under_takers),
        ON_SIM(test_the_loop_closes),
        ON_SIM(test_outside),
        ON_SIM(test_invalid_args),
        ON_SIM(test_empty),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
