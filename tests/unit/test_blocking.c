/* test_blocking.c - run_in_executor: to a thread and home again, whatever happens on the way. */
#include "unit.h"

#include "task/blocking.h"

/* A pool of one thread, and work that waits there until it is let go. */
static gyre_executor *pool;
static sem_t started, gate;
static atomic_int runs, releases;

static int open_pool(void **state)
{
    open_loop(state);
    pool = gyre_executor_new(.threads = 1, .queue_limit = 2);
    sem_init(&started, 0, 0);
    sem_init(&gate, 0, 0);
    atomic_store(&runs, 0);
    atomic_store(&releases, 0);
    return 0;
}

static int close_pool(void **state)
{
    int err = close_loop(state);

    sem_post(&gate);
    gyre_executor_shutdown(pool, true, false);
    gyre_executor_unref(pool);
    return err;
}

#define ON_POOL(test) cmocka_unit_test_setup_teardown(test, open_pool, close_pool)

static int answer(void *arg)
{
    atomic_fetch_add(&runs, 1);
    return (int)(intptr_t)arg;
}

static int wait_at_gate(void *arg)
{
    atomic_fetch_add(&runs, 1);
    sem_post(&started);
    sem_wait(&gate);
    return 11;
}

static void release(void *arg)
{
    atomic_fetch_add(&releases, 1);
}

static gyre_future *submit(gyre_blocking fn, void *arg)
{
    gyre_future *future = NULL;

    assert_int_equal(gyre_loop_run_in_executor(loop, &future, pool, fn, arg, .release = release), 0);
    return future;
}

/* Work that runs and waits for the gate. */
static gyre_future *occupy(void)
{
    gyre_future *future = submit(wait_at_gate, NULL);

    sem_wait(&started);
    return future;
}

static int fail_there(void *arg)
{
    return gyre_error_set(-EIO, "on the thread");
}

static pthread_t there;

static int note_thread(void *arg)
{
    there = pthread_self();
    return 0;
}

static pthread_t callback_on;

static void note_callback_thread(gyre_future *future, void *arg)
{
    callback_on = pthread_self();
}

/* test_events.py::EventLoopTestsMixin::test_run_in_executor; spec 13 S1, S2 */
static void test_result(void **state)
{
    gyre_future *future = submit(answer, (void *)42);

    assert_ptr_equal(gyre_future_get_loop(future), loop);
    assert_int_equal(gyre_await(future, NULL), 42);
    assert_int_equal(atomic_load(&releases), 1);
    gyre_future_unref(future);
    future = submit(fail_there, NULL);
    assert_int_equal(gyre_await(future, NULL), -EIO);
    assert_string_equal(gyre_error_text(), "on the thread");
    gyre_future_unref(future);
    future = submit(note_thread, NULL);
    gyre_future_add_done_callback(future, note_callback_thread, NULL);
    assert_int_equal(gyre_await(future, NULL), 0);
    assert_false(pthread_equal(there, pthread_self()));
    assert_true(pthread_equal(callback_on, pthread_self()));
    gyre_future_unref(future);
    assert_int_equal(atomic_load(&releases), 3);
}

/* The loop sleeps while the thread works, and is woken. */
static void *open_gate_later(void *arg)
{
    nap(0.01);
    sem_post(&gate);
    return NULL;
}

static void test_the_loop_sleeps_meanwhile(void **state)
{
    gyre_future *future = occupy();
    gyre_loop_stats stats;
    pthread_t thread;

    pthread_create(&thread, NULL, open_gate_later, NULL);
    assert_int_equal(gyre_await(future, NULL), 11);
    pthread_join(thread, NULL);
    gyre_loop_get_stats(loop, &stats);
    assert_true(stats.turns < 20);
    gyre_future_unref(future);
}

/* Nobody keeps the future: the outcome is dropped, a failure is reported. */
static void test_nobody_waits(void **state)
{
    assert_int_equal(gyre_loop_run_in_executor(loop, NULL, pool, answer, (void *)1, .release = release), 0);
    assert_int_equal(gyre_loop_run_in_executor(loop, NULL, pool, fail_there, NULL, .release = release), 0);
    while (atomic_load(&releases) < 2) {
        gyre_loop_call_later(loop, 0.001, stop_loop, NULL);
        gyre_loop_run_forever(loop);
    }
    assert_int_equal(atomic_load(&runs), 1);
    assert_string_equal(told.text, "on the thread");
    assert_told(1, "Future exception was never retrieved");
}

