/* test_thread.c - to_thread: it comes back when the thread is done with the arg, and not before. */
#include "unit.h"

#include <semaphore.h>

static sem_t started, gate;
static atomic_int runs;

static int open_gates(void **state)
{
    sem_init(&started, 0, 0);
    sem_init(&gate, 0, 0);
    atomic_store(&runs, 0);
    return open_loop(state);
}

#define ON_GATES(test) cmocka_unit_test_setup_teardown(test, open_gates, close_loop)

static int add_one(void *arg)
{
    atomic_fetch_add(&runs, 1);
    ++*(int *)arg;
    return *(int *)arg;
}

static int use_thread(void *arg)
{
    int number = 40;

    assert_int_equal(gyre_to_thread(add_one, &number), 41);
    return number;
}

/* test_threads.py::ToThreadTests::test_to_thread, test_threads.py::ToThreadTests::test_to_thread_once,
 * test_threads.py::ToThreadTests::test_to_thread_args_kwargs: the arg may lie on the caller's stack. */
static void test_result(void **state)
{
    int number = 1;

    assert_int_equal(run_main(use_thread, NULL), 41);
    assert_int_equal(atomic_load(&runs), 1);
    /* Outside a task it drives the loop. */
    assert_int_equal(gyre_to_thread(add_one, &number), 2);
    assert_int_equal(number, 2);
}

static int raise_there(void *arg)
{
    return gyre_error_set(-EIO, "there");
}

static int hear_it(void *arg)
{
    int err = gyre_to_thread(raise_there, NULL);

    note((void *)gyre_error_text());
    return err;
}

/* test_threads.py::ToThreadTests::test_to_thread_exception */
static void test_exception(void **state)
{
    assert_int_equal(run_main(hear_it, NULL), -EIO);
    assert_noted("there");
}

/* test_threads.py::ToThreadTests::test_to_thread_concurrent */
static void test_concurrent(void **state)
{
    gyre_task *tasks[10];

    for (int i = 0; i < 10; i++)
        gyre_loop_create_task(loop, &tasks[i], use_thread, NULL);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(gyre_await(tasks[i], NULL), 41);
        gyre_future_unref(tasks[i]);
    }
    assert_int_equal(atomic_load(&runs), 10);
}

static int write_late(void *arg)
{
    sem_post(&started);
    sem_wait(&gate);
    *(int *)arg = 99;
    return 0;
}

static int lend_stack(void *seen)
{
    int local = 1, err = gyre_to_thread(write_late, &local);

    *(int *)seen = local;
    return err;
}

static void let_go(void *arg)
{
    sem_post(&gate);
}

/* Cancelled while it runs: it comes back, with the code, only when fn has ended. */
static void test_cancel_while_it_runs(void **state)
{
    gyre_task *task;
    int seen = 0;

    gyre_loop_create_task(loop, &task, lend_stack, &seen);
    run_once();
    sem_wait(&started);
    assert_true(gyre_task_cancel(task));
    assert_true(gyre_task_cancel(task));
    run_passes(3);
    assert_false(gyre_future_done(task));
    gyre_loop_call_later(loop, 0.002, let_go, NULL);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_int_equal(seen, 99);
    gyre_future_unref(task);
}

static int call_add(void *arg)
{
    return gyre_to_thread(add_one, arg);
}

/* Cancelled before it began: fn never runs. */
static void test_cancel_before_it_begins(void **state)
{
    gyre_executor *narrow = gyre_executor_new(.threads = 1);
    gyre_task *first, *second;
    int seen = 0, number = 0;

    gyre_loop_set_default_executor(loop, narrow);
    gyre_loop_create_task(loop, &first, lend_stack, &seen);
    gyre_loop_create_task(loop, &second, call_add, &number);
    run_once();
    sem_wait(&started);
    gyre_task_cancel(second);
    assert_int_equal(gyre_await(second, NULL), GYRE_ECANCELLED);
    sem_post(&gate);
    assert_int_equal(gyre_await(first, NULL), 0);
    assert_int_equal(number, 0);
    gyre_future_unref(first);
    gyre_future_unref(second);
    gyre_executor_shutdown(narrow, true, false);
    gyre_executor_unref(narrow);
}

static void *open_gate_later(void *arg)
{
    nap(0.01);
    sem_post(&gate);
    return NULL;
}

