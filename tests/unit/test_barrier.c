/* test_barrier.c - waiting until enough tasks are there: rounds, resets, aborts, cancellations. */
#include "sync_bed.h"

enum { PARTIES = 5, HALF = PARTIES / 2 };

static gyre_barrier barrier, second;

/* How often each of the three things that a test counts has happened. */
static int first, other, third;

static int open_barrier(void **state)
{
    assert_int_equal(gyre_barrier_init(&barrier, PARTIES), 0);
    assert_int_equal(gyre_barrier_init(&second, PARTIES), 0);
    first = other = third = 0;
    return open_loop(state);
}

static int close_barrier(void **state)
{
    int err = close_loop(state);

    let_tasks_go();
    gyre_barrier_destroy(&barrier);
    gyre_barrier_destroy(&second);
    return err;
}

static int wait_there(void *arg)
{
    return gyre_barrier_wait(&barrier);
}

static int reset_it(void *arg)
{
    return gyre_barrier_reset(&barrier);
}

static int abort_it(void *arg)
{
    return gyre_barrier_abort(&barrier);
}

/* Runs so many tasks to their end, which none of them fails to reach. */
static void run_all(int count, gyre_coroutine fn)
{
    for (int i = 0; i < count; i++)
        spawn(fn, NULL);
    for (size_t i = 0; i < spawned_count; i++)
        assert_true(join(spawned[i]) >= 0);
}

/* True while it drains or resets; its states are barrier.c's: filling, draining, resetting, broken. */
static bool lets_nobody_in(void)
{
    return barrier.state == 1 || barrier.state == 2;
}

/* The indexes that the tasks got are 0 to count - 1, each once. */
static void assert_indexes(int count)
{
    unsigned seen = 0;

    for (int i = 0; i < count; i++)
        seen |= 1u << gyre_future_result(spawned[i], NULL);
    assert_int_equal(seen, (1u << count) - 1);
}

static void assert_empty_and_whole(void)
{
    assert_int_equal(gyre_barrier_n_waiting(&barrier), 0);
    assert_false(gyre_barrier_broken(&barrier));
}

/* test_locks.py::BarrierTests::test_barrier */
static void a_new_one_fills_and_is_no_future(void **state)
{
    assert_false(IS_AWAITABLE(barrier));
    assert_int_equal(gyre_barrier_parties(&barrier), PARTIES);
    assert_empty_and_whole();
}

/* test_locks.py::BarrierTests::test_barrier_parties */
static void it_is_for_one_at_least(void **state)
{
    assert_int_equal(gyre_barrier_init(&barrier, 0), GYRE_EVALUE);
    assert_int_equal(gyre_barrier_init(&barrier, -4), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "parties must be > 0");
    assert_int_equal(gyre_barrier_parties(&barrier), PARTIES);
    assert_int_equal(gyre_barrier_init(&barrier, 1), 0);
}

/* test_locks.py::BarrierTests::test_context_manager */
static void each_gets_a_number_of_its_own(void **state)
{
    run_all(PARTIES, wait_there);
    assert_indexes(PARTIES);
    assert_empty_and_whole();
}

/* test_locks.py::BarrierTests::test_filling_one_task */
static void one_alone_does_not_wait(void **state)
{
    gyre_barrier_init(&barrier, 1);
    gyre_loop_call_soon(loop, note, "other");
    assert_int_equal(run_main(wait_there, NULL), 0);
    assert_empty_and_whole();
    assert_null(barrier.condition.loop);
    run_once();
    assert_noted("other");
}

/* test_locks.py::BarrierTests::test_filling_one_task_twice */
static void one_alone_passes_as_often_as_it_likes(void **state)
{
    gyre_barrier_init(&barrier, 1);
    for (int i = 0; i < 2; i++) {
        spawn(wait_there, NULL);
        run_once();
        assert_int_equal(gyre_future_result(spawned[i], NULL), 0);
        assert_empty_and_whole();
    }
}

