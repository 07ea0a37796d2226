/* test_semaphore.c - a number of places: who gets one, and that none is lost or found. */
#include "sync_bed.h"

static gyre_semaphore semaphore;
static gyre_bounded_semaphore bounded;

static int open_semaphore(void **state)
{
    assert_int_equal(gyre_semaphore_init(&semaphore, 1), 0);
    assert_int_equal(gyre_bounded_semaphore_init(&bounded, 1), 0);
    return open_loop(state);
}

static int close_semaphore(void **state)
{
    int err = close_loop(state);

    let_tasks_go();
    gyre_semaphore_destroy(&semaphore);
    gyre_bounded_semaphore_destroy(&bounded);
    return err;
}

static int take(void *name)
{
    int err = gyre_semaphore_acquire(&semaphore);

    if (!err)
        note(name);
    return err;
}

/* test_locks.py::SemaphoreTests::test_initial_value_zero */
static void one_without_places_is_locked(void **state)
{
    assert_int_equal(gyre_semaphore_init(&semaphore, 0), 0);
    assert_true(gyre_semaphore_locked(&semaphore));
}

/* test_locks.py::SemaphoreTests::test_semaphore, test_locks.py::LockTests::test_lock_by_with_statement */
static void a_new_one_has_its_places_and_is_no_future(void **state)
{
    assert_false(IS_AWAITABLE(semaphore));
    assert_false(IS_AWAITABLE(bounded));
    assert_int_equal(semaphore.value, 1);
    assert_false(gyre_semaphore_locked(&semaphore));
    assert_false(gyre_bounded_semaphore_locked(&bounded));
}

/* test_locks.py::SemaphoreTests::test_semaphore_value */
static void there_are_no_negative_places(void **state)
{
    assert_int_equal(gyre_semaphore_init(&semaphore, -1), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "Semaphore initial value must be >= 0");
    assert_int_equal(gyre_bounded_semaphore_init(&bounded, -1), GYRE_EVALUE);
    assert_int_equal(semaphore.value, 1);
    assert_int_equal(bounded.bound, 1);
}

/* test_locks.py::SemaphoreTests::test_acquire */
static void places_go_to_each_in_the_order_of_coming(void **state)
{
    gyre_semaphore_init(&semaphore, 3);
    assert_int_equal(gyre_semaphore_acquire(&semaphore), 0);
    assert_int_equal(gyre_semaphore_acquire(&semaphore), 0);
    assert_false(gyre_semaphore_locked(&semaphore));
    spawn(take, "1");
    spawn(take, "2");
    spawn(take, "3");
    run_once();
    assert_noted("1");
    assert_true(gyre_semaphore_locked(&semaphore));
    assert_int_equal(in_line(semaphore.waiters), 2);
    spawn(take, "4");
    gyre_semaphore_release(&semaphore);
    gyre_semaphore_release(&semaphore);
    assert_int_equal(semaphore.value, 0);
    run_once();
    assert_noted("2 3");
    assert_true(gyre_semaphore_locked(&semaphore));
    assert_int_equal(in_line(semaphore.waiters), 1);
    assert_int_equal(semaphore.value, 0);
    gyre_semaphore_release(&semaphore);
    assert_int_equal(join(spawned[3]), 0);
}

/* test_locks.py::SemaphoreTests::test_acquire_cancel */
static void a_cancelled_one_leaves_the_line(void **state)
{
    gyre_task *task;

    gyre_semaphore_acquire(&semaphore);
    task = spawn(take, "taken");
    gyre_loop_call_soon(loop, cancel_it, task);
    assert_int_equal(join(task), GYRE_ECANCELLED);
    assert_int_equal(in_line(semaphore.waiters), 0);
    assert_int_equal(semaphore.value, 0);
}

/* test_locks.py::SemaphoreTests::test_acquire_cancel_before_awoken */
static void a_release_passes_the_cancelled_over(void **state)
{
    gyre_semaphore_init(&semaphore, 0);
    for (int i = 0; i < 4; i++)
        spawn(take, "taken");
    run_once();
    gyre_task_cancel(spawned[0]);
    gyre_task_cancel(spawned[1]);
    gyre_semaphore_release(&semaphore);
    run_passes(2);
    assert_true(gyre_future_done(spawned[2]));
    assert_false(gyre_future_done(spawned[3]));
    assert_noted("taken");
}

