/* test_future.c - outcomes, callbacks, and exceptions that nobody looks at. */
#include "unit.h"

#include "task/future.h"

static gyre_future *make_future(void)
{
    return gyre_loop_create_future(loop);
}

static void note_done(gyre_future *future, void *word)
{
    note(word);
}

/* test_futures.py::BaseFutureTests::test_initial_state */
static void test_initial_state(void **state)
{
    gyre_future *future = make_future();

    assert_false(gyre_future_done(future));
    assert_false(gyre_future_cancelled(future));
    assert_ptr_equal(gyre_future_get_loop(future), loop);
    gyre_future_unref(future);
    assert_null(gyre_future_ref(NULL));
    gyre_future_unref(NULL);
}

/* test_futures.py::BaseFutureTests::test_cancel */
static void test_cancel(void **state)
{
    gyre_future *future = make_future();
    void *value = &future;

    assert_true(gyre_future_cancel(future));
    assert_true(gyre_future_cancelled(future));
    assert_true(gyre_future_done(future));
    assert_int_equal(gyre_future_result(future, &value), GYRE_ECANCELLED);
    /* T10: it is raised, not returned. */
    assert_int_equal(gyre_future_exception(future), GYRE_ECANCELLED);
    assert_int_equal(gyre_future_set_result(future, NULL), GYRE_EINVALIDSTATE);
    assert_int_equal(gyre_future_set_exception(future, -EIO), GYRE_EINVALIDSTATE);
    assert_false(gyre_future_cancel(future));
    assert_ptr_equal(value, &future);
    gyre_future_unref(future);
}

/* test_futures.py::BaseFutureTests::test_result */
static void test_result(void **state)
{
    gyre_future *future = make_future();
    void *value = &future;
    int released = 0;

    assert_int_equal(gyre_future_result(future, &value), GYRE_EINVALIDSTATE);
    assert_string_equal(gyre_error_text(), "Result is not set.");
    assert_ptr_equal(value, &future);
    assert_int_equal(gyre_future_set_result(future, &released, .release = count_release), 0);
    assert_true(gyre_future_done(future));
    assert_false(gyre_future_cancelled(future));
    assert_int_equal(gyre_future_result(future, &value), 0);
    assert_ptr_equal(value, &released);
    assert_int_equal(gyre_future_result(future, NULL), 0);
    assert_int_equal(gyre_future_exception(future), 0);
    assert_int_equal(gyre_future_set_result(future, NULL), GYRE_EINVALIDSTATE);
    assert_int_equal(gyre_future_set_exception(future, -EIO), GYRE_EINVALIDSTATE);
    assert_false(gyre_future_cancel(future));
    assert_int_equal(released, 0);
    gyre_future_unref(future);
    assert_int_equal(released, 1);
}

/* test_futures.py::BaseFutureTests::test_exception; the sentence goes with the code. */
static void test_exception(void **state)
{
    gyre_future *future = make_future();
    void *value = &future;

    assert_int_equal(gyre_future_exception(future), GYRE_EINVALIDSTATE);
    assert_string_equal(gyre_error_text(), "Exception is not set.");
    assert_int_equal(gyre_future_set_exception(future, 0), GYRE_ETYPE);
    assert_int_equal(gyre_future_set_exception(future, 5), GYRE_ETYPE);
    assert_false(gyre_future_done(future));
    gyre_error_set(-EIO, "what happened");
    assert_int_equal(gyre_future_set_exception(future, -EIO), 0);
    gyre_error_set(-EPIPE, "something else");
    assert_int_equal(gyre_future_exception(future), -EIO);
    assert_string_equal(gyre_error_text(), "what happened");
    gyre_error_set(-EPIPE, "something else");
    assert_int_equal(gyre_future_result(future, &value), -EIO);
    assert_string_equal(gyre_error_text(), "what happened");
    assert_ptr_equal(value, &future);
    assert_false(gyre_future_cancelled(future));
    gyre_future_unref(future);
}

