/* test_concurrent.c - a task on a loop, its result for any thread. */
#include "unit.h"

#include "loop/loop.h"
#include <semaphore.h>

static atomic_int releases;

static void release(void *arg)
{
    atomic_fetch_add(&releases, 1);
}

/* What a thread does with the loop, and what it saw. */
struct caller {
    gyre_coroutine fn;
    void *arg;
    double timeout;
    int code;
    int error;
    char text[64];
    bool cancelled;
};

static void *call(void *arg)
{
    struct caller *caller = arg;
    gyre_concurrent_future *future = NULL;

    caller->error = gyre_run_coroutine_threadsafe(loop, &future, caller->fn, caller->arg, .release = release,
                                                  .name = "foreign");
    if (!caller->error) {
        caller->code = gyre_concurrent_future_result(future, NULL, caller->timeout);
        snprintf(caller->text, sizeof caller->text, "%s", gyre_error_text());
        if (caller->code == -ETIMEDOUT)
            caller->cancelled = gyre_concurrent_future_cancel(future);
    }
    gyre_concurrent_future_unref(future);
    gyre_loop_call_soon_threadsafe(loop, stop_loop, loop);
    return NULL;
}

static void run_caller(struct caller *caller)
{
    pthread_t thread;

    atomic_store(&releases, 0);
    pthread_create(&thread, NULL, call, caller);
    gyre_loop_run_forever(loop);
    pthread_join(thread, NULL);
}

static int add_slowly(void *arg)
{
    int err = gyre_sleep(0.002);

    assert_string_equal(gyre_task_get_name(gyre_current_task()), "foreign");
    return err ? err : (int)(intptr_t)arg + 1;
}

/* test_tasks.py::RunCoroutineThreadsafeTests::test_run_coroutine_threadsafe; spec 13 S1 */
static void test_result(void **state)
{
    struct caller caller = {.fn = add_slowly, .arg = (void *)41, .timeout = INFINITY};

    run_caller(&caller);
    assert_int_equal(caller.error, 0);
    assert_int_equal(caller.code, 42);
    run_once();
    assert_int_equal(atomic_load(&releases), 1);
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 0);
}

static int raise_error(void *arg)
{
    return gyre_error_set(GYRE_EUSER - 5, "from the loop");
}

/* test_tasks.py::RunCoroutineThreadsafeTests::test_run_coroutine_threadsafe_with_exception */
static void test_exception(void **state)
{
    struct caller caller = {.fn = raise_error, .timeout = 60};

    run_caller(&caller);
    assert_int_equal(caller.code, GYRE_EUSER - 5);
    assert_string_equal(caller.text, "from the loop");
    run_once();
    assert_told(0, "");
}

static int sleep_long(void *arg)
{
    int err = gyre_sleep(1000);

    note(err == GYRE_ECANCELLED ? "cancelled" : "?");
    return err;
}

/* test_tasks.py::RunCoroutineThreadsafeTests::test_run_coroutine_threadsafe_with_timeout; S2: cancelling it
 * cancels the task. */
static void test_timeout_and_cancel(void **state)
{
    struct caller caller = {.fn = sleep_long, .timeout = 0.3};

    run_caller(&caller);
    assert_int_equal(caller.code, -ETIMEDOUT);
    assert_true(caller.cancelled);
    run_passes(5);
    assert_noted("cancelled");
    assert_int_equal(gyre_all_tasks(loop, NULL, 0), 0);
    assert_int_equal(atomic_load(&releases), 1);
}

static void cancel_all(void *arg)
{
    gyre_task *tasks[2];
    size_t count = gyre_all_tasks(loop, tasks, 2);

    for (size_t i = 0; i < count; i++) {
        gyre_task_cancel(tasks[i]);
        gyre_future_unref(tasks[i]);
    }
    if (count == 0)
        gyre_loop_call_later(loop, 0.001, cancel_all, NULL);
}

/* test_tasks.py::RunCoroutineThreadsafeTests::test_run_coroutine_threadsafe_task_cancelled */
static void test_the_task_is_cancelled(void **state)
{
    struct caller caller = {.fn = sleep_long, .timeout = 60};

    gyre_loop_call_later(loop, 0.001, cancel_all, NULL);
    run_caller(&caller);
    assert_int_equal(caller.code, GYRE_ECANCELLED);
}

