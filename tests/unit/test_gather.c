/* test_gather.c - one future for many. */
#include "unit.h"

#include "task/task.h"

static gyre_future *children[4];

static void make_children(int count)
{
    for (int i = 0; i < count; i++)
        children[i] = gyre_loop_create_future(loop);
}

static void unref_children(int count)
{
    for (int i = 0; i < count; i++)
        gyre_future_unref(children[i]);
}

static gyre_future *gather(size_t count, int return_exceptions)
{
    gyre_future *all = NULL;

    assert_int_equal(gyre_gather(&all, children, count, .return_exceptions = return_exceptions), 0);
    return all;
}

/* test_tasks.py::GatherTestsBase::test_success,
 * test_tasks.py::GatherTestsBase::test_result_exception_success,
 * test_tasks.py::FutureGatherTests::test_constructor_homogenous_futures: done when all are, whatever the
 * order. */
static void test_success(void **state)
{
    for (int keep = 0; keep <= GYRE_YES; keep++) {
        gyre_future *all;

        make_children(3);
        all = gather(3, keep);
        assert_ptr_equal(gyre_future_get_loop(all), loop);
        gyre_future_set_result(children[1], "b");
        gyre_future_set_result(children[0], "a");
        run_once();
        assert_false(gyre_future_done(all));
        gyre_future_set_result(children[2], "c");
        assert_false(gyre_future_done(all));
        run_once();
        assert_int_equal(gyre_future_result(all, NULL), 0);
        gyre_future_unref(all);
        unref_children(3);
    }
}

/* test_tasks.py::GatherTestsBase::test_one_exception,
 * test_tasks.py::CoroutineGatherTests::test_exception_marking; spec 8 gather S2: at once, the others run on,
 * and what they raise later counts as seen. */
static void test_one_exception(void **state)
{
    gyre_future *all;

    make_children(4);
    all = gather(4, 0);
    gyre_future_set_result(children[0], NULL);
    gyre_error_set(-EIO, "the second");
    gyre_future_set_exception(children[1], -EIO);
    run_once();
    assert_true(gyre_future_done(all));
    assert_int_equal(gyre_future_exception(all), -EIO);
    assert_string_equal(gyre_error_text(), "the second");
    assert_false(gyre_future_done(children[2]));
    gyre_future_set_exception(children[2], -EPIPE);
    gyre_future_cancel(children[3]);
    run_once();
    assert_int_equal(gyre_future_exception(all), -EIO);
    unref_children(4);
    gyre_future_unref(all);
    assert_told(0, "");
}

/* Nobody looked at the gathering itself. */
static void test_never_retrieved(void **state)
{
    gyre_future *all;

    make_children(1);
    all = gather(1, 0);
    gyre_future_set_exception(children[0], -EIO);
    run_once();
    unref_children(1);
    assert_told(0, "");
    gyre_future_unref(all);
    assert_told(1, "_GatheringFuture exception was never retrieved");
}

/* test_tasks.py::GatherTestsBase::test_return_exceptions, FutureGatherTests::
 * test_tasks.py::FutureGatherTests::test_result_exception_one_cancellation; S3 */
static void test_return_exceptions(void **state)
{
    gyre_future *all;

    make_children(3);
    all = gather(3, GYRE_YES);
    gyre_future_set_exception(children[0], -EIO);
    gyre_future_cancel(children[1]);
    run_once();
    assert_false(gyre_future_done(all));
    gyre_future_set_result(children[2], NULL);
    run_once();
    assert_int_equal(gyre_future_result(all, NULL), 0);
    gyre_future_unref(all);
    unref_children(3);
    assert_told(0, "");
}

/* test_tasks.py::FutureGatherTests::test_one_cancellation; S5: it raises CancelledError, and is not
 * cancelled() itself. */
static void test_one_cancellation(void **state)
{
    gyre_future *all;

    make_children(2);
    all = gather(2, 0);
    gyre_future_cancel(children[0]);
    run_once();
    assert_true(gyre_future_done(all));
    assert_false(gyre_future_cancelled(all));
    assert_int_equal(gyre_future_exception(all), GYRE_ECANCELLED);
    assert_false(gyre_future_done(children[1]));
    unref_children(2);
    gyre_future_unref(all);
}

static int sleep_long(void *arg)
{
    return gyre_sleep(1000);
}

static int swallow(void *arg)
{
    gyre_sleep(1000);
    return 1;
}

static void gather_tasks(gyre_coroutine first, gyre_coroutine second)
{
    gyre_loop_create_task(loop, &children[0], first, NULL);
    gyre_loop_create_task(loop, &children[1], second, NULL);
}

/* test_tasks.py::CoroutineGatherTests::test_cancellation_broadcast; S4: all are cancelled, and it ends when
 * they have ended. */