/* T11, test_futures.py::BaseFutureDoneCallbackTests::test_callbacks_invoked_on_set_result: through the loop,
 * never inline, in order. */
static void test_callbacks(void **state)
{
    gyre_future *future = make_future();

    gyre_future_add_done_callback(future, note_done, "1");
    gyre_future_add_done_callback(future, note_done, "2");
    gyre_future_add_done_callback(future, note_done, "1");
    run_once();
    assert_noted("");
    gyre_loop_call_soon(loop, note, "0");
    gyre_future_set_result(future, NULL);
    gyre_loop_call_soon(loop, note, "9");
    assert_noted("");
    run_once();
    assert_noted("0 1 2 1 9");
    run_once();
    assert_noted("");
    gyre_future_unref(future);
}

/* test_futures.py::BaseFutureDoneCallbackTests::test_callbacks_invoked_on_set_exception */
static void test_callbacks_of_exception_and_cancel(void **state)
{
    gyre_future *failed = make_future(), *cancelled = make_future();

    gyre_future_add_done_callback(failed, note_done, "failed");
    gyre_future_add_done_callback(cancelled, note_done, "cancelled");
    gyre_future_cancel(cancelled);
    gyre_future_set_exception(failed, -EIO);
    assert_noted("");
    run_once();
    assert_noted("cancelled failed");
    gyre_future_exception(failed);
    gyre_future_unref(failed);
    gyre_future_unref(cancelled);
}

static void add_more(gyre_future *future, void *word)
{
    note(word);
    gyre_future_add_done_callback(future, note_done, "more");
}

/* Spec 5, add_done_callback S1, S3: also on a done future, also from a callback: the next turn. */
static void test_added_late(void **state)
{
    gyre_future *future = make_future();

    gyre_future_set_result(future, NULL);
    gyre_future_add_done_callback(future, add_more, "late");
    assert_noted("");
    run_once();
    assert_noted("late");
    run_once();
    assert_noted("more");
    gyre_future_unref(future);
}

/* test_futures.py::BaseFutureDoneCallbackTests::test_callbacks_remove_first_callback,
 * test_futures.py::BaseFutureDoneCallbackTests::test_callbacks_remove_third_callback,
 * test_futures.py::BaseFutureDoneCallbackTests::test_callbacks_remove_first_and_second_callback,
 * test_futures.py::BaseFutureDoneCallbackTests::test_remove_done_callback */
static void test_remove(void **state)
{
    gyre_future *future = make_future();
    int released = 0;

    gyre_future_add_done_callback(future, note_done, "1");
    gyre_future_add_done_callback(future, note_done, "2");
    gyre_future_add_done_callback(future, note_done, "1");
    gyre_future_add_done_callback(future, note_done, &released, .release = count_release);
    assert_int_equal(gyre_future_remove_done_callback(future, note_done, "1"), 2);
    assert_int_equal(gyre_future_remove_done_callback(future, note_done, "1"), 0);
    assert_int_equal(gyre_future_remove_done_callback(future, add_more, "2"), 0);
    assert_int_equal(gyre_future_remove_done_callback(future, note_done, &released), 1);
    assert_int_equal(released, 1);
    gyre_future_add_done_callback(future, note_done, "3");
    gyre_future_set_result(future, NULL);
    /* Handed to the loop already. */
    assert_int_equal(gyre_future_remove_done_callback(future, note_done, "2"), 0);
    run_once();
    assert_noted("2 3");
    gyre_future_unref(future);
}

static void remove_all(gyre_future *future, void *arg)
{
    note("remover");
    assert_int_equal(gyre_future_remove_done_callback(future, note_done, "1"), 0);
    gyre_future_add_done_callback(future, note_done, "added");
}

/* test_futures.py::BaseFutureDoneCallbackTests::test_schedule_callbacks_list_mutation_1,
 * test_futures.py::BaseFutureDoneCallbackTests::test_schedule_callbacks_list_mutation_2,
 * test_futures.py::BaseFutureDoneCallbackTests::test_remove_done_callbacks_list_mutation,
 * test_futures.py::BaseFutureDoneCallbackTests::test_remove_done_callbacks_list_clear: a callback may add and
 * remove; what was scheduled runs. */
