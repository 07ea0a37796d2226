/* test_wait.c - waiting for several futures at once. */
#include "unit.h"

#include "task/task.h"

static size_t pending_timers(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(loop, &stats);
    return stats.timers;
}

static bool about(double one, double other)
{
    return fabs(one - other) < 1e-6;
}

/* A task that sleeps, and then returns a code. */
struct nap {
    double delay;
    int code;
};

static int take_nap(void *arg)
{
    const struct nap *nap = arg;
    int err = nap->delay > 0 ? gyre_sleep(nap->delay) : 0;

    return err ? err : nap->code;
}

enum { MOST = 10 };

static gyre_task *tasks[MOST];

static void make_naps(struct nap *naps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gyre_loop_create_task(loop, &tasks[i], take_nap, &naps[i]);
}

/* Gives the tasks back; those that still sleep are cancelled, and none has a callback left. */
static void drop(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_null(tasks[i]->callbacks);
        gyre_task_cancel(tasks[i]);
        gyre_await(tasks[i], NULL);
        gyre_future_unref(tasks[i]);
    }
}

/* A wait for the first `count` tasks. */
struct terms {
    size_t count;
    gyre_return_when when;
    double timeout;
};

static int wait_for_them(void *arg)
{
    struct terms *terms = arg;

    return gyre_wait(tasks, terms->count, .timeout = terms->timeout, .return_when = terms->when);
}

static int wait_for(size_t count, gyre_return_when when, double timeout)
{
    struct terms terms = {count, when, timeout};

    return run_main(wait_for_them, &terms);
}

/* test_tasks.py::BaseTaskTests::test_wait; S1 */
static void test_all_completed(void **state)
{
    struct nap naps[] = {{0.15, 0}, {0.1, 0}};

    make_naps(naps, 2);
    assert_int_equal(wait_for(2, GYRE_ALL_COMPLETED, 0), 2);
    assert_true(about(gyre_loop_time(loop), 0.15));
    assert_int_equal(gyre_future_result(tasks[0], NULL), 0);
    drop(2);
}

static int nap_long(void *arg)
{
    return gyre_sleep(1000);
}

static void forget_list(void *list)
{
    memset(list, 0, sizeof tasks);
}

/* Forgets the list while it waits. */
static int wait_and_forget(void *arg)
{
    gyre_task *list[MOST];
    int done;

    memcpy(list, tasks, sizeof list);
    gyre_loop_call_later(loop, 0.05, forget_list, list);
    done = gyre_wait(list, MOST);
    assert_null(list[0]);
    return done;
}

/* test_tasks.py::BaseTaskTests::test_wait_with_iterator_of_tasks,
 * test_tasks.py::BaseTaskTests::test_wait_generator: the list is read once, before it waits. */
static void test_list_is_read_once(void **state)
{
    struct nap naps[MOST];

    for (int i = 0; i < MOST; i++)
        naps[i] = (struct nap){0.1 * (i + 1), i};
    make_naps(naps, MOST);
    assert_int_equal(run_main(wait_and_forget, NULL), MOST);
    for (int i = 0; i < MOST; i++)
        assert_int_equal(gyre_future_result(tasks[i], NULL), i);
    drop(MOST);
}

/* test_tasks.py::BaseTaskTests::test_wait_duplicate_coroutines */
static void test_duplicates(void **state)
{
    struct nap naps[] = {{0.1, 0}, {0.2, 0}};

    make_naps(naps, 2);
    tasks[2] = tasks[0];
    assert_int_equal(wait_for(3, GYRE_ALL_COMPLETED, 0), 2);
    drop(2);
}

/* test_tasks.py::BaseTaskTests::test_wait_errors, test_tasks.py::BaseTaskTests::test_wait_invalid_args; S5 */
static void test_invalid(void **state)
{
    gyre_loop *other = gyre_loop_new();

    tasks[0] = gyre_loop_create_future(loop);
    tasks[1] = gyre_loop_create_future(other);
    assert_int_equal(gyre_wait(tasks, 0), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "Set of Tasks/Futures is empty.");
    assert_int_equal(gyre_wait(tasks, 1, .return_when = (gyre_return_when)-1), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "Invalid return_when value: -1");
    assert_int_equal(gyre_wait(tasks, 1, .timeout = NAN), GYRE_EVALUE);
    assert_int_equal(gyre_wait(tasks, 2), GYRE_EVALUE);
    assert_null(tasks[0]->callbacks);
    gyre_future_unref(tasks[0]);
    gyre_future_unref(tasks[1]);
    gyre_loop_unref(other);
}