/* test_locks.py::BarrierTests::test_filling_task_by_task */
static void it_counts_those_who_come(void **state)
{
    gyre_barrier_init(&barrier, 3);
    for (int i = 1; i <= 2; i++) {
        spawn(wait_there, NULL);
        run_once();
        assert_int_equal(gyre_barrier_n_waiting(&barrier), i);
    }
    run_all(1, wait_there);
    assert_indexes(3);
    assert_empty_and_whole();
}

static int wait_twice(void *arg)
{
    int index;

    assert_true(gyre_barrier_wait(&barrier) >= 0);
    first++;
    index = gyre_barrier_wait(&barrier);
    assert_int_equal(first, PARTIES);
    other++;
    return index;
}

/* test_locks.py::BarrierTests::test_filling_tasks_wait_twice,
 * test_locks.py::BarrierTests::test_filling_tasks_check_return_value */
static void it_is_used_again_and_again(void **state)
{
    run_all(PARTIES, wait_twice);
    assert_int_equal(first, PARTIES);
    assert_int_equal(other, PARTIES);
    assert_indexes(PARTIES);
    assert_empty_and_whole();
}

static int look_at_the_state(void *arg)
{
    int index = gyre_barrier_wait(&barrier);

    note(lets_nobody_in() ? "draining" : "filling");
    assert_int_equal(gyre_barrier_n_waiting(&barrier), 0);
    return index;
}

/* test_locks.py::BarrierTests::test_draining_state */
static void it_drains_until_the_last_has_left(void **state)
{
    run_all(PARTIES, look_at_the_state);
    assert_noted("draining draining draining draining filling");
    assert_empty_and_whole();
}

static int rewaits;

static int wait_again_some_at_a_time(void *arg)
{
    gyre_barrier_wait(&barrier);
    if (rewaits-- > 0)
        return gyre_barrier_wait(&barrier);
    assert_true(gyre_barrier_wait(&second) >= 0);
    first++;
    return gyre_barrier_wait(&barrier);
}

/* test_locks.py::BarrierTests::test_blocking_tasks_while_draining */
static void who_comes_while_it_drains_waits_for_the_next_round(void **state)
{
    gyre_barrier_init(&second, PARTIES - 2);
    rewaits = 2;
    run_all(PARTIES, wait_again_some_at_a_time);
    assert_int_equal(first, PARTIES - 2);
    assert_indexes(PARTIES);
    assert_empty_and_whole();
}

/* test_locks.py::BarrierTests::test_filling_tasks_cancel_one */
static void a_cancelled_one_does_not_count(void **state)
{
    gyre_barrier_init(&barrier, 3);
    spawn(wait_there, NULL);
    spawn(wait_there, NULL);
    run_once();
    assert_int_equal(gyre_barrier_n_waiting(&barrier), 2);
    gyre_task_cancel(spawned[0]);
    run_once();
    assert_int_equal(gyre_barrier_n_waiting(&barrier), 1);
    assert_int_equal(join(spawned[0]), GYRE_ECANCELLED);
    spawn(wait_there, NULL);
    run_once();
    assert_int_equal(gyre_barrier_n_waiting(&barrier), 2);
    spawn(wait_there, NULL);
    for (int i = 1; i <= 3; i++)
        assert_true(join(spawned[i]) >= 0);
    assert_empty_and_whole();
}

/* test_locks.py::BarrierTests::test_reset_barrier */
static void a_reset_of_an_empty_one_changes_nothing(void **state)
{
    spawn(reset_it, NULL);
    run_once();
    assert_int_equal(gyre_future_result(spawned[0], NULL), 0);
    assert_empty_and_whole();
}

static int wait_or_break(void *arg)
{
    int index = gyre_barrier_wait(&barrier);

    if (index != GYRE_EBROKENBARRIER)
        return index;
    assert_string_equal(gyre_error_text(), "Abort or reset of barrier");
    first++;
    return 0;
}

/* test_locks.py::BarrierTests::test_reset_barrier_while_tasks_waiting */
static void a_reset_breaks_those_who_wait(void **state)
{
    for (int i = 1; i < PARTIES; i++)
        spawn(wait_or_break, NULL);
    run_once();
    run_all(1, reset_it);
    assert_int_equal(first, PARTIES - 1);
    assert_empty_and_whole();
    assert_int_equal(run_main(reset_it, NULL), 0);
}