static void test_a_callback_changes_the_list(void **state)
{
    gyre_future *future = make_future();

    gyre_future_add_done_callback(future, remove_all, NULL);
    gyre_future_add_done_callback(future, note_done, "1");
    gyre_future_set_result(future, NULL);
    run_passes(2);
    assert_noted("remover 1 added");
    gyre_future_unref(future);
}

static void remove_others(void *arg)
{
    note("released");
    gyre_future_remove_done_callback(arg, note_done, "2");
    gyre_future_remove_done_callback(arg, add_more, arg);
}

/* A release that changes the list while it is being changed. */
static void test_a_release_changes_the_list(void **state)
{
    gyre_future *future = make_future();

    gyre_future_add_done_callback(future, add_more, future, .release = remove_others);
    gyre_future_add_done_callback(future, note_done, "2");
    gyre_future_add_done_callback(future, add_more, future, .release = remove_others);
    assert_int_equal(gyre_future_remove_done_callback(future, add_more, future), 2);
    assert_noted("released released");
    gyre_future_set_result(future, NULL);
    run_once();
    assert_noted("");
    gyre_future_unref(future);
}

/* Spec 0.3, release: ran, removed, dropped with its future, dropped by close, on a closed loop. */
static void test_release_on_every_path(void **state)
{
    gyre_future *ran = make_future(), *dropped = make_future(), *queued = make_future(),
                *late = make_future();
    int released = 0;

    gyre_future_add_done_callback(ran, note_done, &released, .release = count_release);
    gyre_future_remove_done_callback(ran, note_done, &released);
    assert_int_equal(released, 1);
    gyre_future_add_done_callback(dropped, note_done, &released, .release = count_release);
    gyre_future_unref(dropped);
    assert_int_equal(released, 2);
    gyre_future_add_done_callback(ran, (gyre_done_callback)note_done, "", .release = NULL);
    gyre_future_set_result(ran, NULL);
    run_once();
    gyre_future_add_done_callback(queued, note_done, &released, .release = count_release);
    gyre_future_add_done_callback(late, note_done, &released, .release = count_release);
    gyre_future_set_result(queued, NULL);
    close_now();
    assert_int_equal(released, 3);
    gyre_future_set_result(late, NULL);
    assert_int_equal(released, 4);
    gyre_future_add_done_callback(late, note_done, &released, .release = count_release);
    assert_int_equal(released, 5);
    gyre_future_unref(ran);
    gyre_future_unref(queued);
    gyre_future_unref(late);
}

static gyre_future *failed_future(void)
{
    gyre_future *future = make_future();

    gyre_error_set(-EIO, "unheard");
    gyre_future_set_exception(future, -EIO);
    return future;
}

/* test_futures.py::BaseFutureTests::test_tb_logger_exception_unretrieved,
 * test_futures.py::BaseFutureTests::test_future_exception_never_retrieved */
static void test_never_retrieved(void **state)
{
    gyre_future *future = failed_future();
    const void *address = future;

    gyre_future_unref(future);
    assert_ptr_equal(told.future, address);
    assert_null(told.task);
    assert_int_equal(told.exception, -EIO);
    assert_string_equal(told.text, "unheard");
    assert_told(1, "Future exception was never retrieved");
}

/* test_futures.py::BaseFutureTests::test_tb_logger_abandoned,
 * test_futures.py::BaseFutureTests::test_tb_logger_not_called_after_cancel,
 * test_futures.py::BaseFutureTests::test_tb_logger_result_unretrieved,
 * test_futures.py::BaseFutureTests::test_tb_logger_result_retrieved,
 * test_futures.py::BaseFutureTests::test_tb_logger_exception_retrieved,
 * test_futures.py::BaseFutureTests::test_tb_logger_exception_result_retrieved */
