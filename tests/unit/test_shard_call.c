/* test_shard_call.c - calls to other shards: answers, errors, cancels, and their end. */
#include "sharded.h"

static atomic_int begun, ended;

static int reset(void **state)
{
    atomic_store(&begun, 0);
    atomic_store(&ended, 0);
    return 0;
}

/* What most tests do on shard 0 alone; the other one serves. */
static int on_first(void *test)
{
    int (*fn)(void) = (int (*)(void))(intptr_t)test;

    return gyre_shard_id() == 0 ? fn() : 0;
}

#define assert_first(fn) assert_runs(0, 2, on_first, (void *)(intptr_t)(fn))

struct sum {
    int a, b, sum, shard;
};

static int add(void *arg)
{
    struct sum *sum = arg;

    expect(gyre_current_task() != NULL);
    expect(gyre_sleep(0) == 0);
    sum->sum = sum->a + sum->b;
    sum->shard = gyre_shard_id();
    return 5;
}

static int call_both(void)
{
    for (int i = 0; i < 2; i++) {
        struct sum sum = {2, 3, 0, -1};

        expect(gyre_shard_call(i, add, &sum) == 5);
        expect(sum.sum == 5 && sum.shard == i);
    }
    return 0;
}

static void test_a_call_answers(void **state)
{
    assert_first(call_both);
}

static int go_wrong(void *arg)
{
    return gyre_error_set(-ENOENT, "no such thing on shard %d", gyre_shard_id());
}

static int call_failing(void)
{
    const int ways[] = {GYRE_NO, GYRE_YES};

    for (int i = 0; i < 2; i++) {
        gyre_error_set(0, "something old");
        expect(gyre_shard_call(1, go_wrong, NULL, .run_inline = ways[i]) == -ENOENT);
        expect(strcmp(gyre_error_text(), "no such thing on shard 1") == 0);
    }
    return 0;
}

static void test_an_error_comes_with_its_text(void **state)
{
    assert_first(call_failing);
}

static int look_around(void *arg)
{
    *(int *)arg = gyre_shard_id();
    expect(gyre_current_task() == NULL);
    expect(gyre_sleep(0.001) == GYRE_EAWAIT);
    expect(gyre_shard_call(0, go_wrong, NULL) == GYRE_EAWAIT);
    expect(gyre_shard_map(NULL, 0, NULL, NULL) == GYRE_EAWAIT);
    return 3;
}

static int call_inline(void)
{
    int shard = -1;

    expect(gyre_shard_call(1, look_around, &shard, .run_inline = GYRE_YES) == 3);
    expect(shard == 1);
    return 0;
}

static void test_an_inline_call_is_a_plain_callback(void **state)
{
    assert_first(call_inline);
}

static int call_nobody(void)
{
    expect(gyre_shard_call(2, go_wrong, NULL) == GYRE_EVALUE);
    expect(gyre_shard_call(-1, go_wrong, NULL) == GYRE_EVALUE);
    expect(strcmp(gyre_error_text(), "there is no shard -1") == 0);
    return 0;
}

static void test_no_such_shard(void **state)
{
    assert_first(call_nobody);
}

static int run_elsewhere(void *arg)
{
    expect(gyre_shard_call(0, go_wrong, NULL) == GYRE_ERUNTIME);
    expect(gyre_shard_submit(0, NULL, go_wrong, NULL) == GYRE_ERUNTIME);
    expect(gyre_shard_call(7, go_wrong, NULL) == GYRE_EVALUE);
    return 0;
}

static int call_from_thread(void)
{
    return gyre_to_thread(run_elsewhere, NULL);
}

static void test_a_thread_that_is_no_shard(void **state)
{
    assert_first(call_from_thread);
}

/* Lasts until it is cancelled, and then a little longer. */
static int linger(void *arg)
{
    int err;

    atomic_fetch_add(&begun, 1);
    err = gyre_sleep(1000);
    gyre_sleep(0.02);
    *(int *)arg = err;
    atomic_fetch_add(&ended, 1);
    return err;
}