static int reset_when_half_are_out(void *arg)
{
    int index = wait_or_break(arg);

    if (barrier.count == HALF && first == 0)
        assert_int_equal(gyre_barrier_reset(&barrier), 0);
    return index;
}

/* test_locks.py::BarrierTests::test_reset_barrier_when_tasks_half_draining */
static void a_reset_breaks_those_who_are_not_out_yet(void **state)
{
    run_all(PARTIES, reset_when_half_are_out);
    assert_int_equal(first, HALF);
    assert_empty_and_whole();
    assert_false(lets_nobody_in());
}

/* A task of the next three tests: out in time, `fn` is called by the third of them, and the others wait. */
static int wait_while_it_drains(int (*fn)(gyre_barrier *))
{
    if (++other > HALF)
        return fn(&barrier);
    if (gyre_barrier_wait(&barrier) == GYRE_EBROKENBARRIER)
        third++;
    return 0;
}

static int reset_and_wait(gyre_barrier *of)
{
    assert_int_equal(gyre_barrier_reset(of), 0);
    return gyre_barrier_wait(of);
}

static int reset_under_the_blocked(void *arg)
{
    int index = gyre_barrier_wait(&barrier);

    if (index != GYRE_EBROKENBARRIER)
        return wait_while_it_drains(reset_and_wait);
    first++;
    return gyre_barrier_wait(&barrier);
}

/* test_locks.py::BarrierTests::test_reset_barrier_when_tasks_half_draining_half_blocking */
static void a_reset_lets_those_in_who_came_while_it_drained(void **state)
{
    run_all(PARTIES, reset_under_the_blocked);
    assert_int_equal(first, HALF);
    assert_int_equal(third, 0);
    assert_empty_and_whole();
    assert_false(lets_nobody_in());
}

static int wait_again_when_broken(void *arg)
{
    if (gyre_barrier_wait(&barrier) == GYRE_EBROKENBARRIER)
        first++;
    if (gyre_barrier_wait(&barrier) >= 0)
        other++;
    return 0;
}

/* test_locks.py::BarrierTests::test_reset_barrier_while_tasks_waiting_and_waiting_again */
static void those_whom_a_reset_broke_may_wait_again(void **state)
{
    for (int i = 1; i < PARTIES; i++)
        spawn(wait_again_when_broken, NULL);
    spawn(reset_it, NULL);
    run_once();
    run_all(1, wait_there);
    assert_int_equal(first, PARTIES - 1);
    assert_int_equal(other, PARTIES - 1);
    assert_empty_and_whole();
}

static int passed_first;

static int reset_by_the_last_one_out(void *arg)
{
    assert_true(gyre_barrier_wait(&barrier) >= 0);
    if (++passed_first == PARTIES) {
        assert_int_equal(gyre_barrier_reset(&barrier), 0);
        assert_true(gyre_barrier_wait(&barrier) >= 0);
    } else if (gyre_barrier_wait(&barrier) >= 0) {
        first++;
    } else {
        other++;
    }
    third += gyre_barrier_wait(&barrier) >= 0;
    return 0;
}

/* test_locks.py::BarrierTests::test_reset_barrier_while_tasks_draining */
static void a_reset_after_the_last_has_left_breaks_nobody(void **state)
{
    passed_first = 0;
    run_all(PARTIES, reset_by_the_last_one_out);
    assert_int_equal(first, PARTIES - 1);
    assert_int_equal(other, 0);
    assert_int_equal(third, PARTIES);
    assert_empty_and_whole();
}

/* test_locks.py::BarrierTests::test_abort_barrier */
static void an_aborted_one_is_broken(void **state)
{
    spawn(abort_it, NULL);
    run_once();
    assert_int_equal(gyre_barrier_n_waiting(&barrier), 0);
    assert_true(gyre_barrier_broken(&barrier));
    assert_int_equal(run_main(wait_there, NULL), GYRE_EBROKENBARRIER);
    assert_int_equal(wait_there(NULL), GYRE_EBROKENBARRIER);
    assert_string_equal(gyre_error_text(), "Barrier aborted");
    assert_int_equal(gyre_barrier_reset(&barrier), 0);
    assert_empty_and_whole();
}