static int note_it(void *word)
{
    note(word);
    return 0;
}

/* Cancelled before the loop has heard of it: it never starts. */
static void test_cancel_before_the_start(void **state)
{
    gyre_concurrent_future *future;

    atomic_store(&releases, 0);
    assert_int_equal(gyre_run_coroutine_threadsafe(loop, &future, note_it, "never", .release = release), 0);
    assert_false(gyre_concurrent_future_done(future));
    assert_int_equal(gyre_concurrent_future_result(future, NULL, 0), -ETIMEDOUT);
    assert_int_equal(gyre_concurrent_future_result(future, NULL, -1), -ETIMEDOUT);
    assert_true(gyre_concurrent_future_cancel(future));
    assert_true(gyre_concurrent_future_cancel(future));
    assert_true(gyre_concurrent_future_done(future));
    assert_true(gyre_concurrent_future_cancelled(future));
    assert_int_equal(gyre_concurrent_future_result(future, NULL, INFINITY), GYRE_ECANCELLED);
    run_passes(3);
    assert_noted("");
    assert_int_equal(atomic_load(&releases), 1);
    gyre_concurrent_future_unref(future);
}

static void test_cancel_when_done(void **state)
{
    gyre_concurrent_future *future;

    gyre_run_coroutine_threadsafe(loop, &future, note_it, "ran");
    run_passes(4);
    assert_noted("ran");
    assert_false(gyre_concurrent_future_cancel(future));
    assert_int_equal(gyre_concurrent_future_result(future, NULL, 0), 0);
    assert_ptr_equal(gyre_concurrent_future_ref(future), future);
    gyre_concurrent_future_unref(future);
    gyre_concurrent_future_unref(future);
    assert_null(gyre_concurrent_future_ref(NULL));
    gyre_concurrent_future_unref(NULL);
}

/* Nobody wants the future: the task runs all the same. */
static void test_without_a_future(void **state)
{
    gyre_concurrent_future *future;

    assert_int_equal(gyre_run_coroutine_threadsafe(loop, NULL, note_it, "one"), 0);
    gyre_run_coroutine_threadsafe(loop, &future, note_it, "two");
    gyre_concurrent_future_unref(future);
    run_passes(4);
    assert_noted("one two");
}

/* Closed before: refused, and arg is released. */
static void test_the_loop_is_closed(void **state)
{
    gyre_concurrent_future *future = NULL;

    atomic_store(&releases, 0);
    close_now();
    assert_int_equal(gyre_run_coroutine_threadsafe(loop, &future, note_it, NULL, .release = release),
                     GYRE_ELOOPCLOSED);
    assert_null(future);
    assert_int_equal(atomic_load(&releases), 1);
}

/* Closed while it is under way: whoever waits hears of it. */
static void test_the_loop_closes_before_the_start(void **state)
{
    gyre_concurrent_future *future;

    atomic_store(&releases, 0);
    gyre_run_coroutine_threadsafe(loop, &future, note_it, "never", .release = release);
    close_now();
    assert_int_equal(gyre_concurrent_future_result(future, NULL, INFINITY), GYRE_ELOOPCLOSED);
    assert_string_equal(gyre_error_text(), "Event loop is closed");
    assert_int_equal(atomic_load(&releases), 1);
    assert_false(gyre_concurrent_future_cancel(future));
    gyre_concurrent_future_unref(future);
    assert_noted("");
}

static sem_t begun;

static int begin_and_sleep(void *arg)
{
    sem_post(&begun);
    return gyre_sleep(1000);
}

static void *wait_for_result(void *arg)
{
    struct caller *caller = arg;
    gyre_concurrent_future *future;

    gyre_run_coroutine_threadsafe(loop, &future, caller->fn, NULL, .release = release);
    sem_wait(&begun);
    gyre_loop_call_soon_threadsafe(loop, stop_loop, loop);
    caller->code = gyre_concurrent_future_result(future, NULL, INFINITY);
    gyre_concurrent_future_cancel(future);
    gyre_concurrent_future_unref(future);
    return NULL;
}

static void test_the_loop_closes_while_it_runs(void **state)
{
    struct caller caller = {.fn = begin_and_sleep};
    pthread_t thread;

    sem_init(&begun, 0, 0);
    atomic_store(&releases, 0);
    pthread_create(&thread, NULL, wait_for_result, &caller);
    gyre_loop_run_forever(loop);
    close_now();
    pthread_join(thread, NULL);
    assert_int_equal(caller.code, GYRE_ECANCELLED);
    assert_int_equal(atomic_load(&releases), 1);
}