static int call_linger(void *arg)
{
    int on_stack = 0;
    int err = gyre_shard_call(1, linger, &on_stack);

    expect(on_stack == GYRE_ECANCELLED);
    expect(atomic_load(&ended) == 1);
    return err;
}

static int cancel_running(void)
{
    gyre_task *task;

    gyre_create_task(&task, call_linger, NULL);
    expect(wait_until(&begun, 1) == 0);
    gyre_task_cancel(task);
    expect(gyre_await(task, NULL) == GYRE_ECANCELLED);
    expect(gyre_future_cancelled(task));
    gyre_future_unref(task);
    return 0;
}

/* The caller returns when the far task has ended, not before. */
static void test_a_cancel_waits_for_the_far_task(void **state)
{
    assert_first(cancel_running);
}

static int cancel_again_and_again(void)
{
    gyre_task *task;

    gyre_create_task(&task, call_linger, NULL);
    expect(wait_until(&begun, 1) == 0);
    for (int i = 0; i < 5; i++) {
        gyre_task_cancel(task);
        gyre_sleep(0);
    }
    expect(gyre_await(task, NULL) == GYRE_ECANCELLED);
    gyre_future_unref(task);
    return 0;
}

static void test_many_cancels(void **state)
{
    assert_first(cancel_again_and_again);
}

static int call_before_send(void *arg)
{
    int value = 0;

    return gyre_shard_call(1, linger, &value);
}

/* The cancel is written into the same chain as the call. */
static int cancel_at_once(void)
{
    gyre_task *task;

    gyre_create_task(&task, call_before_send, NULL, .eager_start = GYRE_YES);
    gyre_task_cancel(task);
    expect(gyre_await(task, NULL) == GYRE_ECANCELLED);
    expect(atomic_load(&begun) == atomic_load(&ended));
    gyre_future_unref(task);
    return 0;
}

static void test_a_cancel_that_travels_with_its_call(void **state)
{
    assert_first(cancel_at_once);
}

static int ignore_one(void *arg)
{
    atomic_fetch_add(&begun, 1);
    expect(gyre_sleep(1000) == GYRE_ECANCELLED);
    atomic_fetch_add(&begun, 1);
    return *(int *)arg ? gyre_sleep(1000) : 11;
}

static int call_ignorant(void *arg)
{
    return gyre_shard_call(1, ignore_one, arg);
}

static int cancel_ignorant(int cancels)
{
    int again = cancels > 1;
    gyre_task *task;
    int err;

    atomic_store(&begun, 0);
    gyre_create_task(&task, call_ignorant, &again);
    for (int i = 1; i <= cancels; i++) {
        expect(wait_until(&begun, i) == 0);
        gyre_task_cancel(task);
    }
    err = gyre_await(task, NULL);
    gyre_future_unref(task);
    return err;
}

/* As when the far task were awaited here: its answer counts, and each cancel is a new request. */
static int swallow(void)
{
    expect(cancel_ignorant(1) == 11);
    expect(cancel_ignorant(2) == GYRE_ECANCELLED);
    return 0;
}

static void test_a_far_task_may_swallow_a_cancel(void **state)
{
    assert_first(swallow);
}

static int quick(void *arg)
{
    atomic_fetch_add(&ended, 1);
    return 0;
}

static int call_quick(void *arg)
{
    return gyre_shard_call(1, quick, NULL);
}

/* The far task has ended when the cancel comes there, so it is the caller's own. */
static int cancel_too_late(void)
{
    gyre_task *task;

    gyre_create_task(&task, call_quick, NULL, .eager_start = GYRE_YES);
    gyre_sleep(0);
    while (!atomic_load(&ended))
        nap(0.001);
    gyre_task_cancel(task);
    expect(gyre_await(task, NULL) == GYRE_ECANCELLED);
    gyre_future_unref(task);
    return 0;
}

static void test_a_cancel_that_crosses_the_answer(void **state)
{
    for (int i = 0; i < 50; i++) {
        reset(state);
        assert_first(cancel_too_late);
    }
}