static void test_cancel(void **state)
{
    for (int keep = 0; keep <= GYRE_YES; keep++) {
        gyre_future *all;

        gather_tasks(sleep_long, sleep_long);
        all = gather(2, keep);
        run_once();
        assert_true(gyre_future_cancel(all));
        assert_false(gyre_future_done(all));
        assert_int_equal(gyre_await(all, NULL), GYRE_ECANCELLED);
        assert_true(gyre_future_cancelled(children[0]) && gyre_future_cancelled(children[1]));
        /* S9 */
        assert_false(gyre_future_cancel(all));
        gyre_future_unref(all);
        unref_children(2);
    }
}

/* It was asked to end, so it ends cancelled, though the children had results. */
static void test_cancel_that_children_swallow(void **state)
{
    gyre_future *all;

    gather_tasks(swallow, swallow);
    all = gather(2, GYRE_YES);
    run_once();
    assert_true(gyre_future_cancel(all));
    assert_int_equal(gyre_await(all, NULL), GYRE_ECANCELLED);
    assert_int_equal(gyre_future_result(children[0], NULL), 1);
    gyre_future_unref(all);
    unref_children(2);
}

static int await_it(void *future)
{
    int err = gyre_await(future, NULL);

    return err ? err : 42;
}

static bool was_cancelled;

static void cancel_it(gyre_future *future, void *all)
{
    was_cancelled = gyre_future_cancel(all);
}

/* test_tasks.py::BaseTaskTests::test_cancel_gather_1; S9: nothing is left to cancel, so nothing is asked for,
 * though the gathering does not know it yet. */
static void test_cancel_when_children_are_done(void **state)
{
    gyre_future *future = gyre_loop_create_future(loop), *all;

    gyre_loop_create_task(loop, &children[0], await_it, future);
    all = gather(1, 0);
    run_once();
    was_cancelled = true;
    gyre_future_add_done_callback(future, cancel_it, all);
    gyre_future_set_result(future, NULL);
    assert_int_equal(gyre_await(all, NULL), 0);
    assert_false(was_cancelled);
    assert_false(gyre_future_cancelled(all));
    assert_int_equal(gyre_future_result(children[0], NULL), 42);
    gyre_future_unref(future);
    gyre_future_unref(all);
    unref_children(1);
}

static int nap_briefly(void *arg)
{
    return gyre_sleep(0.05);
}

/* Goes on, whatever its naps return; but a gathering that was cancelled is no result. */
static int gather_naps(void *arg)
{
    for (int i = 0; i < 20; i++) {
        gyre_future *all;
        int err;

        gyre_create_task(&children[0], nap_briefly, NULL);
        all = gather(1, GYRE_YES);
        unref_children(1);
        err = gyre_await(all, NULL);
        gyre_future_unref(all);
        if (err)
            return err;
    }
    return 0;
}

static int cancel_naps(void *msg)
{
    gyre_task *task;
    int err;

    gyre_create_task(&task, gather_naps, NULL);
    gyre_sleep(0.22);
    gyre_task_cancel(task, .msg = msg);
    err = gyre_await(task, NULL);
    gyre_future_unref(task);
    assert_string_equal(gyre_error_text(), msg ? msg : "");
    return err;
}

/* test_tasks.py::BaseTaskTests::test_cancel_gather_2: return_exceptions does not swallow the cancellation of
 * the gathering itself, and the message comes through. */
static void test_cancel_with_return_exceptions(void **state)
{
    assert_int_equal(run_main(cancel_naps, NULL), GYRE_ECANCELLED);
    assert_int_equal(run_main(cancel_naps, "my message"), GYRE_ECANCELLED);
}

/* A child's message goes with the gathering's exception; cancelling the gathering gives each child the
 * message, and the last one's comes back. */
static void test_cancel_messages(void **state)
{
    for (int whole = 0; whole < 2; whole++) {
        gyre_future *all;

        make_children(2);
        all = gather(2, whole ? GYRE_YES : GYRE_NO);
        assert_true(gyre_future_cancel(whole ? all : children[0], .msg = "enough"));
        run_once();
        assert_int_equal(gyre_future_exception(all), GYRE_ECANCELLED);
        assert_string_equal(gyre_error_text(), "enough");
        assert_false(gyre_future_cancelled(all));
        gyre_future_unref(all);
        unref_children(2);
    }
}

/* A child given twice is asked twice. */
static void test_cancel_duplicates(void **state)
{
    gyre_future *all;

    gyre_loop_create_task(loop, &children[0], sleep_long, NULL);
    children[1] = children[0];
    all = gather(2, 0);
    run_once();
    gyre_future_cancel(all);
    assert_int_equal(gyre_task_cancelling(children[0]), 2);
    assert_int_equal(gyre_await(all, NULL), GYRE_ECANCELLED);
    gyre_future_unref(all);
    unref_children(1);
}

