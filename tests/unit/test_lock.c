/* test_lock.c - one task at a time: who gets the lock, and what a cancellation does to the line. */
#include "sync_bed.h"

static gyre_lock lock;

static int open_lock(void **state)
{
    gyre_lock_init(&lock);
    return open_loop(state);
}

/* The loop first: whoever still waits leaves the line then. */
static int close_lock(void **state)
{
    int err = close_loop(state);

    let_tasks_go();
    gyre_lock_destroy(&lock);
    return err;
}

static int take(void *name)
{
    int err = gyre_lock_acquire(&lock);

    if (!err)
        note(name);
    return err;
}

static int take_and_give(void *name)
{
    int err = take(name);

    if (!err)
        assert_int_equal(gyre_lock_release(&lock), 0);
    return err;
}

/* test_locks.py::LockTests::test_lock, test_locks.py::LockTests::test_lock_by_with_statement */
static void a_new_lock_is_free_and_is_no_future(void **state)
{
    assert_false(IS_AWAITABLE(lock));
    assert_false(gyre_lock_locked(&lock));
}

static void zeroed_memory_is_a_lock(void **state)
{
    static gyre_lock made, zeroed;

    memset(&made, 0xff, sizeof made);
    gyre_lock_init(&made);
    assert_int_equal(made.locked, zeroed.locked);
    assert_ptr_equal(made.waiters, zeroed.waiters);
    assert_ptr_equal(made.loop, zeroed.loop);
}

/* test_locks.py::LockTests::test_acquire */
static void it_goes_to_each_in_the_order_of_coming(void **state)
{
    gyre_task *third;

    assert_int_equal(gyre_lock_acquire(&lock), 0);
    spawn(take, "1");
    spawn(take, "2");
    run_once();
    assert_noted("");
    assert_int_equal(gyre_lock_release(&lock), 0);
    run_once();
    assert_noted("1");
    run_once();
    assert_noted("");
    third = spawn(take, "3");
    gyre_lock_release(&lock);
    run_once();
    assert_noted("2");
    gyre_lock_release(&lock);
    run_once();
    assert_noted("3");
    assert_true(gyre_future_done(third));
    assert_true(gyre_lock_locked(&lock));
}

/* test_locks.py::LockTests::test_acquire_cancel */
static void a_cancelled_one_leaves_the_line(void **state)
{
    gyre_task *task;

    gyre_lock_acquire(&lock);
    task = spawn(take, "taken");
    gyre_loop_call_soon(loop, cancel_it, task);
    assert_int_equal(join(task), GYRE_ECANCELLED);
    assert_int_equal(in_line(lock.waiters), 0);
    assert_true(gyre_lock_locked(&lock));
}

static gyre_future *blocker;

static int hold_until(void *arg)
{
    int err = gyre_lock_acquire(&lock);

    if (!err)
        err = gyre_await(blocker, NULL);
    gyre_lock_release(&lock);
    return err;
}

/* test_locks.py::LockTests::test_cancel_race */
static void a_release_in_the_turn_of_a_cancel_reaches_the_next(void **state)
{
    gyre_task *a, *b, *c;

    blocker = gyre_loop_create_future(loop);
    a = spawn(hold_until, NULL);
    b = spawn(take_and_give, "b");
    c = spawn(take_and_give, "c");
    run_once();
    assert_int_equal(in_line(lock.waiters), 2);
    gyre_future_set_result(blocker, NULL);
    gyre_task_cancel(b);
    assert_true(gyre_future_cancelled(lock.waiters->future));
    run_once();
    assert_false(gyre_lock_locked(&lock));
    assert_true(gyre_future_done(a));
    assert_true(gyre_future_cancelled(b));
    assert_int_equal(join(c), 0);
    assert_noted("c");
    gyre_future_unref(blocker);
}

static void cancel_and_release(void *task)
{
    gyre_task_cancel(task);
    gyre_lock_release(&lock);
}

/* test_locks.py::LockTests::test_cancel_release_race */
static void a_cancel_and_a_release_hand_it_to_one_only(void **state)
{
    gyre_task *first, *second;

    gyre_lock_acquire(&lock);
    first = spawn(take, "1");
    second = spawn(take, "2");
    spawn(take, "3");
    run_once();
    gyre_loop_call_soon(loop, cancel_and_release, first);
    assert_int_equal(join(first), GYRE_ECANCELLED);
    run_once();
    assert_true(gyre_future_done(second));
    assert_noted("2");
    assert_int_equal(in_line(lock.waiters), 1);
}