static int time_out(void)
{
    gyre_timeout timeout;
    int value = 0;

    gyre_timeout_begin(&timeout, 0.01);
    expect(gyre_timeout_end(&timeout, gyre_shard_call(1, linger, &value)) == -ETIMEDOUT);
    expect(atomic_load(&ended) == 1);
    expect(value == GYRE_ECANCELLED);
    return 0;
}

static void test_a_deadline(void **state)
{
    assert_first(time_out);
}

static int call_back(void *arg)
{
    int *depth = arg;

    if (--*depth == 0)
        return 42;
    return gyre_shard_call(1 - gyre_shard_id(), call_back, depth);
}

static int call_to_and_fro(void)
{
    int depth = 50;

    expect(gyre_shard_call(1, call_back, &depth) == 42);
    return 0;
}

static void test_calls_within_calls(void **state)
{
    assert_first(call_to_and_fro);
}

static int outcome;

static void note_outcome(gyre_future *future, void *arg)
{
    outcome = gyre_future_result(future, NULL);
    gyre_future_unref(future);
}

/* All mains are done while a call is out: its far task is cancelled, it comes home, then the loops close. */
static int leave_call(void)
{
    static int value;
    gyre_future *future;

    expect(gyre_shard_submit(1, &future, linger, &value) == 0);
    gyre_future_add_done_callback(future, note_outcome, NULL);
    return wait_until(&begun, 1);
}

static void test_a_call_that_is_out_at_the_end(void **state)
{
    for (int i = 0; i < 10; i++) {
        reset(state);
        outcome = 0;
        assert_first(leave_call);
        assert_int_equal(outcome, GYRE_ELOOPCLOSED);
        assert_int_equal(ended, 1);
    }
}

static int cancelled_with;

static int call_and_be_cancelled(void *arg)
{
    int value = 0;

    cancelled_with = gyre_shard_call(0, linger, &value);
    expect(value == GYRE_ECANCELLED);
    return cancelled_with;
}

static int leave_caller(void)
{
    gyre_create_task(NULL, call_and_be_cancelled, NULL);
    return wait_until(&begun, 1);
}

/* Caller and far task end by the same order: the caller hears that it was cancelled itself. */
static void test_a_caller_that_is_left_at_the_end(void **state)
{
    reset(state);
    assert_first(leave_caller);
    assert_int_equal(cancelled_with, GYRE_ECANCELLED);
}

static int count_tasks(void *arg)
{
    return (int)gyre_all_tasks(NULL, NULL, 0);
}

static void submit_now(void *arg)
{
    gyre_future *future;

    expect(gyre_shard_submit(1, &future, linger, &outcome) == 0);
    gyre_future_add_done_callback(future, note_outcome, NULL);
}

/* The other main is done, and this one is when the callback has run: the word of it overtakes the call, which
 * leaves with the turn. */
static int submit_late(void)
{
    while (gyre_shard_call(1, count_tasks, NULL, .run_inline = GYRE_YES) > 0)
        expect(gyre_sleep(0.001) == 0);
    expect(gyre_shard_call(1, count_tasks, NULL, .run_inline = GYRE_YES) == 0);
    gyre_loop_call_soon(gyre_get_running_loop(), submit_now, NULL);
    return 0;
}

static void test_a_call_that_comes_too_late(void **state)
{
    outcome = 0;
    assert_first(submit_late);
    assert_int_equal(outcome, GYRE_ELOOPCLOSED);
    assert_int_equal(begun, 0);
}

static int resist(void *arg)
{
    int err = gyre_sleep(1000);

    expect(err == GYRE_ECANCELLED);
    gyre_sleep(0.02);
    expect(gyre_shard_call(0, quick, NULL) == GYRE_ELOOPCLOSED);
    expect(gyre_shard_call(1, quick, NULL) == GYRE_ELOOPCLOSED);
    expect(gyre_shard_submit(1, NULL, quick, NULL) == GYRE_ELOOPCLOSED);
    expect(gyre_shard_map(NULL, 0, NULL, NULL) == GYRE_ELOOPCLOSED);
    return err;
}