enum { CALLERS = 4, CALLS = 50 };

static int double_it(void *arg)
{
    int err = (intptr_t)arg % 3 ? 0 : gyre_sleep(0);

    return err ? err : 2 * (int)(intptr_t)arg;
}

static atomic_int callers_left;

static void *call_many(void *arg)
{
    for (intptr_t i = 0; i < CALLS; i++) {
        gyre_concurrent_future *future;
        int code;

        gyre_run_coroutine_threadsafe(loop, &future, double_it, (void *)i);
        if (i % 5 == 0)
            gyre_concurrent_future_cancel(future);
        code = gyre_concurrent_future_result(future, NULL, INFINITY);
        assert_true(code == 2 * i || (i % 5 == 0 && code == GYRE_ECANCELLED));
        gyre_concurrent_future_unref(future);
    }
    if (atomic_fetch_sub(&callers_left, 1) == 1)
        gyre_loop_call_soon_threadsafe(arg, stop_loop, arg);
    return NULL;
}

static void test_many_threads(void **state)
{
    pthread_t threads[CALLERS];

    atomic_store(&callers_left, CALLERS);
    for (int i = 0; i < CALLERS; i++)
        pthread_create(&threads[i], NULL, call_many, loop);
    gyre_loop_run_forever(loop);
    for (int i = 0; i < CALLERS; i++)
        pthread_join(threads[i], NULL);
}

static int refuse_task(gyre_loop *of, gyre_task **task, gyre_coroutine fn, void *arg,
                       const gyre_task_options *options)
{
    if (options->release)
        options->release(arg);
    return gyre_error_set(GYRE_EUSER - 7, "corrupted");
}

/* test_tasks.py::RunCoroutineThreadsafeTests::test_run_coroutine_threadsafe_task_factory_exception: the
 * thread hears of it, and the loop's handler too. */
static void test_the_factory_fails(void **state)
{
    struct caller caller = {.fn = add_slowly, .timeout = 60};

    gyre_loop_set_task_factory(loop, refuse_task);
    run_caller(&caller);
    assert_int_equal(caller.code, GYRE_EUSER - 7);
    assert_string_equal(caller.text, "corrupted");
    assert_int_equal(atomic_load(&releases), 1);
    assert_int_equal(told.exception, GYRE_EUSER - 7);
    assert_told(1, "A task for another thread could not be made");
}

static void *complete_later(void *arg)
{
    nap(0.005);
    assert_int_equal(gyre_concurrent_future_set_result(arg, "value"), 0);
    return NULL;
}

static void test_one_of_our_own(void **state)
{
    gyre_concurrent_future *future = gyre_concurrent_future_new();
    pthread_t thread;
    void *value = NULL;

    assert_false(gyre_concurrent_future_done(future));
    assert_int_equal(gyre_concurrent_future_exception(future, 0), -ETIMEDOUT);
    pthread_create(&thread, NULL, complete_later, future);
    assert_int_equal(gyre_concurrent_future_result(future, &value, INFINITY), 0);
    assert_string_equal(value, "value");
    pthread_join(thread, NULL);
    assert_true(gyre_concurrent_future_done(future));
    assert_int_equal(gyre_concurrent_future_exception(future, INFINITY), 0);
    assert_int_equal(gyre_concurrent_future_set_result(future, NULL), GYRE_EINVALIDSTATE);
    gyre_error_set(-EIO, "late");
    assert_int_equal(gyre_concurrent_future_set_exception(future, -EIO), GYRE_EINVALIDSTATE);
    assert_false(gyre_concurrent_future_cancel(future));
    assert_false(gyre_concurrent_future_cancelled(future));
    gyre_concurrent_future_unref(future);
}

static void test_an_exception_of_our_own(void **state)
{
    gyre_concurrent_future *future = gyre_concurrent_future_new();
    void *value = "untouched";

    assert_int_equal(gyre_concurrent_future_set_exception(future, 0), GYRE_ETYPE);
    gyre_error_set(-EIO, "its words");
    assert_int_equal(gyre_concurrent_future_set_exception(future, -EIO), 0);
    gyre_error_set(0, "others");
    assert_int_equal(gyre_concurrent_future_result(future, &value, INFINITY), -EIO);
    assert_string_equal(gyre_error_text(), "its words");
    assert_string_equal(value, "untouched");
    assert_int_equal(gyre_concurrent_future_exception(future, INFINITY), -EIO);
    gyre_concurrent_future_unref(future);
}