/* test_tasks.py::BaseTaskTests::test_wait_first_completed */
static void test_first_completed(void **state)
{
    struct nap naps[] = {{10, 0}, {0.1, 0}};

    make_naps(naps, 2);
    assert_int_equal(wait_for(2, GYRE_FIRST_COMPLETED, 0), 1);
    assert_true(about(gyre_loop_time(loop), 0.1));
    assert_false(gyre_future_done(tasks[0]));
    drop(2);
}

static int yield(void *arg)
{
    for (intptr_t i = 0; i < (intptr_t)arg; i++)
        gyre_sleep(0);
    return 0;
}

/* test_tasks.py::BaseTaskTests::test_wait_really_done: what was done when it returns counts, though nobody
 * has told it yet. */
static void test_really_done(void **state)
{
    struct terms terms = {2, GYRE_FIRST_COMPLETED, 0};

    gyre_loop_create_task(loop, &tasks[0], yield, (void *)1);
    gyre_loop_create_task(loop, &tasks[1], yield, (void *)2);
    assert_int_equal(run_main(wait_for_them, &terms), 2);
    drop(2);
}

/* test_tasks.py::BaseTaskTests::test_wait_first_exception,
 * test_tasks.py::BaseTaskTests::test_wait_first_exception_in_wait */
static void test_first_exception(void **state)
{
    double delays[] = {0, 0.01};

    for (int i = 0; i < 2; i++) {
        struct nap naps[] = {{10, 0}, {delays[i], -EDOM}};
        double start = gyre_loop_time(loop);

        make_naps(naps, 2);
        assert_int_equal(wait_for(2, GYRE_FIRST_EXCEPTION, 0), 1);
        assert_true(about(gyre_loop_time(loop), start + delays[i]));
        assert_false(gyre_future_done(tasks[0]));
        drop(2);
    }
}

/* S4: results and cancellations are no exceptions. */
static void test_first_exception_that_never_comes(void **state)
{
    struct nap naps[] = {{0.1, 0}, {0.3, 0}};

    make_naps(naps, 2);
    gyre_loop_create_task(loop, &tasks[2], nap_long, NULL);
    gyre_task_cancel(tasks[2]);
    assert_int_equal(wait_for(3, GYRE_FIRST_EXCEPTION, 0), 3);
    assert_true(about(gyre_loop_time(loop), 0.3));
    drop(3);
}

/* test_tasks.py::BaseTaskTests::test_wait_with_exception; S2: it stays the child's, and counts as not seen.
 */
static void test_exception(void **state)
{
    struct nap naps[] = {{0.1, 0}, {0.15, -EDOM}};

    make_naps(naps, 2);
    assert_int_equal(wait_for(2, GYRE_ALL_COMPLETED, 0), 2);
    assert_true(about(gyre_loop_time(loop), 0.15));
    assert_true(tasks[1]->unseen);
    assert_int_equal(gyre_future_exception(tasks[1]), -EDOM);
    drop(2);
}

/* test_tasks.py::BaseTaskTests::test_wait_with_timeout; S2, S3: no error, nothing is cancelled. */
static void test_timeout(void **state)
{
    struct nap naps[] = {{0.1, 0}, {0.15, 0}};

    make_naps(naps, 2);
    assert_int_equal(wait_for(2, GYRE_ALL_COMPLETED, 0.11), 1);
    assert_true(about(gyre_loop_time(loop), 0.11));
    assert_true(gyre_future_done(tasks[0]));
    assert_false(gyre_future_done(tasks[1]));
    assert_int_equal(gyre_task_cancelling(tasks[1]), 0);
    drop(2);
}

/* test_tasks.py::BaseTaskTests::test_wait_concurrent_complete: it ends in the turn of the timeout. */
static void test_done_at_the_timeout(void **state)
{
    struct nap naps[] = {{0.1, 0}, {0.15, 0}};

    make_naps(naps, 2);
    assert_int_equal(wait_for(2, GYRE_ALL_COMPLETED, 0.1), 1);
    assert_true(about(gyre_loop_time(loop), 0.1));
    assert_true(gyre_future_done(tasks[0]));
    drop(2);
}

/* S6: the timer goes with the wait, or was never there. */
static void test_timeout_that_is_not_needed(void **state)
{
    struct nap naps[] = {{0.1, 0}};
    double timeouts[] = {1000, INFINITY};

    for (int i = 0; i < 2; i++) {
        make_naps(naps, 1);
        assert_int_equal(wait_for(1, GYRE_ALL_COMPLETED, timeouts[i]), 1);
        assert_int_equal(pending_timers(), 0);
        drop(1);
    }
}