/* test_locks.py::SemaphoreTests::test_acquire_hang */
static void a_cancel_before_the_release_hangs_nobody(void **state)
{
    gyre_semaphore_init(&semaphore, 0);
    spawn(take, "1");
    spawn(take, "2");
    run_once();
    gyre_task_cancel(spawned[0]);
    gyre_semaphore_release(&semaphore);
    run_passes(2);
    assert_true(gyre_semaphore_locked(&semaphore));
    assert_true(gyre_future_done(spawned[1]));
    assert_noted("2");
}

static int hold_then_cancel_the_next(void *arg)
{
    gyre_semaphore_acquire(&semaphore);
    gyre_sleep(0);
    gyre_semaphore_release(&semaphore);
    gyre_task_cancel(spawned[1]);
    return 0;
}

/* test_locks.py::SemaphoreTests::test_acquire_no_hang */
static void one_that_was_woken_and_then_cancelled_gives_its_place_back(void **state)
{
    spawn(hold_then_cancel_the_next, NULL);
    spawn(take, "never");
    assert_int_equal(join(spawned[0]), 0);
    assert_int_equal(join(spawned[1]), GYRE_ECANCELLED);
    assert_int_equal(join(spawn(take, "taken")), 0);
    assert_noted("taken");
}

static void and_wakes_the_next_with_it(void **state)
{
    gyre_semaphore_acquire(&semaphore);
    spawn(take, "1");
    spawn(take, "2");
    run_once();
    gyre_semaphore_release(&semaphore);
    gyre_task_cancel(spawned[0]);
    run_once();
    assert_true(gyre_future_cancelled(spawned[0]));
    assert_noted("");
    run_once();
    assert_noted("2");
    assert_int_equal(semaphore.value, 0);
}

/* test_locks.py::SemaphoreTests::test_release_not_acquired */
static void a_bounded_one_takes_no_place_too_many(void **state)
{
    assert_int_equal(gyre_bounded_semaphore_release(&bounded), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "BoundedSemaphore released too many times");
    assert_int_equal(gyre_bounded_semaphore_acquire(&bounded), 0);
    assert_true(gyre_bounded_semaphore_locked(&bounded));
    assert_int_equal(gyre_bounded_semaphore_release(&bounded), 0);
    assert_int_equal(gyre_bounded_semaphore_release(&bounded), GYRE_EVALUE);
}

static void another_one_grows_by_each_release(void **state)
{
    gyre_semaphore_release(&semaphore);
    for (int i = 0; i < 2; i++) {
        assert_false(gyre_semaphore_locked(&semaphore));
        assert_int_equal(gyre_semaphore_acquire(&semaphore), 0);
    }
    assert_true(gyre_semaphore_locked(&semaphore));
}

/* test_locks.py::SemaphoreTests::test_release_no_waiters,
 * test_pep492.py::LockTests::test_context_manager_async_with,
 * test_pep492.py::LockTests::test_context_manager_with_await */
static void its_only_place_is_taken_between_acquire_and_release(void **state)
{
    assert_int_equal(gyre_semaphore_acquire(&semaphore), 0);
    assert_true(gyre_semaphore_locked(&semaphore));
    gyre_semaphore_release(&semaphore);
    assert_false(gyre_semaphore_locked(&semaphore));
}

static int take_twice(void *names)
{
    for (char **name = names; *name; name++) {
        take(*name);
        gyre_sleep(0.001);
        gyre_semaphore_release(&semaphore);
    }
    return 0;
}

/* test_locks.py::SemaphoreTests::test_acquire_fifo_order */
static void who_comes_back_stands_at_the_end(void **state)
{
    static char *names[3][3] = {{"a1", "a2", NULL}, {"b1", "b2", NULL}, {"c1", "c2", NULL}};

    for (int i = 0; i < 3; i++)
        spawn(take_twice, names[i]);
    for (int i = 0; i < 3; i++)
        join(spawned[i]);
    assert_noted("a1 b1 c1 a2 b2 c2");
}

static int take_give_and_take(void *arg)
{
    take("2");
    gyre_semaphore_release(&semaphore);
    return take("4");
}