/* test_tasks.py::CoroutineGatherTests::test_duplicate_coroutines; S6 */
static void test_duplicates(void **state)
{
    gyre_future *all;

    make_children(2);
    children[2] = children[0];
    children[3] = children[0];
    all = gather(4, 0);
    gyre_future_set_result(children[0], NULL);
    run_once();
    assert_false(gyre_future_done(all));
    gyre_future_set_result(children[1], NULL);
    run_once();
    assert_true(gyre_future_done(all));
    gyre_future_unref(all);
    unref_children(2);
}

/* test_tasks.py::FutureGatherTests::test_constructor_empty_sequence_use_running_loop; S7 */
static void test_empty(void **state)
{
    gyre_future *all = gather(0, 0);

    assert_true(gyre_future_done(all));
    assert_int_equal(gyre_await(all, NULL), 0);
    gyre_future_unref(all);
}

/* test_tasks.py::FutureGatherTests::test_constructor_heterogenous_futures,
 * test_tasks.py::CoroutineGatherTests::test_issue46672; S8: the others go on as if nobody had gathered them.
 */
static void test_futures_of_two_loops(void **state)
{
    gyre_loop *other = gyre_loop_new();
    gyre_future *all = NULL;

    make_children(1);
    children[1] = gyre_loop_create_future(other);
    assert_int_equal(gyre_gather(&all, children, 2), GYRE_EVALUE);
    assert_null(all);
    gyre_future_set_exception(children[0], -EIO);
    run_once();
    unref_children(2);
    assert_told(1, "Future exception was never retrieved");
    gyre_loop_unref(other);
}

static int yields;

static void count_turn(void *arg)
{
    yields++;
    gyre_loop_call_soon(loop, count_turn, NULL);
}

static int gather_the_done(void *arg)
{
    gyre_future *all;
    int before;

    gyre_sleep(0);
    make_children(3);
    for (int i = 0; i < 3; i++)
        gyre_future_set_result(children[i], NULL);
    before = yields;
    gyre_gather(&all, children, 3);
    assert_int_equal(gyre_await(all, NULL), 0);
    assert_int_equal(yields, before);
    gyre_future_unref(all);
    unref_children(3);
    make_children(2);
    gyre_future_set_exception(children[1], -EIO);
    gyre_gather(&all, children, 2);
    assert_int_equal(gyre_await(all, NULL), -EIO);
    assert_int_equal(yields, before);
    gyre_future_unref(all);
    unref_children(2);
    return 0;
}

/* T44, S10: all are done, so it is done, without a turn. */
static void test_all_done_at_once(void **state)
{
    yields = 0;
    gyre_loop_call_soon(loop, count_turn, NULL);
    assert_int_equal(run_main(gather_the_done, NULL), 0);
}

static int await_children(void *arg)
{
    gyre_future *all = gather(2, 0);
    int err = gyre_await(all, NULL);

    gyre_future_unref(all);
    return err;
}

/* The awaiting task is cancelled: so are the children, at once. */
static void test_the_awaiting_task_is_cancelled(void **state)
{
    gyre_task *task;

    make_children(2);
    gyre_loop_create_task(loop, &task, await_children, NULL);
    run_once();
    assert_true(gyre_task_cancel(task));
    assert_true(gyre_future_cancelled(children[0]) && gyre_future_cancelled(children[1]));
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    unref_children(2);
}

static gyre_task *knot;

static int await_knot(void *arg)
{
    return gyre_await(knot, NULL);
}

static int gather_one(void *arg)
{
    gyre_future *all = gather(1, 0);
    int err = gyre_await(all, NULL);

    gyre_future_unref(all);
    return err;
}

/* T43 with a gathering in the ring: cancel() comes back, close ends them. */
static void test_a_ring_through_a_gathering(void **state)
{
    gyre_loop_create_task(loop, &children[0], await_knot, NULL);
    gyre_loop_create_task(loop, &knot, gather_one, NULL);
    run_passes(2);
    assert_true(gyre_task_cancel(knot));
    assert_true(gyre_task_cancelling(children[0]) > 0);
    run_passes(2);
    close_now();
    assert_true(gyre_future_cancelled(knot));
    gyre_future_unref(knot);
    unref_children(1);
}

/* Pending when the loop closes, and nobody will complete the children: all memory comes back, which
 * AddressSanitizer and the count of descriptors see. */