/* Once it runs it cannot be cancelled; once cancelled it does not run. */
static void test_running(void **state)
{
    gyre_concurrent_future *running = gyre_concurrent_future_new(), *other = gyre_concurrent_future_new();

    assert_false(gyre_concurrent_future_running(running));
    assert_int_equal(gyre_concurrent_future_set_running_or_notify_cancel(running), 1);
    assert_true(gyre_concurrent_future_running(running));
    assert_false(gyre_concurrent_future_cancel(running));
    assert_int_equal(gyre_concurrent_future_set_running_or_notify_cancel(running), GYRE_ERUNTIME);
    assert_int_equal(gyre_concurrent_future_set_result(running, NULL), 0);
    assert_false(gyre_concurrent_future_running(running));
    assert_true(gyre_concurrent_future_cancel(other));
    assert_int_equal(gyre_concurrent_future_set_running_or_notify_cancel(other), 0);
    assert_int_equal(gyre_concurrent_future_set_result(other, NULL), GYRE_EINVALIDSTATE);
    gyre_concurrent_future_unref(running);
    gyre_concurrent_future_unref(other);
}

static pthread_t called_on;

static void note_call(gyre_concurrent_future *future, void *word)
{
    assert_true(gyre_concurrent_future_done(future));
    called_on = pthread_self();
    note(word);
}

/* In order, on the thread that completes; later ones at once, here. */
static void test_callbacks(void **state)
{
    gyre_concurrent_future *future = gyre_concurrent_future_new();
    pthread_t thread;

    gyre_concurrent_future_add_done_callback(future, note_call, "first");
    gyre_concurrent_future_add_done_callback(future, note_call, "second", .release = note);
    pthread_create(&thread, NULL, complete_later, future);
    pthread_join(thread, NULL);
    assert_noted("first second second");
    assert_true(pthread_equal(called_on, thread));
    gyre_concurrent_future_add_done_callback(future, note_call, "third", .release = note);
    assert_noted("third third");
    assert_true(pthread_equal(called_on, pthread_self()));
    gyre_concurrent_future_unref(future);
}

static void test_callbacks_of_a_cancelled_one(void **state)
{
    gyre_concurrent_future *future = gyre_concurrent_future_new();

    gyre_concurrent_future_add_done_callback(future, note_call, "called");
    gyre_concurrent_future_cancel(future);
    gyre_concurrent_future_cancel(future);
    assert_noted("called");
    gyre_concurrent_future_unref(future);
}

/* Given up while pending: callbacks are released uncalled; a value goes with its future. */
static void test_what_it_holds_goes_with_it(void **state)
{
    gyre_concurrent_future *future = gyre_concurrent_future_new();

    gyre_concurrent_future_add_done_callback(future, note_call, "released", .release = note);
    gyre_concurrent_future_unref(future);
    assert_noted("released");
    future = gyre_concurrent_future_new();
    gyre_concurrent_future_set_result(future, "value", .release = note);
    assert_noted("");
    gyre_concurrent_future_unref(future);
    assert_noted("value");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_result),
        ON_LOOP(test_exception),
        ON_LOOP(test_timeout_and_cancel),
        ON_LOOP(test_the_task_is_cancelled),
        ON_LOOP(test_cancel_before_the_start),
        ON_LOOP(test_cancel_when_done),
        ON_LOOP(test_without_a_future),
        ON_LOOP(test_the_loop_is_closed),
        ON_LOOP(test_the_loop_closes_before_the_start),
        ON_LOOP(test_the_loop_closes_while_it_runs),
        ON_LOOP(test_many_threads),
        ON_LOOP(test_the_factory_fails),
        ON_LOOP(test_one_of_our_own),
        ON_LOOP(test_an_exception_of_our_own),
        ON_LOOP(test_running),
        ON_LOOP(test_callbacks),
        ON_LOOP(test_callbacks_of_a_cancelled_one),
        ON_LOOP(test_what_it_holds_goes_with_it),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