static void test_nothing_to_report(void **state)
{
    gyre_future *futures[7];

    futures[0] = make_future();
    futures[1] = failed_future();
    gyre_future_cancel(futures[1]);
    futures[2] = make_future();
    gyre_future_set_result(futures[2], NULL);
    futures[3] = make_future();
    gyre_future_set_result(futures[3], NULL);
    gyre_future_result(futures[3], NULL);
    futures[4] = failed_future();
    gyre_future_exception(futures[4]);
    futures[5] = failed_future();
    gyre_future_result(futures[5], NULL);
    futures[6] = make_future();
    gyre_future_cancel(futures[6]);
    for (int i = 0; i < 7; i++)
        gyre_future_unref(futures[i]);
    assert_told(0, "");
}

static gyre_future *kept;

static int keep(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    kept = gyre_future_ref(context->future);
    return 0;
}

/* The handler may keep what it is told of; the report comes once. */
static void test_the_handler_keeps_it(void **state)
{
    gyre_loop_set_exception_handler(loop, keep, NULL);
    gyre_future_unref(failed_future());
    gyre_loop_set_exception_handler(loop, witness, NULL);
    assert_int_equal(gyre_future_exception(kept), -EIO);
    gyre_future_unref(kept);
    assert_told(0, "");
}

/* T12, test_futures.py::BaseFutureTests::test_set_result_unless_cancelled */
static void test_finish_unless_cancelled(void **state)
{
    gyre_future *future = make_future();

    gyre_future_cancel(future);
    assert_false(gyre__future_finish(future, 0));
    assert_true(gyre_future_cancelled(future));
    gyre_future_unref(future);
    future = make_future();
    assert_true(gyre__future_finish(future, 7));
    assert_false(gyre__future_finish(future, 8));
    assert_int_equal(gyre_future_result(future, NULL), 7);
    assert_int_equal(gyre_future_exception(future), 0);
    gyre_future_unref(future);
}

static void unref_it(gyre_future *future, void *arg)
{
    note("callback");
    gyre_future_unref(future);
}

/* T39: the last user's reference goes in a callback. */
static void test_unref_in_a_callback(void **state)
{
    gyre_future *future = make_future();

    gyre_future_add_done_callback(future, unref_it, NULL);
    gyre_future_add_done_callback(future, note_done, "second");
    gyre_future_set_result(future, NULL);
    run_once();
    assert_noted("callback second");
}

/* A future of a closed loop works on; its callbacks never run. */
static void test_on_a_closed_loop(void **state)
{
    gyre_future *before = make_future(), *after;

    close_now();
    after = make_future();
    gyre_future_add_done_callback(before, note_done, "never");
    gyre_future_add_done_callback(after, note_done, "never");
    assert_int_equal(gyre_future_set_result(before, NULL), 0);
    assert_true(gyre_future_cancel(after));
    assert_int_equal(gyre_future_result(before, NULL), 0);
    gyre_future_unref(before);
    gyre_future_unref(after);
    assert_noted("");
}

/* Memory comes back: a million futures need the place of one. */
static void test_places_are_used_again(void **state)
{
    gyre_future *first = make_future(), *second;

    gyre_future_unref(first);
    second = make_future();
    assert_ptr_equal(first, second);
    gyre_future_unref(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_initial_state),
        ON_LOOP(test_cancel),
        ON_LOOP(test_result),
        ON_LOOP(test_exception),
        ON_LOOP(test_callbacks),
        ON_LOOP(test_callbacks_of_exception_and_cancel),
        ON_LOOP(test_added_late),
        ON_LOOP(test_remove),
        ON_LOOP(test_a_callback_changes_the_list),
        ON_LOOP(test_a_release_changes_the_list),
        ON_LOOP(test_release_on_every_path),
        ON_LOOP(test_never_retrieved),
        ON_LOOP(test_nothing_to_report),
        ON_LOOP(test_the_handler_keeps_it),
        ON_LOOP(test_finish_unless_cancelled),
        ON_LOOP(test_unref_in_a_callback),
        ON_LOOP(test_on_a_closed_loop),
        ON_LOOP(test_places_are_used_again),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
