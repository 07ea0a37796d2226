/* test_cancel.c - requests to end: what they say, how they are counted, how far they reach. */
#include "unit.h"

#include "task/task.h"
#include <gyre/future.h>

static int sleep_long(void *arg)
{
    return gyre_sleep(1000);
}

static int await_it(void *future)
{
    return gyre_await(future, NULL);
}

static gyre_task *start(gyre_coroutine fn, void *arg)
{
    gyre_task *task;

    assert_int_equal(gyre_loop_create_task(loop, &task, fn, arg), 0);
    return task;
}

static void assert_cancelled_with(gyre_future *future, const char *words)
{
    assert_true(gyre_future_cancelled(future));
    assert_int_equal(gyre_future_result(future, NULL), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), words);
    assert_int_equal(gyre_future_exception(future), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), words);
}

static void test_a_futures_message(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    assert_true(gyre_future_cancel(future, .msg = "no need"));
    assert_false(gyre_future_cancel(future, .msg = "again"));
    assert_cancelled_with(future, "no need");
    gyre_future_unref(future);
}

static void test_no_message(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_error_set(-EIO, "something else");
    gyre_future_cancel(future);
    assert_cancelled_with(future, "");
    gyre_future_unref(future);
}

/* The message of a cancel comes out of the wait, out of the task, and out of whoever awaits it. */
static int hear_why(void *arg)
{
    int err = gyre_sleep(1000);

    assert_int_equal(err, GYRE_ECANCELLED);
    note((void *)gyre_error_text());
    return err;
}

/* test_tasks.py::BaseTaskTests::test_cancel_with_message_then_future_result */
static void test_message_comes_out_of_the_wait(void **state)
{
    gyre_task *inner = start(hear_why, NULL), *outer = start(await_it, inner);

    run_passes(2);
    gyre_task_cancel(outer, .msg = "hurry");
    assert_int_equal(gyre_loop_run_until_complete(loop, outer, NULL), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), "hurry");
    assert_noted("hurry");
    assert_cancelled_with(inner, "hurry");
    assert_cancelled_with(outer, "hurry");
    gyre_future_unref(inner);
    gyre_future_unref(outer);
}

/* test_tasks.py::BaseTaskTests::test_cancel_with_message_then_future_exception */
static void test_the_message_that_woke_it_speaks(void **state)
{
    gyre_task *task = start(hear_why, NULL);

    run_once();
    gyre_task_cancel(task, .msg = "first");
    gyre_task_cancel(task, .msg = "second");
    assert_int_equal(gyre_task_cancelling(task), 2);
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), GYRE_ECANCELLED);
    assert_noted("first");
    gyre_future_unref(task);
}

/* test_tasks.py::BaseTaskTests::test_cancel_with_message_before_starting_task */
static void test_message_before_the_start(void **state)
{
    gyre_task *task = start(hear_why, NULL);

    gyre_task_cancel(task, .msg = "never mind");
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), GYRE_ECANCELLED);
    assert_cancelled_with(task, "never mind");
    assert_noted("");
    gyre_future_unref(task);
}

static int cancel_itself_and_return(void *arg)
{
    gyre_task_cancel(gyre_current_task(), .msg = "myself");
    return 5;
}

static void test_message_of_a_task_that_returns_first(void **state)
{
    gyre_task *task = start(cancel_itself_and_return, NULL);

    gyre_loop_run_until_complete(loop, task, NULL);
    assert_cancelled_with(task, "myself");
    gyre_future_unref(task);
}

/* test_tasks.py::BaseTaskTests::test_task_cancel_sleeping_task */
static int cancel_one_that_sleeps(void *arg)
{
    double start_time = gyre_loop_time(loop);
    gyre_task *task = start(sleep_long, NULL);

    gyre_sleep(0.1);
    assert_true(gyre_task_cancel(task));
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_true(gyre_loop_time(loop) - start_time < 0.2);
    gyre_future_unref(task);
    return 0;
}

static void test_a_sleep_ends_early(void **state)
{
    gyre_loop_stats stats;

    assert_int_equal(run_main(cancel_one_that_sleeps, NULL), 0);
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.timers, 0);
}

/* test_tasks.py::BaseTaskTests::test_error_in_call_soon: a task whose first step cannot be scheduled is none.
 */