static int leave_resistant(void)
{
    gyre_create_task(NULL, resist, NULL);
    return gyre_sleep(0);
}

static void test_no_calls_once_all_mains_are_done(void **state)
{
    assert_first(leave_resistant);
    assert_int_equal(ended, 0);
}

static int get_shard(void *arg)
{
    return gyre_shard_id();
}

static void release(void *arg)
{
    *(int *)arg = gyre_shard_id();
}

static int submit_some(void)
{
    static int released[3];
    gyre_future *future;

    memset(released, -1, sizeof released);
    expect(gyre_shard_submit(1, &future, get_shard, &released[0], .release = release) == 0);
    expect(gyre_await(future, NULL) == 1);
    gyre_future_unref(future);
    expect(released[0] == 1);
    expect(gyre_shard_submit(1, NULL, get_shard, &released[1], .release = release) == 0);
    expect(gyre_shard_submit(9, &future, get_shard, &released[2], .release = release) == GYRE_EVALUE);
    expect(released[2] == 0);
    expect(gyre_shard_call(1, get_shard, NULL) == 1);
    expect(released[1] == 1);
    return 0;
}

static void test_submit(void **state)
{
    assert_first(submit_some);
}

static int cancel_submitted(void)
{
    static int value;
    gyre_future *future;

    expect(gyre_shard_submit(1, &future, linger, &value) == 0);
    expect(wait_until(&begun, 1) == 0);
    expect(gyre_future_cancel(future));
    expect(!gyre_future_done(future));
    expect(gyre_await(future, NULL) == GYRE_ECANCELLED);
    expect(gyre_future_cancelled(future) && atomic_load(&ended) == 1);
    gyre_future_unref(future);
    return 0;
}

static void test_a_submitted_task_is_cancelled(void **state)
{
    assert_first(cancel_submitted);
}

static int submit_failing(void)
{
    gyre_loop *here = gyre_get_running_loop();

    gyre_loop_set_exception_handler(here, witness, NULL);
    expect(gyre_shard_submit(1, NULL, go_wrong, NULL) == 0);
    for (int i = 0; i < 1000 && !told.count; i++)
        expect(gyre_sleep(0.001) == 0);
    expect(strcmp(told.text, "no such thing on shard 1") == 0);
    return 0;
}

/* Nobody asks for the answer of one that failed. */
static void test_a_failure_that_nobody_sees(void **state)
{
    told.count = 0;
    assert_first(submit_failing);
    assert_told(1, "Shard call exception was never retrieved");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_call_answers, reset),
        cmocka_unit_test_setup(test_an_error_comes_with_its_text, reset),
        cmocka_unit_test_setup(test_an_inline_call_is_a_plain_callback, reset),
        cmocka_unit_test_setup(test_no_such_shard, reset),
        cmocka_unit_test_setup(test_a_thread_that_is_no_shard, reset),
        cmocka_unit_test_setup(test_a_cancel_waits_for_the_far_task, reset),
        cmocka_unit_test_setup(test_many_cancels, reset),
        cmocka_unit_test_setup(test_a_cancel_that_travels_with_its_call, reset),
        cmocka_unit_test_setup(test_a_far_task_may_swallow_a_cancel, reset),
        cmocka_unit_test_setup(test_a_cancel_that_crosses_the_answer, reset),
        cmocka_unit_test_setup(test_a_deadline, reset),
        cmocka_unit_test_setup(test_calls_within_calls, reset),
        cmocka_unit_test_setup(test_a_call_that_is_out_at_the_end, reset),
        cmocka_unit_test_setup(test_a_caller_that_is_left_at_the_end, reset),
        cmocka_unit_test_setup(test_a_call_that_comes_too_late, reset),
        cmocka_unit_test_setup(test_no_calls_once_all_mains_are_done, reset),
        cmocka_unit_test_setup(test_submit, reset),
        cmocka_unit_test_setup(test_a_submitted_task_is_cancelled, reset),
        cmocka_unit_test_setup(test_a_failure_that_nobody_sees, reset),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