/* test_locks.py::LockTests::test_finished_waiter_cancelled */
static void a_newcomer_takes_it_when_all_in_line_are_cancelled(void **state)
{
    gyre_task *b, *c;

    gyre_lock_acquire(&lock);
    b = spawn(take, "b");
    run_once();
    c = spawn(take, "c");
    gyre_task_cancel(b);
    gyre_lock_release(&lock);
    run_once();
    assert_true(gyre_lock_locked(&lock));
    assert_true(gyre_future_cancelled(b));
    assert_int_equal(join(c), 0);
    assert_noted("c");
}

static void one_that_was_woken_and_then_cancelled_wakes_the_next(void **state)
{
    gyre_task *b, *c;

    gyre_lock_acquire(&lock);
    b = spawn(take, "b");
    c = spawn(take, "c");
    run_once();
    gyre_lock_release(&lock);
    gyre_task_cancel(b);
    run_once();
    assert_true(gyre_future_cancelled(b));
    assert_false(gyre_future_done(c));
    assert_false(gyre_lock_locked(&lock));
    run_once();
    assert_int_equal(join(c), 0);
    assert_true(gyre_lock_locked(&lock));
}

static void nobody_overtakes_one_that_was_woken(void **state)
{
    gyre_lock_acquire(&lock);
    spawn(take, "waited");
    run_once();
    spawn(take_and_give, "came");
    gyre_lock_release(&lock);
    assert_false(gyre_lock_locked(&lock));
    run_once();
    assert_noted("waited");
    assert_int_equal(in_line(lock.waiters), 1);
    gyre_lock_release(&lock);
    run_once();
    assert_noted("came");
}

