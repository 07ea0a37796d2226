/* test_default_executor.c - the loop's own pool: made when needed, replaced, shut down. */
#include "unit.h"

#include "task/blocking.h"

static atomic_int runs;
static sem_t started, gate;

static int open_gates(void **state)
{
    sem_init(&started, 0, 0);
    sem_init(&gate, 0, 0);
    atomic_store(&runs, 0);
    return open_loop(state);
}

#define ON_GATES(test) cmocka_unit_test_setup_teardown(test, open_gates, close_loop)

static int answer(void *arg)
{
    atomic_fetch_add(&runs, 1);
    return (int)(intptr_t)arg;
}

static int wait_at_gate(void *arg)
{
    sem_post(&started);
    sem_wait(&gate);
    atomic_fetch_add(&runs, 1);
    return 0;
}

static int name_of_thread(void *arg)
{
    return pthread_getname_np(pthread_self(), arg, 16);
}

static gyre_future *submit(gyre_executor *executor, gyre_blocking fn, void *arg)
{
    gyre_future *future = NULL;

    assert_int_equal(gyre_loop_run_in_executor(loop, &future, executor, fn, arg), 0);
    return future;
}

static int run(gyre_executor *executor, gyre_blocking fn, void *arg)
{
    gyre_future *future = submit(executor, fn, arg);
    int code = gyre_await(future, NULL);

    gyre_future_unref(future);
    return code;
}

/* Spec 13 S3; uv:test_base.py::_TestBase::test_thread_name_prefix_in_default_executor */
static void test_made_at_the_first_use(void **state)
{
    char name[16] = "";
    gyre_executor *executor;

    assert_int_equal(run(NULL, name_of_thread, name), 0);
    assert_int_equal(strncmp(name, "asyncio", 7), 0);
    executor = gyre_loop_get_default_executor(loop);
    assert_non_null(executor);
    assert_ptr_equal(gyre_loop_get_default_executor(loop), executor);
}

/* test_base_events.py::BaseEventLoopTests::test_set_default_executor,
 * test_base_events.py::BaseEventLoopTests::test_set_default_executor_error */
static void test_replaced(void **state)
{
    gyre_executor *mine = gyre_executor_new(.name = "mine", .threads = 1);
    char name[16] = "";

    assert_int_equal(run(NULL, answer, NULL), 0);
    assert_int_equal(gyre_loop_set_default_executor(loop, NULL), GYRE_ETYPE);
    assert_int_equal(gyre_loop_set_default_executor(loop, mine), 0);
    assert_ptr_equal(gyre_loop_get_default_executor(loop), mine);
    assert_int_equal(run(NULL, name_of_thread, name), 0);
    assert_int_equal(strncmp(name, "mine", 4), 0);
    close_now();
    assert_null(gyre_loop_get_default_executor(loop));
    /* Others may use it: a closed loop only lets go of it. */
    gyre_loop_unref(loop);
    open_loop(state);
    assert_int_equal(run(mine, answer, (void *)5), 5);
    gyre_executor_shutdown(mine, true, false);
    gyre_executor_unref(mine);
}

/* Replaced by itself: nothing changes. */
static void test_replaced_by_itself(void **state)
{
    assert_int_equal(run(NULL, answer, NULL), 0);
    assert_int_equal(gyre_loop_set_default_executor(loop, gyre_loop_get_default_executor(loop)), 0);
    assert_int_equal(run(NULL, answer, (void *)4), 4);
}

static void test_set_on_a_closed_loop(void **state)
{
    gyre_executor *mine = gyre_executor_new(.threads = 1);

    close_now();
    gyre_loop_set_default_executor(loop, mine);
    assert_null(gyre_loop_get_default_executor(loop));
    gyre_executor_unref(mine);
}

static int open_gate_later(void *arg)
{
    nap(0.01);
    sem_post(&gate);
    return 0;
}

static int shut_down(void *timeout)
{
    return gyre_loop_shutdown_default_executor(loop, *(double *)timeout);
}

/* uv:test_base.py::_TestBase::test_shutdown_default_executor; spec 2, S1, S2; T5 */
static void test_shutdown(void **state)
{
    double timeout = INFINITY;
    gyre_future *future = submit(NULL, wait_at_gate, NULL), *none = NULL;

    sem_wait(&started);
    gyre_future_unref(submit(NULL, open_gate_later, NULL));
    assert_int_equal(run_main(shut_down, &timeout), 0);
    assert_int_equal(atomic_load(&runs), 1);
    assert_true(gyre_future_done(future));
    assert_int_equal(gyre_loop_run_in_executor(loop, &none, NULL, answer, NULL), GYRE_ESHUTDOWN);
    assert_string_equal(gyre_error_text(), "Executor shutdown has been called");
    assert_int_equal(gyre_to_thread(answer, NULL), GYRE_ESHUTDOWN);
    assert_null(gyre_loop_get_default_executor(loop));
    assert_int_equal(run_main(shut_down, &timeout), 0);
    gyre_future_unref(future);
}