static void test_no_task_where_nothing_is_scheduled(void **state)
{
    gyre_task *task = NULL;
    int released = 0;

    close_now();
    assert_int_equal(gyre_loop_create_task(loop, &task, sleep_long, &released, .release = count_release),
                     GYRE_ELOOPCLOSED);
    assert_null(task);
    assert_int_equal(released, 1);
}

/* A deadline by hand, as timeout() is built: it cancels, and takes its cancel back. */
struct block {
    double sleep, limit;          /* what is done, and for how long at most */
    bool struck, finished, after; /* the limit did, the work ended, the code behind it ran */
    gyre_task *task;              /* inside it */
};

static void strike(void *arg)
{
    struct block *block = arg;

    block->struck = true;
    gyre_task_cancel(block->task);
}

static int run_block(struct block *block)
{
    gyre_handle timer = gyre_loop_call_later(loop, block->limit, strike, block);
    int err = gyre_sleep(block->sleep);

    block->finished = !err;
    gyre_handle_cancel(&timer);
    if (block->struck && gyre_task_uncancel(block->task) == 0 && err == GYRE_ECANCELLED)
        return -ETIMEDOUT;
    return err;
}

static int run_in_block(void *arg)
{
    struct block *block = arg;
    int err;

    block->task = gyre_current_task();
    err = run_block(block);
    if (err == GYRE_ECANCELLED)
        return err;
    err = gyre_sleep(0.1);
    block->after = !err;
    return err;
}

/* test_tasks.py::BaseTaskTests::test_uncancel_structured_blocks: who cancelled is told by the count. */
static void test_a_block_that_ends_in_time(void **state)
{
    struct block block = {.sleep = 1, .limit = 2};

    assert_int_equal(run_main(run_in_block, &block), 0);
    assert_true(!block.struck && block.finished && block.after);
}

static void test_a_block_that_is_struck(void **state)
{
    struct block block = {.sleep = 2, .limit = 1};

    assert_int_equal(run_main(run_in_block, &block), 0);
    assert_true(block.struck && !block.finished && block.after);
}

static void cancel_it(void *task)
{
    gyre_task_cancel(task);
}

static void run_and_cancel(struct block *block, double when)
{
    gyre_task *task = start(run_in_block, block);

    gyre_loop_call_later(loop, when, cancel_it, task);
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), GYRE_ECANCELLED);
    assert_int_equal(gyre_task_cancelling(task), 1);
    gyre_future_unref(task);
}

static void test_a_block_that_is_cancelled_from_outside(void **state)
{
    struct block block = {.sleep = 2, .limit = 3};

    run_and_cancel(&block, 1);
    assert_true(!block.struck && !block.finished && !block.after);
}

static void test_a_block_that_is_struck_and_cancelled_later(void **state)
{
    struct block block = {.sleep = 2, .limit = 1};

    run_and_cancel(&block, 1.05);
    assert_true(block.struck && !block.finished && !block.after);
}

#if defined(__SANITIZE_THREAD__)
#define FIBERS_ARE_FEW
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FIBERS_ARE_FEW
#endif
#endif

#ifdef FIBERS_ARE_FEW
enum { DEEP = 2000 };
#else
enum { DEEP = 100000 };
#endif

/* Each awaits the one before it. */
static gyre_task *make_chain(gyre_task **tasks)
{
    tasks[0] = start(sleep_long, NULL);
    for (int i = 1; i < DEEP; i++)
        tasks[i] = start(await_it, tasks[i - 1]);
    run_once();
    return tasks[DEEP - 1];
}

static void end_chain(gyre_task **tasks)
{
    for (int i = 0; i < DEEP; i++) {
        assert_true(gyre_future_cancelled(tasks[i]));
        gyre_future_unref(tasks[i]);
    }
    free(tasks);
}

/* A cancel walks, it does not recurse. */
static void test_a_deep_chain_of_tasks(void **state)
{
    gyre_task **tasks = calloc(DEEP, sizeof *tasks), *top = make_chain(tasks);

    assert_true(gyre_task_cancel(top, .msg = "all of you"));
    assert_int_equal(gyre_task_cancelling(tasks[0]), 1);
    gyre_loop_run_until_complete(loop, top, NULL);
    assert_cancelled_with(top, "all of you");
    end_chain(tasks);
}