/* test_locks.py::SemaphoreTests::test_acquire_fifo_order_2 */
static void who_gives_and_takes_again_lets_the_others_go_first(void **state)
{
    spawn(take, "1");
    spawn(take_give_and_take, NULL);
    spawn(take, "3");
    run_once();
    gyre_semaphore_release(&semaphore);
    gyre_semaphore_release(&semaphore);
    for (int i = 0; i < 3; i++)
        assert_int_equal(join(spawned[i]), 0);
    assert_noted("1 2 3 4");
}

/* test_locks.py::SemaphoreTests::test_acquire_fifo_order_3 */
static void the_order_stays_when_the_first_is_cancelled(void **state)
{
    gyre_semaphore_init(&semaphore, 0);
    spawn(take, "1");
    spawn(take, "2");
    spawn(take, "3");
    run_once();
    gyre_task_cancel(spawned[0]);
    run_once();
    gyre_semaphore_release(&semaphore);
    gyre_semaphore_release(&semaphore);
    assert_int_equal(join(spawned[0]), GYRE_ECANCELLED);
    assert_int_equal(join(spawned[1]), 0);
    assert_int_equal(join(spawned[2]), 0);
    assert_noted("2 3");
}

static int late(void *arg)
{
    note("4");
    return 0;
}

static int take_and_bring_another(void *arg)
{
    assert_int_equal(semaphore.value, 0);
    assert_int_equal(gyre_semaphore_acquire(&semaphore), 0);
    assert_int_equal(semaphore.value, 0);
    spawn(late, NULL);
    note("1");
    return 0;
}

static int give_three_and_take(void *arg)
{
    for (int i = 0; i < 3; i++)
        gyre_semaphore_release(&semaphore);
    assert_int_equal(semaphore.value, 2);
    assert_true(gyre_semaphore_locked(&semaphore));
    return take("2");
}

static int take_the_last(void *arg)
{
    int err = gyre_semaphore_acquire(&semaphore);

    assert_true(gyre_semaphore_locked(&semaphore));
    note("3");
    return err;
}

/* test_locks.py::SemaphoreTests::test_acquire_fifo_order_4 */
static void one_that_takes_its_place_wakes_all_there_are_places_for(void **state)
{
    gyre_semaphore_init(&semaphore, 0);
    spawn(take_and_bring_another, NULL);
    spawn(give_three_and_take, NULL);
    spawn(take_the_last, NULL);
    run_once();
    assert_int_equal(semaphore.value, 2);
    assert_int_equal(in_line(semaphore.waiters), 3);
    run_once();
    assert_noted("1");
    run_once();
    assert_noted("2 3 4");
    assert_int_equal(semaphore.value, 0);
}

static int take_without_a_turn(void *arg)
{
    gyre_loop_call_soon(loop, note, "other");
    take("taken");
    gyre_semaphore_release(&semaphore);
    return 0;
}

static void a_free_place_is_taken_without_giving_way(void **state)
{
    assert_int_equal(run_main(take_without_a_turn, NULL), 0);
    assert_noted("taken other");
    assert_null(semaphore.loop);
}

static int code_elsewhere;

static int take_elsewhere(void *arg)
{
    code_elsewhere = gyre_semaphore_acquire(&semaphore);
    return 0;
}

static void it_belongs_to_the_loop_whose_tasks_waited_first(void **state)
{
    gyre_loop *first = loop;

    gyre_semaphore_acquire(&semaphore);
    spawn(take, "taken");
    run_once();
    loop = open_witnessed();
    run_main(take_elsewhere, NULL);
    assert_int_equal(code_elsewhere, GYRE_EWRONGLOOP);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    loop = first;
}

static void take_in_callback(void *arg)
{
    take_elsewhere(arg);
}

static void a_plain_callback_cannot_wait(void **state)
{
    gyre_semaphore_acquire(&semaphore);
    gyre_loop_call_soon(loop, take_in_callback, NULL);
    run_once();
    assert_int_equal(code_elsewhere, GYRE_EAWAIT);
    assert_int_equal(in_line(semaphore.waiters), 0);
}

static void release_it(void *arg)
{
    gyre_semaphore_release(&semaphore);
}

static void outside_a_task_it_drives_the_loop(void **state)
{
    gyre_semaphore_acquire(&semaphore);
    gyre_loop_call_soon(loop, release_it, NULL);
    assert_int_equal(gyre_semaphore_acquire(&semaphore), 0);
    assert_int_equal(semaphore.value, 0);
}