static int abort_under_the_blocked(void *arg)
{
    if (gyre_barrier_wait(&barrier) >= 0)
        return wait_while_it_drains(gyre_barrier_abort);
    first++;
    return 0;
}

/* test_locks.py::BarrierTests::test_abort_barrier_when_tasks_half_draining_half_blocking */
static void an_abort_breaks_all_who_are_not_out(void **state)
{
    run_all(PARTIES, abort_under_the_blocked);
    assert_true(gyre_barrier_broken(&barrier));
    assert_int_equal(first, HALF);
    assert_int_equal(third, PARTIES - HALF - 1);
    assert_int_equal(gyre_barrier_n_waiting(&barrier), 0);
}

static int abort_by_one(void *arg)
{
    int index = gyre_barrier_wait(&barrier);

    if (index == HALF)
        return gyre_barrier_abort(&barrier);
    if (index >= 0)
        index = gyre_barrier_wait(&barrier);
    first += index >= 0;
    other += index == GYRE_EBROKENBARRIER;
    return 0;
}

/* test_locks.py::BarrierTests::test_abort_barrier_when_exception */
static void one_that_fails_breaks_it_for_the_others(void **state)
{
    run_all(PARTIES, abort_by_one);
    assert_true(gyre_barrier_broken(&barrier));
    assert_int_equal(first, 0);
    assert_int_equal(other, PARTIES - 1);
    assert_int_equal(gyre_barrier_n_waiting(&barrier), 0);
}

static int abort_then_reset(void *arg)
{
    abort_by_one(arg);
    if (gyre_barrier_wait(&second) == HALF)
        assert_int_equal(gyre_barrier_reset(&barrier), 0);
    assert_true(gyre_barrier_wait(&second) >= 0);
    third += gyre_barrier_wait(&barrier) >= 0;
    return 0;
}

/* test_locks.py::BarrierTests::test_abort_barrier_when_exception_then_resetting */
static void a_reset_mends_it(void **state)
{
    run_all(PARTIES, abort_then_reset);
    assert_int_equal(first, 0);
    assert_int_equal(other, PARTIES - 1);
    assert_int_equal(third, PARTIES);
    assert_empty_and_whole();
}

/* Who was let go and is cancelled before he is out leaves all the same, and the next round begins. */
static void a_cancel_of_one_who_was_let_go_holds_nobody_back(void **state)
{
    for (int i = 0; i < PARTIES; i++)
        spawn(wait_there, NULL);
    run_once();
    gyre_task_cancel(spawned[0]);
    assert_int_equal(join(spawned[0]), GYRE_ECANCELLED);
    for (int i = 1; i < PARTIES; i++)
        assert_true(join(spawned[i]) >= 0);
    assert_empty_and_whole();
    assert_false(lets_nobody_in());
    let_tasks_go();
    run_all(PARTIES, wait_there);
    assert_indexes(PARTIES);
}

static int codes[2];

static void use_in_callback(void *arg)
{
    codes[0] = gyre_barrier_wait(&barrier);
    codes[1] = gyre_barrier_reset(&barrier);
}

static void a_plain_callback_cannot_wait_but_can_reset(void **state)
{
    spawn(wait_or_break, NULL);
    gyre_loop_call_soon(loop, use_in_callback, NULL);
    run_once();
    assert_int_equal(codes[0], GYRE_EAWAIT);
    assert_int_equal(codes[1], 0);
    assert_int_equal(join(spawned[0]), 0);
    assert_int_equal(first, 1);
}

static void outside_a_task_it_drives_the_loop(void **state)
{
    for (int i = 1; i < PARTIES; i++)
        spawn(wait_there, NULL);
    assert_int_equal(gyre_barrier_wait(&barrier), 0);
    for (int i = 1; i < PARTIES; i++)
        assert_true(join(spawned[i - 1]) > 0);
}

static void a_loop_that_closes_leaves_nobody_inside(void **state)
{
    for (int i = 1; i < PARTIES; i++)
        spawn(wait_there, NULL);
    run_once();
    gyre_task_cancel(spawned[1]);
    close_now();
    for (int i = 1; i < PARTIES; i++)
        assert_true(gyre_future_cancelled(spawned[i - 1]));
    assert_empty_and_whole();
}