/* test_locks.py::LockTests::test_release_not_acquired */
static void a_free_lock_cannot_be_released(void **state)
{
    assert_int_equal(gyre_lock_release(&lock), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Lock is not acquired.");
}

/* test_locks.py::LockTests::test_release_no_waiters, test_locks.py::LockTests::test_context_manager,
 * test_pep492.py::LockTests::test_context_manager_async_with,
 * test_pep492.py::LockTests::test_context_manager_with_await */
static void it_is_locked_between_acquire_and_release(void **state)
{
    assert_false(gyre_lock_locked(&lock));
    assert_int_equal(gyre_lock_acquire(&lock), 0);
    assert_true(gyre_lock_locked(&lock));
    assert_int_equal(gyre_lock_release(&lock), 0);
    assert_false(gyre_lock_locked(&lock));
}

static int take_without_a_turn(void *arg)
{
    gyre_loop_call_soon(loop, note, "other");
    for (int i = 0; i < 3; i++) {
        take_and_give("taken");
    }
    note("done");
    return gyre_sleep(0);
}

static void a_free_lock_is_taken_without_giving_way(void **state)
{
    assert_int_equal(run_main(take_without_a_turn, NULL), 0);
    assert_noted("taken taken taken done other");
    assert_null(lock.loop);
}

static gyre_loop *other;

static int take_elsewhere(void *code)
{
    *(int *)code = gyre_lock_acquire(&lock);
    return 0;
}

static void it_belongs_to_the_loop_whose_tasks_waited_first(void **state)
{
    gyre_loop *first = loop;
    int code = 0;

    gyre_lock_acquire(&lock);
    spawn(take, "taken");
    run_once();
    loop = other = open_witnessed();
    assert_int_equal(run_main(take_elsewhere, &code), 0);
    assert_int_equal(code, GYRE_EWRONGLOOP);
    assert_int_equal(in_line(lock.waiters), 1);
    loop = first;
    gyre_loop_close(other);
    gyre_loop_unref(other);
}

static void take_in_callback(void *code)
{
    take_elsewhere(code);
}

static void a_plain_callback_takes_it_only_when_it_is_free(void **state)
{
    int codes[2] = {1, 1};

    gyre_loop_call_soon(loop, take_in_callback, &codes[0]);
    gyre_loop_call_soon(loop, take_in_callback, &codes[1]);
    run_once();
    assert_int_equal(codes[0], 0);
    assert_int_equal(codes[1], GYRE_EAWAIT);
    assert_int_equal(in_line(lock.waiters), 0);
}

static void release_it(void *arg)
{
    gyre_lock_release(&lock);
}

static void outside_a_task_it_drives_the_loop(void **state)
{
    gyre_lock_acquire(&lock);
    gyre_loop_call_soon(loop, release_it, NULL);
    assert_int_equal(gyre_lock_acquire(&lock), 0);
    assert_true(gyre_lock_locked(&lock));
}

static void a_stop_ends_the_wait_outside(void **state)
{
    gyre_lock_acquire(&lock);
    gyre_loop_call_soon(loop, stop_loop, NULL);
    spawn(take, "taken");
    assert_int_equal(gyre_lock_acquire(&lock), GYRE_ESTOPPED);
    assert_int_equal(in_line(lock.waiters), 1);
    gyre_lock_release(&lock);
    run_once();
    assert_noted("taken");
}

/* Whatever is in line when the loop closes is unwound there; the teardown finds the line empty. */
static void a_loop_that_closes_leaves_nobody_in_line(void **state)
{
    gyre_lock_acquire(&lock);
    for (int i = 0; i < 5; i++)
        spawn(take_and_give, "taken");
    run_once();
    gyre_lock_release(&lock);
    gyre_task_cancel(spawned[2]);
    close_now();
    for (int i = 0; i < 5; i++)
        assert_true(gyre_future_cancelled(spawned[i]));
    assert_noted("");
    assert_int_equal(in_line(lock.waiters), 0);
}

static int insist(void *arg)
{
    while (gyre_lock_acquire(&lock))
        note("no");
    return 0;
}

static int close_on_one_that_insists(void *arg)
{
    gyre_lock_acquire(&lock);
    spawn(insist, NULL);
    run_once();
    gyre_loop_close(loop);
    return lock.waiters || told.count != 1;
}

/* In a child: its stack is not given back. */
static void one_that_will_not_hear_is_left_in_no_line(void **state)
{
    const char *words;

    assert_int_equal(in_child(close_on_one_that_insists, NULL, &words), 0);
}

/* Tasks that take, hold for some turns and are cancelled at any of them: at most one has it, and in the end
 * all have had their turn or were cancelled. */
static int holders, had;

static int hold_some_turns(void *turns)
{
    int err = gyre_lock_acquire(&lock);

    if (err)
        return err;
    assert_int_equal(++holders, 1);
    for (intptr_t i = 0; i < (intptr_t)turns && !err; i++)
        err = gyre_sleep(0);
    holders--;
    had++;
    gyre_lock_release(&lock);
    return err;
}

static void cancel_some(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    if (*seed >> 30 == 0)
        gyre_task_cancel(spawned[(*seed >> 8) % spawned_count]);
}

static void play(uint32_t seed)
{
    had = 0;
    for (int i = 0; i < 12; i++)
        spawn(hold_some_turns, (void *)(intptr_t)(i % 3));
    for (int i = 0; i < 80; i++) {
        cancel_some(&seed);
        run_once();
    }
    for (size_t i = 0; i < spawned_count; i++)
        assert_true(gyre_future_done(spawned[i]));
    assert_true(had > 0);
    assert_false(gyre_lock_locked(&lock));
    let_tasks_go();
}

static void cancels_at_any_turn_lose_no_wake(void **state)
{
    for (uint32_t seed = 1; seed <= 200; seed++)
        play(seed * 2654435761u);
}

static int end_it(void *arg)
{
    gyre_lock_destroy(&lock);
    return 0;
}

static void one_that_is_waited_for_must_not_end(void **state)
{
    gyre_lock_acquire(&lock);
    assert_not_ended(take, end_it, "a task waits for the lock");
}

#define ON_LOCK(test) cmocka_unit_test_setup_teardown(test, open_lock, close_lock)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOCK(a_new_lock_is_free_and_is_no_future),
        ON_LOCK(zeroed_memory_is_a_lock),
        ON_LOCK(it_goes_to_each_in_the_order_of_coming),
        ON_LOCK(a_cancelled_one_leaves_the_line),
        ON_LOCK(a_release_in_the_turn_of_a_cancel_reaches_the_next),
        ON_LOCK(a_cancel_and_a_release_hand_it_to_one_only),
        ON_LOCK(a_newcomer_takes_it_when_all_in_line_are_cancelled),
        ON_LOCK(one_that_was_woken_and_then_cancelled_wakes_the_next),
        ON_LOCK(nobody_overtakes_one_that_was_woken),
        ON_LOCK(a_free_lock_cannot_be_released),
        ON_LOCK(it_is_locked_between_acquire_and_release),
        ON_LOCK(a_free_lock_is_taken_without_giving_way),
        ON_LOCK(it_belongs_to_the_loop_whose_tasks_waited_first),
        ON_LOCK(a_plain_callback_takes_it_only_when_it_is_free),
        ON_LOCK(outside_a_task_it_drives_the_loop),
        ON_LOCK(a_stop_ends_the_wait_outside),
        ON_LOCK(a_loop_that_closes_leaves_nobody_in_line),
        ON_LOCK(one_that_will_not_hear_is_left_in_no_line),
        ON_LOCK(one_that_is_waited_for_must_not_end),
        ON_LOCK(cancels_at_any_turn_lose_no_wake),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