/* Gatherings of gatherings, too. */
static void test_a_deep_chain_of_gatherings(void **state)
{
    gyre_future *bottom = gyre_loop_create_future(loop), *top = gyre_future_ref(bottom);

    for (int i = 0; i < DEEP; i++) {
        gyre_future *inner = top;

        gyre_gather(&top, &inner, 1);
        gyre_future_unref(inner);
    }
    assert_true(gyre_future_cancel(top, .msg = "deep"));
    assert_cancelled_with(bottom, "deep");
    gyre_loop_run_until_complete(loop, top, NULL);
    assert_int_equal(gyre_future_result(top, NULL), GYRE_ECANCELLED);
    gyre_future_unref(bottom);
    gyre_future_unref(top);
}

struct link {
    gyre_future *gathered; /* what a task awaits */
    gyre_task *task;       /* which one */
};

/* And tasks that await gatherings of tasks. */
static void test_a_deep_chain_of_both(void **state)
{
    enum { LINKS = DEEP / 4 };
    struct link *links = calloc(LINKS, sizeof *links);
    gyre_task *bottom = start(sleep_long, NULL), *below = bottom;

    for (int i = 0; i < LINKS; i++) {
        gyre_gather(&links[i].gathered, &below, 1);
        below = links[i].task = start(await_it, links[i].gathered);
    }
    run_once();
    assert_true(gyre_task_cancel(below));
    assert_int_equal(gyre_task_cancelling(bottom), 1);
    gyre_loop_run_until_complete(loop, below, NULL);
    for (int i = 0; i < LINKS; i++) {
        assert_true(gyre_future_cancelled(links[i].task));
        gyre_future_unref(links[i].task);
        gyre_future_unref(links[i].gathered);
    }
    gyre_future_unref(bottom);
    free(links);
}

static gyre_task *ring[3];

static int await_the_next(void *number)
{
    return gyre_await(ring[((intptr_t)number + 1) % 3], NULL);
}

/* T43: tasks that await each other are deadlocked, and can still be ended. */
static void test_a_cycle(void **state)
{
    for (intptr_t i = 0; i < 3; i++)
        ring[i] = start(await_the_next, (void *)i);
    run_passes(2);
    assert_true(gyre_task_cancel(ring[1]));
    run_passes(4);
    for (int i = 0; i < 3; i++) {
        assert_true(gyre_future_cancelled(ring[i]));
        assert_int_equal(gyre_task_cancelling(ring[i]), 1);
        gyre_future_unref(ring[i]);
    }
}

static gyre_future *circle;

static int await_the_circle(void *arg)
{
    return gyre_await(circle, NULL);
}

/* The same by way of a gathering. */
static void test_a_cycle_through_a_gathering(void **state)
{
    gyre_task *task = start(await_the_circle, NULL);

    gyre_gather(&circle, &task, 1);
    run_passes(2);
    assert_true(gyre_future_cancel(circle));
    run_passes(4);
    assert_true(gyre_future_cancelled(task));
    assert_int_equal(gyre_future_result(circle, NULL), GYRE_ECANCELLED);
    gyre_future_unref(circle);
    gyre_future_unref(task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_a_futures_message),
        ON_LOOP(test_no_message),
        ON_LOOP(test_message_comes_out_of_the_wait),
        ON_LOOP(test_the_message_that_woke_it_speaks),
        ON_LOOP(test_message_before_the_start),
        ON_LOOP(test_message_of_a_task_that_returns_first),
        ON_SIM(test_a_sleep_ends_early),
        ON_LOOP(test_no_task_where_nothing_is_scheduled),
        ON_SIM(test_a_block_that_ends_in_time),
        ON_SIM(test_a_block_that_is_struck),
        ON_SIM(test_a_block_that_is_cancelled_from_outside),
        ON_SIM(test_a_block_that_is_struck_and_cancelled_later),
        ON_LOOP(test_a_deep_chain_of_tasks),
        ON_LOOP(test_a_deep_chain_of_gatherings),
        ON_LOOP(test_a_deep_chain_of_both),
        ON_LOOP(test_a_cycle),
        ON_LOOP(test_a_cycle_through_a_gathering),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