/* A negative timeout looks once. */
static void test_look_once(void **state)
{
    struct nap naps[] = {{0, 0}, {10, 0}};

    make_naps(naps, 2);
    assert_int_equal(wait_for(2, GYRE_ALL_COMPLETED, -1), 1);
    assert_true(about(gyre_loop_time(loop), 0));
    drop(2);
}

static int await_it(void *future)
{
    return gyre_await(future, NULL);
}

/* test_tasks.py::BaseTaskTests::test_task_cancel_waiter_future: what a task waits for is cancelled with it.
 */
static void test_cancel_what_is_waited_for(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);
    gyre_task *task;

    gyre_loop_create_task(loop, &task, await_it, future);
    run_once();
    assert_ptr_equal(((struct gyre__task *)task)->waiting, future);
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_null(((struct gyre__task *)task)->waiting);
    assert_true(gyre_future_cancelled(future));
    gyre_future_unref(future);
    gyre_future_unref(task);
}

static int prove(void *waiter)
{
    int err = gyre_await(waiter, NULL);

    note("proved");
    return err;
}

static int wait_for_proof(void *waiter)
{
    int err;

    gyre_create_task(&tasks[0], prove, waiter);
    err = gyre_wait(tasks, 1, .timeout = 1000);
    if (err >= 0)
        note("waited");
    return err;
}

/* test_tasks.py::BaseTaskTests::test_yield_wait_does_not_shield_cancel; S3: the wait is cancelled, what it
 * waits for is not, and no callback or timer stays behind. */
static void test_cancel_the_wait(void **state)
{
    gyre_future *waiter = gyre_loop_create_future(loop);
    gyre_task *task;

    gyre_loop_create_task(loop, &task, wait_for_proof, waiter);
    run_passes(2);
    assert_non_null(tasks[0]->callbacks);
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_null(tasks[0]->callbacks);
    assert_int_equal(pending_timers(), 0);
    gyre_future_set_result(waiter, NULL);
    run_once();
    assert_noted("proved");
    drop(1);
    gyre_future_unref(task);
    gyre_future_unref(waiter);
}

/* Completed in the turn in which the wait is cancelled: the late callback finds nobody. */
static void test_complete_and_cancel_together(void **state)
{
    struct terms terms = {2, GYRE_FIRST_COMPLETED, 0};
    gyre_task *task;

    for (int i = 0; i < 2; i++)
        tasks[i] = gyre_loop_create_future(loop);
    gyre_loop_create_task(loop, &task, wait_for_them, &terms);
    run_once();
    gyre_task_cancel(task);
    for (int i = 0; i < 2; i++)
        gyre_future_set_result(tasks[i], NULL);
    run_passes(3);
    assert_true(gyre_future_cancelled(task));
    for (int i = 0; i < 2; i++)
        gyre_future_unref(tasks[i]);
    gyre_future_unref(task);
}

static void wait_in_callback(void *arg)
{
    assert_int_equal(gyre_wait(tasks, 2), GYRE_EAWAIT);
}

/* Outside a task it drives the loop; a plain callback cannot wait. */
static void test_outside(void **state)
{
    struct nap naps[] = {{0.1, 0}, {0.2, 0}};

    make_naps(naps, 2);
    gyre_loop_call_soon(loop, wait_in_callback, NULL);
    assert_int_equal(gyre_wait(tasks, 2, .timeout = 0.05), 0);
    assert_int_equal(gyre_wait(tasks, 2, .return_when = GYRE_FIRST_COMPLETED), 1);
    drop(2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_all_completed),
        ON_SIM(test_list_is_read_once),
        ON_SIM(test_duplicates),
        ON_SIM(test_invalid),
        ON_SIM(test_first_completed),
        ON_SIM(test_really_done),
        ON_SIM(test_first_exception),
        ON_SIM(test_first_exception_that_never_comes),
        ON_SIM(test_exception),
        ON_SIM(test_timeout),
        ON_SIM(test_done_at_the_timeout),
        ON_SIM(test_timeout_that_is_not_needed),
        ON_SIM(test_look_once),
        ON_SIM(test_cancel_what_is_waited_for),
        ON_SIM(test_cancel_the_wait),
        ON_SIM(test_complete_and_cancel_together),
        ON_SIM(test_outside),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