/* The loop closes while it runs: even then the stack is lent until fn has ended. */
static void test_the_loop_closes_under_it(void **state)
{
    pthread_t thread;
    gyre_task *task;
    int seen = 0;

    gyre_loop_create_task(loop, &task, lend_stack, &seen);
    run_once();
    sem_wait(&started);
    pthread_create(&thread, NULL, open_gate_later, NULL);
    close_now();
    assert_int_equal(seen, 99);
    assert_int_equal(gyre_future_result(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    pthread_join(thread, NULL);
}

static void call_in_callback(void *arg)
{
    int number = 0;

    assert_int_equal(gyre_to_thread(add_one, &number), GYRE_EAWAIT);
    assert_int_equal(number, 0);
    note("refused");
}

/* A plain callback cannot wait: nothing is started. */
static void test_in_a_plain_callback(void **state)
{
    gyre_loop_call_soon(loop, call_in_callback, NULL);
    run_once();
    assert_noted("refused");
    assert_int_equal(gyre_loop_shutdown_default_executor(loop, INFINITY), 0);
    assert_int_equal(atomic_load(&runs), 0);
}

static int nap_there(void *arg)
{
    atomic_fetch_add(&runs, 1);
    nap(0.003);
    return 7;
}

static int call_nap(void *arg)
{
    return gyre_to_thread(nap_there, NULL);
}

/* The first runs, the second is queued, the others wait for a place. */
static int cancel_one_of_four(void *arg)
{
    gyre_task *tasks[4];

    for (int i = 0; i < 4; i++)
        assert_int_equal(gyre_create_task(&tasks[i], call_nap, NULL), 0);
    assert_int_equal(gyre_sleep(0), 0);
    gyre_task_cancel(tasks[2]);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(gyre_await(tasks[i], NULL), i == 2 ? GYRE_ECANCELLED : 7);
        gyre_future_unref(tasks[i]);
    }
    return 0;
}

/* When the queue is full it waits its turn; one that waits and is cancelled takes nobody along. */
static void test_the_queue_is_full(void **state)
{
    gyre_executor *narrow = gyre_executor_new(.threads = 1, .queue_limit = 1);

    assert_int_equal(gyre_loop_set_default_executor(loop, narrow), 0);
    assert_int_equal(run_main(cancel_one_of_four, NULL), 0);
    assert_int_equal(atomic_load(&runs), 3);
    assert_int_equal(gyre_executor_shutdown(narrow, true, false), 0);
    gyre_executor_unref(narrow);
}

struct blocker {
    gyre_job job;
    sem_t done;
};

static void block(gyre_job *job)
{
    sem_post(&started);
    sem_wait(&gate);
}

static void blocked(gyre_job *job)
{
    sem_post(&((struct blocker *)job->arg)->done);
}

/* The queue is full of the jobs of others: it looks again. */
static void test_others_have_filled_the_queue(void **state)
{
    gyre_executor *narrow = gyre_executor_new(.threads = 1, .queue_limit = 1);
    struct blocker blockers[2];
    int number = 0;

    gyre_loop_set_default_executor(loop, narrow);
    for (int i = 0; i < 2; i++) {
        blockers[i].job = (gyre_job){.fn = block, .done = blocked, .arg = &blockers[i]};
        sem_init(&blockers[i].done, 0, 0);
        assert_int_equal(gyre_executor_submit(narrow, &blockers[i].job), 0);
        if (i == 0)
            sem_wait(&started);
    }
    gyre_loop_call_later(loop, 0.003, let_go, NULL);
    gyre_loop_call_later(loop, 0.006, let_go, NULL);
    assert_int_equal(run_main(call_add, &number), 1);
    for (int i = 0; i < 2; i++)
        sem_wait(&blockers[i].done);
    gyre_executor_shutdown(narrow, true, false);
    gyre_executor_unref(narrow);
}

static gyre_context_var colour = {.name = "colour", .default_value = "none"};

static int look_at_colour(void *seen)
{
    *(const char **)seen = gyre_context_var_get(&colour);
    gyre_context_var_set(&colour, "changed");
    return 0;
}

static int carry_colour(void *arg)
{
    const char *seen = NULL;

    gyre_context_var_set(&colour, "red");
    assert_int_equal(gyre_to_thread(look_at_colour, &seen), 0);
    assert_string_equal(seen, "red");
    assert_string_equal(gyre_context_var_get(&colour), "red");
    return 0;
}

static int look_without_context(void *arg)
{
    gyre_future *future;
    const char *seen = NULL;

    gyre_context_var_set(&colour, "red");
    gyre_loop_run_in_executor(loop, &future, NULL, look_at_colour, &seen);
    assert_int_equal(gyre_await(future, NULL), 0);
    gyre_future_unref(future);
    assert_string_equal(seen, "none");
    return 0;
}

/* test_threads.py::ToThreadTests::test_to_thread_contextvars: a copy goes along; with run_in_executor none.
 */
static void test_context(void **state)
{
    assert_int_equal(run_main(carry_colour, NULL), 0);
    assert_int_equal(run_main(look_without_context, NULL), 0);
}

static int carry_colour_inline(void *arg)
{
    carry_colour(NULL);
    return look_without_context(NULL);
}

/* The same where work is done without threads. */
static void test_context_inline(void **state)
{
    gyre_loop *threaded = loop;

    loop = gyre_loop_new(.executor_inline = GYRE_YES);
    assert_int_equal(run_main(carry_colour_inline, NULL), 0);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    loop = threaded;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_GATES(test_result),
        ON_GATES(test_exception),
        ON_GATES(test_concurrent),
        ON_GATES(test_cancel_while_it_runs),
        ON_GATES(test_cancel_before_it_begins),
        ON_GATES(test_the_loop_closes_under_it),
        ON_GATES(test_in_a_plain_callback),
        ON_GATES(test_the_queue_is_full),
        ON_GATES(test_others_have_filled_the_queue),
        ON_GATES(test_context),
        ON_GATES(test_context_inline),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