static int take_and_give_late(void *arg)
{
    int err = gyre_semaphore_acquire(&semaphore);

    if (err)
        return err;
    err = gyre_sleep(0);
    gyre_semaphore_release(&semaphore);
    return err;
}

static void a_loop_that_closes_leaves_nobody_in_line(void **state)
{
    for (int i = 0; i < 6; i++)
        spawn(take_and_give_late, NULL);
    run_once();
    gyre_semaphore_release(&semaphore);
    gyre_task_cancel(spawned[3]);
    close_now();
    assert_int_equal(in_line(semaphore.waiters), 0);
    assert_int_equal(semaphore.value, 2);
}

/* Tasks that take, hold for some turns and are cancelled at any of them: never more holders than places, and
 * all places are back in the end. */
static int holders;

static int hold_some_turns(void *turns)
{
    int err = gyre_semaphore_acquire(&semaphore);

    if (err)
        return err;
    assert_in_range(++holders, 1, 3);
    for (intptr_t i = 0; i < (intptr_t)turns && !err; i++)
        err = gyre_sleep(0);
    holders--;
    gyre_semaphore_release(&semaphore);
    return err;
}

static void play(uint32_t seed)
{
    gyre_semaphore_init(&semaphore, 3);
    for (int i = 0; i < 24; i++)
        spawn(hold_some_turns, (void *)(intptr_t)(i % 4));
    for (int i = 0; i < 80; i++) {
        seed = seed * 1664525 + 1013904223;
        if (seed >> 30 == 0)
            gyre_task_cancel(spawned[(seed >> 8) % spawned_count]);
        run_once();
    }
    for (size_t i = 0; i < spawned_count; i++)
        assert_true(gyre_future_done(spawned[i]));
    assert_int_equal(semaphore.value, 3);
    assert_int_equal(holders, 0);
    let_tasks_go();
}

static void cancels_at_any_turn_lose_no_place(void **state)
{
    for (uint32_t seed = 1; seed <= 200; seed++)
        play(seed * 2654435761u);
}

static int end_it(void *arg)
{
    gyre_semaphore_destroy(&semaphore);
    return 0;
}

static void one_that_is_waited_for_must_not_end(void **state)
{
    gyre_semaphore_acquire(&semaphore);
    assert_not_ended(take, end_it, "a task waits for the semaphore");
}

#define ON_SEMAPHORE(test) cmocka_unit_test_setup_teardown(test, open_semaphore, close_semaphore)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SEMAPHORE(one_without_places_is_locked),
        ON_SEMAPHORE(a_new_one_has_its_places_and_is_no_future),
        ON_SEMAPHORE(there_are_no_negative_places),
        ON_SEMAPHORE(places_go_to_each_in_the_order_of_coming),
        ON_SEMAPHORE(a_cancelled_one_leaves_the_line),
        ON_SEMAPHORE(a_release_passes_the_cancelled_over),
        ON_SEMAPHORE(a_cancel_before_the_release_hangs_nobody),
        ON_SEMAPHORE(one_that_was_woken_and_then_cancelled_gives_its_place_back),
        ON_SEMAPHORE(and_wakes_the_next_with_it),
        ON_SEMAPHORE(a_bounded_one_takes_no_place_too_many),
        ON_SEMAPHORE(another_one_grows_by_each_release),
        ON_SEMAPHORE(its_only_place_is_taken_between_acquire_and_release),
        ON_SEMAPHORE(who_comes_back_stands_at_the_end),
        ON_SEMAPHORE(who_gives_and_takes_again_lets_the_others_go_first),
        ON_SEMAPHORE(the_order_stays_when_the_first_is_cancelled),
        ON_SEMAPHORE(one_that_takes_its_place_wakes_all_there_are_places_for),
        ON_SEMAPHORE(a_free_place_is_taken_without_giving_way),
        ON_SEMAPHORE(it_belongs_to_the_loop_whose_tasks_waited_first),
        ON_SEMAPHORE(a_plain_callback_cannot_wait),
        ON_SEMAPHORE(outside_a_task_it_drives_the_loop),
        ON_SEMAPHORE(a_loop_that_closes_leaves_nobody_in_line),
        ON_SEMAPHORE(one_that_is_waited_for_must_not_end),
        ON_SEMAPHORE(cancels_at_any_turn_lose_no_place),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