/* test_events.py::EventLoopTestsMixin::test_run_in_executor_cancel; S4: what has not begun is dropped. */
static void test_cancel_before_it_begins(void **state)
{
    gyre_future *first = occupy(), *second = submit(answer, NULL);

    assert_true(gyre_future_cancel(second));
    assert_true(gyre_future_cancelled(second));
    assert_int_equal(atomic_load(&releases), 1);
    assert_false(gyre_future_cancel(second));
    sem_post(&gate);
    assert_int_equal(gyre_await(first, NULL), 11);
    gyre_future_unref(first);
    gyre_future_unref(second);
    assert_int_equal(gyre_executor_shutdown(pool, true, false), 0);
    assert_int_equal(atomic_load(&runs), 1);
    assert_int_equal(atomic_load(&releases), 2);
}

/* S4: what runs goes on, and its result is dropped in silence. */
static void test_cancel_while_it_runs(void **state)
{
    gyre_future *future = occupy(), *next;

    assert_true(gyre_future_cancel(future));
    assert_true(gyre_future_cancelled(future));
    assert_int_equal(atomic_load(&releases), 0);
    gyre_future_unref(future);
    sem_post(&gate);
    next = submit(answer, (void *)3);
    assert_int_equal(gyre_await(next, NULL), 3);
    gyre_future_unref(next);
    assert_int_equal(atomic_load(&releases), 2);
    assert_told(0, "");
}

static int await_work(void *future)
{
    return gyre_await(future, NULL);
}

static void test_the_awaiting_task_is_cancelled(void **state)
{
    gyre_future *future = occupy();
    gyre_task *task;

    gyre_loop_create_task(loop, &task, await_work, future);
    run_once();
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_true(gyre_future_cancelled(future));
    gyre_future_unref(task);
    gyre_future_unref(future);
}

/* S5, T23: the loop is closed and gone while the work runs; queued work is dropped; nothing is touched late.
 */
static void test_the_loop_closes_under_it(void **state)
{
    gyre_future *running = occupy(), *queued = submit(answer, NULL);

    close_now();
    assert_int_equal(atomic_load(&releases), 1);
    assert_false(gyre_future_done(running));
    assert_false(gyre_future_done(queued));
    gyre_future_unref(running);
    gyre_future_unref(queued);
    gyre_loop_unref(loop);
    loop = open_witnessed();
    gyre_set_event_loop(loop);
    sem_post(&gate);
    gyre_executor_shutdown(pool, true, false);
    assert_int_equal(atomic_load(&runs), 1);
    assert_int_equal(atomic_load(&releases), 2);
}

/* The result lies in the inbox, or in the ready queue, when the loop closes. */
static void test_the_loop_closes_before_it_came_home(void **state)
{
    gyre_future *future = submit(answer, NULL);

    while (!gyre__inbox_pending(loop->inbox))
        nap(0.0005);
    close_now();
    assert_false(gyre_future_done(future));
    assert_int_equal(atomic_load(&releases), 1);
    /* Its work is gone; the future is any future. */
    assert_true(gyre_future_cancel(future));
    gyre_future_unref(future);
}

static void test_in_the_ready_queue_at_close(void **state)
{
    gyre_future *future = submit(answer, NULL);

    while (!gyre__inbox_pending(loop->inbox))
        nap(0.0005);
    run_once();
    assert_false(gyre_future_done(future));
    close_now();
    assert_int_equal(atomic_load(&releases), 1);
    gyre_future_unref(future);
}