/* test_base_events.py::BaseEventLoopTests::test_shutdown_default_executor_timeout; S3 */
static void test_shutdown_timeout(void **state)
{
    double timeout = 0.005;
    gyre_future *future = submit(NULL, wait_at_gate, NULL);

    sem_wait(&started);
    assert_int_equal(run_main(shut_down, &timeout), -ETIMEDOUT);
    assert_told(1, "The executor did not finish joining its threads within its time limit.");
    assert_false(gyre_future_done(future));
    sem_post(&gate);
    assert_int_equal(gyre_await(future, NULL), 0);
    gyre_future_unref(future);
}

/* Outside a task it drives the loop; nothing was ever made: nothing to do. */
static void test_shutdown_outside(void **state)
{
    assert_int_equal(gyre_loop_shutdown_default_executor(loop, INFINITY), 0);
    assert_int_equal(gyre_loop_run_in_executor(loop, NULL, NULL, answer, NULL), GYRE_ESHUTDOWN);
}

/* It waits for the default executor's jobs, not for those of others. */
static void test_shutdown_waits_for_its_own(void **state)
{
    gyre_executor *other = gyre_executor_new(.threads = 1);
    gyre_future *future = submit(other, wait_at_gate, NULL);

    sem_wait(&started);
    assert_int_equal(run(NULL, answer, NULL), 0);
    assert_int_equal(gyre_loop_shutdown_default_executor(loop, 30), 0);
    assert_false(gyre_future_done(future));
    sem_post(&gate);
    assert_int_equal(gyre_await(future, NULL), 0);
    gyre_future_unref(future);
    /* Others still work. */
    assert_int_equal(run(other, answer, (void *)9), 9);
    gyre_executor_shutdown(other, true, false);
    gyre_executor_unref(other);
}

/* A pool that two loops share: each waits for its own jobs, and leaves the pool to the other. */
static void test_shutdown_of_a_shared_pool(void **state)
{
    gyre_executor *shared = gyre_executor_new(.threads = 2);
    gyre_loop *other = open_witnessed(), *mine = loop;
    gyre_future *future;

    gyre_loop_set_default_executor(mine, shared);
    gyre_loop_set_default_executor(other, shared);
    loop = other;
    future = submit(NULL, wait_at_gate, NULL);
    sem_wait(&started);
    loop = mine;
    gyre_future_unref(submit(NULL, answer, NULL));
    assert_int_equal(gyre_loop_shutdown_default_executor(mine, 30), 0);
    assert_int_equal(atomic_load(&runs), 1);
    assert_int_equal(gyre_loop_run_in_executor(mine, NULL, NULL, answer, NULL), GYRE_ESHUTDOWN);
    sem_post(&gate);
    assert_int_equal(gyre_loop_run_until_complete(other, future, NULL), 0);
    gyre_future_unref(future);
    assert_int_equal(gyre_loop_shutdown_default_executor(other, 30), 0);
    gyre_loop_close(other);
    gyre_loop_unref(other);
    assert_int_equal(run(shared, answer, (void *)6), 6);
    gyre_executor_shutdown(shared, true, false);
    gyre_executor_unref(shared);
}

/* The shutdown is cancelled: the code, and the executor is let go all the same. */
static void test_shutdown_is_cancelled(void **state)
{
    double timeout = INFINITY;
    gyre_future *future = submit(NULL, wait_at_gate, NULL);
    gyre_task *task;

    sem_wait(&started);
    gyre_loop_create_task(loop, &task, shut_down, &timeout);
    run_passes(2);
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    sem_post(&gate);
    assert_int_equal(gyre_await(future, NULL), 0);
    gyre_future_unref(future);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_GATES(test_made_at_the_first_use),
        ON_GATES(test_replaced),
        ON_GATES(test_replaced_by_itself),
        ON_GATES(test_set_on_a_closed_loop),
        ON_GATES(test_shutdown),
        ON_GATES(test_shutdown_timeout),
        ON_GATES(test_shutdown_outside),
        ON_GATES(test_shutdown_waits_for_its_own),
        ON_GATES(test_shutdown_of_a_shared_pool),
        ON_GATES(test_shutdown_is_cancelled),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