static void a_loop_that_closes_while_it_drains_leaves_nobody_inside(void **state)
{
    for (int i = 0; i < PARTIES + 2; i++)
        spawn(wait_there, NULL);
    run_once();
    close_now();
    for (int i = 0; i < PARTIES + 2; i++)
        assert_true(gyre_future_done(spawned[i]));
    assert_int_equal(barrier.count, 0);
    assert_false(gyre_barrier_broken(&barrier));
}

/* Rounds with cancellations, resets and aborts at any turn: in the end all are out, and it works. */
static int go_round(void *rounds)
{
    int index = 0;

    for (intptr_t i = 0; i < (intptr_t)rounds && index != GYRE_ECANCELLED; i++)
        index = gyre_barrier_wait(&barrier);
    return index == GYRE_ECANCELLED ? index : 0;
}

static void disturb(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    switch (*seed >> 28) {
    case 0:
    case 1:
        gyre_task_cancel(spawned[(*seed >> 8) % spawned_count]);
        break;
    case 2:
        spawn(reset_it, NULL);
        break;
    case 3:
        spawn(abort_it, NULL);
        break;
    }
}

static void play(uint32_t seed)
{
    for (int i = 0; i < 12; i++)
        spawn(go_round, (void *)(intptr_t)(i % 4 + 1));
    for (int i = 0; i < 60; i++) {
        disturb(&seed);
        run_once();
    }
    assert_int_equal(run_main(abort_it, NULL), 0);
    for (size_t i = 0; i < spawned_count; i++)
        join(spawned[i]);
    assert_int_equal(barrier.count, 0);
    assert_int_equal(run_main(reset_it, NULL), 0);
    let_tasks_go();
    run_all(PARTIES, wait_there);
    assert_indexes(PARTIES);
    let_tasks_go();
}

static void whatever_comes_it_works_again(void **state)
{
    for (uint32_t seed = 1; seed <= 200; seed++)
        play(seed * 2654435761u);
}

#define ON_BARRIER(test) cmocka_unit_test_setup_teardown(test, open_barrier, close_barrier)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BARRIER(a_new_one_fills_and_is_no_future),
        ON_BARRIER(it_is_for_one_at_least),
        ON_BARRIER(each_gets_a_number_of_its_own),
        ON_BARRIER(one_alone_does_not_wait),
        ON_BARRIER(one_alone_passes_as_often_as_it_likes),
        ON_BARRIER(it_counts_those_who_come),
        ON_BARRIER(it_is_used_again_and_again),
        ON_BARRIER(it_drains_until_the_last_has_left),
        ON_BARRIER(who_comes_while_it_drains_waits_for_the_next_round),
        ON_BARRIER(a_cancelled_one_does_not_count),
        ON_BARRIER(a_reset_of_an_empty_one_changes_nothing),
        ON_BARRIER(a_reset_breaks_those_who_wait),
        ON_BARRIER(a_reset_breaks_those_who_are_not_out_yet),
        ON_BARRIER(a_reset_lets_those_in_who_came_while_it_drained),
        ON_BARRIER(those_whom_a_reset_broke_may_wait_again),
        ON_BARRIER(a_reset_after_the_last_has_left_breaks_nobody),
        ON_BARRIER(an_aborted_one_is_broken),
        ON_BARRIER(an_abort_breaks_all_who_are_not_out),
        ON_BARRIER(one_that_fails_breaks_it_for_the_others),
        ON_BARRIER(a_reset_mends_it),
        ON_BARRIER(a_cancel_of_one_who_was_let_go_holds_nobody_back),
        ON_BARRIER(a_plain_callback_cannot_wait_but_can_reset),
        ON_BARRIER(outside_a_task_it_drives_the_loop),
        ON_BARRIER(a_loop_that_closes_leaves_nobody_inside),
        ON_BARRIER(a_loop_that_closes_while_it_drains_leaves_nobody_inside),
        ON_BARRIER(whatever_comes_it_works_again),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