/* Bounded: the queue has a place or says so, and arg is released. */
static void test_the_queue_is_full(void **state)
{
    gyre_future *futures[3], *none = NULL;

    futures[0] = occupy();
    futures[1] = submit(answer, (void *)1);
    futures[2] = submit(answer, (void *)2);
    assert_int_equal(gyre_loop_run_in_executor(loop, &none, pool, answer, NULL, .release = release),
                     GYRE_EQUEUEFULL);
    assert_null(none);
    assert_int_equal(atomic_load(&releases), 1);
    sem_post(&gate);
    assert_int_equal(gyre_await(futures[2], NULL), 2);
    for (int i = 0; i < 3; i++)
        gyre_future_unref(futures[i]);
}

/* S6 and close: refused, released, output untouched. */
static void test_refused(void **state)
{
    gyre_future *none = NULL;

    gyre_executor_shutdown(pool, true, false);
    assert_int_equal(gyre_loop_run_in_executor(loop, &none, pool, answer, NULL, .release = release),
                     GYRE_ESHUTDOWN);
    close_now();
    assert_int_equal(gyre_loop_run_in_executor(loop, &none, pool, answer, NULL, .release = release),
                     GYRE_ELOOPCLOSED);
    assert_null(none);
    assert_int_equal(atomic_load(&releases), 2);
    assert_int_equal(atomic_load(&runs), 0);
}

/* concurrent.futures: shutdown(cancel_futures=True) cancels the futures of what was queued. */
static void test_dropped_by_the_executor(void **state)
{
    gyre_future *running = occupy(), *queued = submit(answer, NULL);

    gyre_executor_shutdown(pool, false, true);
    assert_int_equal(gyre_await(queued, NULL), GYRE_ECANCELLED);
    assert_true(gyre_future_cancelled(queued));
    assert_int_equal(atomic_load(&releases), 1);
    sem_post(&gate);
    assert_int_equal(gyre_await(running, NULL), 11);
    gyre_future_unref(running);
    gyre_future_unref(queued);
    assert_int_equal(atomic_load(&runs), 1);
}

/* Somebody completes the future himself: the thread's outcome is dropped. */
static void test_completed_by_hand(void **state)
{
    gyre_future *future = occupy(), *next;
    void *value;

    assert_int_equal(gyre_future_set_result(future, "mine"), 0);
    sem_post(&gate);
    next = submit(answer, NULL);
    assert_int_equal(gyre_await(next, NULL), 0);
    assert_int_equal(gyre_future_result(future, &value), 0);
    assert_string_equal(value, "mine");
    gyre_future_unref(future);
    gyre_future_unref(next);
}

static void test_many(void **state)
{
    gyre_executor *wide = gyre_executor_new(.threads = 4);
    gyre_future *futures[300];

    for (intptr_t i = 0; i < 300; i++)
        assert_int_equal(gyre_loop_run_in_executor(loop, &futures[i], wide, answer, (void *)i), 0);
    for (int i = 0; i < 300; i += 7)
        gyre_future_cancel(futures[i]);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(gyre_await(futures[i], NULL), i % 7 ? i : GYRE_ECANCELLED);
        gyre_future_unref(futures[i]);
    }
    gyre_executor_shutdown(wide, true, false);
    gyre_executor_unref(wide);
}

static void stop_when_done(gyre_future *future, void *arg)
{
    note("done");
    gyre_loop_stop(loop);
}

/* A loop that never had a task. */
static void test_a_callback_alone(void **state)
{
    gyre_future *future = submit(answer, NULL);

    gyre_future_add_done_callback(future, stop_when_done, NULL);
    gyre_loop_run_forever(loop);
    gyre_future_unref(future);
    assert_noted("done");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_POOL(test_result),
        ON_POOL(test_the_loop_sleeps_meanwhile),
        ON_POOL(test_nobody_waits),
        ON_POOL(test_cancel_before_it_begins),
        ON_POOL(test_cancel_while_it_runs),
        ON_POOL(test_the_awaiting_task_is_cancelled),
        ON_POOL(test_the_loop_closes_under_it),
        ON_POOL(test_the_loop_closes_before_it_came_home),
        ON_POOL(test_in_the_ready_queue_at_close),
        ON_POOL(test_the_queue_is_full),
        ON_POOL(test_refused),
        ON_POOL(test_dropped_by_the_executor),
        ON_POOL(test_completed_by_hand),
        ON_POOL(test_many),
        ON_POOL(test_a_callback_alone),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