static void test_the_loop_closes_under_it(void **state)
{
    gyre_future *all;
    gyre_task *task;

    make_children(2);
    gyre_loop_create_task(loop, &task, await_children, NULL);
    all = gather(2, 0);
    run_once();
    close_now();
    assert_int_equal(gyre_future_result(task, NULL), GYRE_ECANCELLED);
    assert_false(gyre_future_done(all));
    gyre_future_unref(task);
    gyre_future_unref(all);
    unref_children(2);
}

/* Dropped while its children are pending: they go on. */
static void test_dropped(void **state)
{
    make_children(2);
    gyre_future_unref(gather(2, 0));
    gyre_future_set_result(children[0], NULL);
    gyre_future_set_exception(children[1], -EIO);
    run_once();
    unref_children(2);
    assert_told(1, "_GatheringFuture exception was never retrieved");
}

static int give_arg(void *arg)
{
    return (int)(intptr_t)arg;
}

static int gather_here(void *arg)
{
    gyre_future *all;

    for (intptr_t i = 0; i < 2; i++)
        gyre_create_task(&children[i], give_arg, (void *)(i + 1));
    all = gather(2, 0);
    assert_ptr_equal(gyre_future_get_loop(all), loop);
    assert_int_equal(gyre_await(all, NULL), 0);
    assert_int_equal(gyre_future_result(children[1], NULL), 2);
    gyre_future_unref(all);
    unref_children(2);
    return 0;
}

/* test_tasks.py::CoroutineGatherTests::test_constructor_use_running_loop */
static void test_running_loop(void **state)
{
    gyre_loop *other = gyre_loop_new();

    gyre_set_event_loop(other);
    assert_int_equal(run_main(gather_here, NULL), 0);
    gyre_set_event_loop(loop);
    gyre_loop_unref(other);
}

/* Without return_exceptions each outcome counts as seen when it comes, else when all are there. */
static void test_what_counts_as_seen(void **state)
{
    for (int keep = 0; keep <= GYRE_YES; keep++) {
        gyre_future *all;

        make_children(2);
        all = gather(2, keep);
        gyre_future_set_exception(children[0], -EIO);
        run_once();
        assert_int_equal(children[0]->unseen, keep);
        gyre_future_set_result(children[1], NULL);
        run_once();
        assert_false(children[0]->unseen);
        gyre_future_exception(all);
        gyre_future_unref(all);
        unref_children(2);
    }
}

enum { WIDTH = 5, DEPTH = 4 };

static int grown;

static int grow(void *arg)
{
    gyre_future *branches[WIDTH], *all;
    intptr_t depth = (intptr_t)arg - 1;

    grown++;
    if (depth < 0)
        return 0;
    for (int i = 0; i < WIDTH; i++)
        gyre_create_task(&branches[i], grow, (void *)depth);
    gyre_gather(&all, branches, WIDTH);
    assert_int_equal(gyre_await(all, NULL), 0);
    gyre_future_unref(all);
    for (int i = 0; i < WIDTH; i++)
        gyre_future_unref(branches[i]);
    return 0;
}

/* test_eager_task_factory.py::BaseTaskCountingTests::test_recursive_gather: eager ones need no turn at all.
 */
static void test_a_tree_of_gatherings(void **state)
{
    gyre_task_factory factories[] = {NULL, gyre_eager_task_factory};

    for (int eager = 0; eager < 2; eager++) {
        gyre_task *task;

        gyre_loop_set_task_factory(loop, factories[eager]);
        grown = 0;
        gyre_loop_create_task(loop, &task, grow, (void *)DEPTH, .eager_start = GYRE_NO);
        run_once();
        assert_int_equal(gyre_future_done(task), eager);
        assert_int_equal(gyre_await(task, NULL), 0);
        assert_int_equal(grown, 781);
        gyre_future_unref(task);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_success),
        ON_SIM(test_one_exception),
        ON_SIM(test_never_retrieved),
        ON_SIM(test_return_exceptions),
        ON_SIM(test_one_cancellation),
        ON_SIM(test_cancel),
        ON_SIM(test_cancel_that_children_swallow),
        ON_SIM(test_cancel_when_children_are_done),
        ON_SIM(test_cancel_with_return_exceptions),
        ON_SIM(test_cancel_messages),
        ON_SIM(test_cancel_duplicates),
        ON_SIM(test_duplicates),
        ON_SIM(test_empty),
        ON_SIM(test_futures_of_two_loops),
        ON_SIM(test_all_done_at_once),
        ON_SIM(test_the_awaiting_task_is_cancelled),
        ON_SIM(test_a_ring_through_a_gathering),
        ON_SIM(test_the_loop_closes_under_it),
        ON_SIM(test_dropped),
        ON_SIM(test_running_loop),
        ON_SIM(test_what_counts_as_seen),
        ON_SIM(test_a_tree_of_gatherings),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
