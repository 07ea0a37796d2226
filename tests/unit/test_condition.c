/* test_condition.c - waiting without the lock, and having it again afterwards, whatever happened. */
#include "sync_bed.h"

static gyre_condition condition;
static gyre_lock lent;

static int open_condition(void **state)
{
    gyre_condition_init(&condition, NULL);
    gyre_lock_init(&lent);
    return open_loop(state);
}

static int close_condition(void **state)
{
    int err = close_loop(state);

    let_tasks_go();
    gyre_condition_destroy(&condition);
    gyre_lock_destroy(&lent);
    return err;
}

static void acquire(void)
{
    assert_int_equal(gyre_condition_acquire(&condition), 0);
}

static void release(void)
{
    assert_int_equal(gyre_condition_release(&condition), 0);
}

static void notify(size_t n)
{
    assert_int_equal(gyre_condition_notify(&condition, n), 0);
}

/* Waits and keeps the lock. */
static int wait_and_keep(void *name)
{
    int err = gyre_condition_acquire(&condition);

    if (!err)
        err = gyre_condition_wait(&condition);
    if (!err)
        note(name);
    return err;
}

static int wait_and_give(void *name)
{
    int err = wait_and_keep(name);

    assert_true(gyre_condition_locked(&condition));
    release();
    return err;
}

/* test_locks.py::ConditionTests::test_wait */
static void who_is_notified_runs_when_the_lock_is_his(void **state)
{
    spawn(wait_and_keep, "1");
    spawn(wait_and_keep, "2");
    spawn(wait_and_keep, "3");
    run_once();
    assert_noted("");
    assert_false(gyre_condition_locked(&condition));
    acquire();
    notify(1);
    run_once();
    assert_noted("");
    assert_true(gyre_condition_locked(&condition));
    release();
    run_once();
    assert_noted("1");
    assert_true(gyre_condition_locked(&condition));
    notify(2);
    run_once();
    assert_noted("");
    release();
    run_once();
    assert_noted("2");
    release();
    run_once();
    assert_noted("3");
    assert_true(gyre_condition_locked(&condition));
    for (int i = 0; i < 3; i++)
        assert_int_equal(gyre_future_result(spawned[i], NULL), 0);
}

static int wait_only(void *arg)
{
    return gyre_condition_wait(&condition);
}

/* test_locks.py::ConditionTests::test_wait_cancel */
static void a_cancelled_one_has_the_lock_again(void **state)
{
    gyre_task *task;

    acquire();
    task = spawn(wait_only, NULL);
    gyre_loop_call_soon(loop, cancel_it, task);
    assert_int_equal(join(task), GYRE_ECANCELLED);
    assert_int_equal(in_line(condition.waiters), 0);
    assert_true(gyre_condition_locked(&condition));
}

static void release_it(void *arg)
{
    release();
}

/* test_locks.py::ConditionTests::test_wait_cancel_contested */
static void a_cancel_before_it_has_the_lock_leaves_the_lock_to_it(void **state)
{
    gyre_task *task;

    acquire();
    task = spawn(wait_only, NULL);
    run_once();
    assert_false(gyre_condition_locked(&condition));
    acquire();
    notify(1);
    gyre_loop_call_soon(loop, cancel_it, task);
    gyre_loop_call_soon(loop, release_it, NULL);
    join(task);
    assert_true(gyre_condition_locked(&condition));
}

/* test_locks.py::ConditionTests::test_wait_cancel_after_notify */
static void a_cancel_while_it_takes_the_lock_again_comes_out_after(void **state)
{
    gyre_task *task = spawn(wait_and_give, "waited");

    run_once();
    acquire();
    notify(1);
    run_once();
    gyre_task_cancel(task);
    run_once();
    release();
    run_once();
    assert_true(gyre_future_cancelled(task));
    assert_noted("");
    assert_false(gyre_condition_locked(&condition));
}

/* The cancellations that come while it has not the lock are one in the end: the last. */
static void as_many_cancels_as_come_are_one(void **state)
{
    gyre_task *task = spawn(wait_and_give, "waited");
    static const char *const reasons[] = {"first", "second", "third"};

    run_once();
    acquire();
    for (int i = 0; i < 3; i++) {
        gyre_task_cancel(task, .msg = reasons[i]);
        run_once();
        assert_false(gyre_future_done(task));
    }
    release();
    assert_int_equal(join(task), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), "third");
    assert_int_equal(gyre_task_cancelling(task), 3);
}

/* test_locks.py::ConditionTests::test_wait_unacquired */
static void nobody_waits_without_the_lock(void **state)
{
    assert_int_equal(run_main(wait_only, NULL), GYRE_ERUNTIME);
    assert_int_equal(wait_only(NULL), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "cannot wait on un-acquired lock");
}

static int is_so(void *flag)
{
    return *(int *)flag;
}

static int wait_until(void *flag)
{
    int result = gyre_condition_acquire(&condition);

    if (!result)
        result = gyre_condition_wait_for(&condition, is_so, flag);
    if (result > 0)
        note("so");
    release();
    return result;
}

static void notify_one(void)
{
    acquire();
    notify(1);
    release();
}

/* test_locks.py::ConditionTests::test_wait_for */
static void it_waits_until_what_it_asks_is_so(void **state)
{
    int flag = 0;
    gyre_task *task = spawn(wait_until, &flag);

    run_once();
    notify_one();
    run_once();
    assert_noted("");
    flag = 7;
    notify_one();
    run_once();
    assert_noted("so");
    assert_int_equal(gyre_future_result(task, NULL), 7);
}

/* test_locks.py::ConditionTests::test_wait_for_unacquired */
static void what_is_so_already_needs_no_lock(void **state)
{
    int flag = 5;

    assert_int_equal(gyre_condition_wait_for(&condition, is_so, &flag), 5);
    flag = GYRE_EUSER;
    assert_int_equal(gyre_condition_wait_for(&condition, is_so, &flag), GYRE_EUSER);
    flag = 0;
    assert_int_equal(gyre_condition_wait_for(&condition, is_so, &flag), GYRE_ERUNTIME);
}

/* test_locks.py::ConditionTests::test_notify */
static void so_many_are_woken_the_oldest_first(void **state)
{
    spawn(wait_and_give, "1");
    spawn(wait_and_give, "2");
    spawn(wait_and_give, "3");
    run_once();
    notify_one();
    run_once();
    assert_noted("1");
    acquire();
    notify(1);
    notify(2048);
    release();
    run_once();
    assert_noted("2 3");
}

static void a_notification_of_nobody_wakes_nobody(void **state)
{
    spawn(wait_and_give, "1");
    run_once();
    acquire();
    notify(0);
    release();
    run_once();
    assert_noted("");
}

/* test_locks.py::ConditionTests::test_notify_all */
static void all_are_woken(void **state)
{
    spawn(wait_and_give, "1");
    spawn(wait_and_give, "2");
    run_once();
    acquire();
    assert_int_equal(gyre_condition_notify_all(&condition), 0);
    release();
    run_once();
    assert_noted("1 2");
}

/* test_locks.py::ConditionTests::test_notify_unacquired,
 * test_locks.py::ConditionTests::test_notify_all_unacquired */
static void nobody_notifies_without_the_lock(void **state)
{
    assert_int_equal(gyre_condition_notify(&condition, 1), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "cannot notify on un-acquired lock");
    assert_int_equal(gyre_condition_notify_all(&condition), GYRE_ERUNTIME);
}

/* test_locks.py::ConditionTests::test_context_manager, test_locks.py::LockTests::test_lock_by_with_statement,
 * test_pep492.py::LockTests::test_context_manager_async_with,
 * test_pep492.py::LockTests::test_context_manager_with_await */
static void it_is_locked_between_acquire_and_release(void **state)
{
    assert_false(IS_AWAITABLE(condition));
    assert_false(gyre_condition_locked(&condition));
    acquire();
    assert_true(gyre_condition_locked(&condition));
    release();
    assert_false(gyre_condition_locked(&condition));
    assert_int_equal(gyre_condition_release(&condition), GYRE_ERUNTIME);
}

/* test_locks.py::ConditionTests::test_explicit_lock */
static void the_lock_may_be_anothers(void **state)
{
    gyre_condition_init(&condition, &lent);
    acquire();
    assert_true(gyre_lock_locked(&lent));
    assert_true(gyre_condition_locked(&condition));
    release();
    assert_false(gyre_lock_locked(&lent));
    assert_int_equal(gyre_lock_acquire(&lent), 0);
    assert_true(gyre_condition_locked(&condition));
    assert_int_equal(gyre_lock_release(&lent), 0);
    assert_false(gyre_condition_locked(&condition));
}

static gyre_condition second;

static int wait_on_second(void *name)
{
    gyre_condition_acquire(&second);
    gyre_condition_wait(&second);
    note(name);
    return gyre_condition_release(&second);
}

static void two_conditions_share_a_lock(void **state)
{
    gyre_condition_init(&condition, &lent);
    gyre_condition_init(&second, &lent);
    spawn(wait_and_give, "first");
    spawn(wait_on_second, "second");
    run_once();
    gyre_lock_acquire(&lent);
    assert_int_equal(gyre_condition_notify(&second, 1), 0);
    gyre_lock_release(&lent);
    run_once();
    assert_noted("second");
    notify_one();
    run_once();
    assert_noted("first");
    gyre_condition_destroy(&second);
}

static int wait_within(void *arg)
{
    gyre_timeout timeout;
    int err;

    acquire();
    gyre_timeout_begin(&timeout, 0.002);
    err = (int)gyre_timeout_end(&timeout, gyre_condition_wait(&condition));
    assert_true(gyre_condition_locked(&condition));
    release();
    return err;
}

/* test_locks.py::ConditionTests::test_timeout_in_block */
static void a_deadline_ends_the_wait(void **state)
{
    assert_int_equal(run_main(wait_within, NULL), -ETIMEDOUT);
    assert_false(gyre_condition_locked(&condition));
}

/* test_locks.py::ConditionTests::test_cancelled_error_wakeup */
static void the_reason_of_a_cancel_comes_out(void **state)
{
    int flag = 0;
    gyre_task *task = spawn(wait_until, &flag);

    run_once();
    gyre_task_cancel(task, .msg = "foo");
    assert_int_equal(join(task), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), "foo");
}

/* test_locks.py::ConditionTests::test_cancelled_error_re_aquire */
static void and_also_when_it_comes_while_it_takes_the_lock_again(void **state)
{
    int flag = 0;
    gyre_task *task = spawn(wait_until, &flag);

    run_once();
    acquire();
    flag = 1;
    notify(1);
    run_once();
    gyre_task_cancel(task, .msg = "foo");
    release();
    assert_int_equal(join(task), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), "foo");
}

/* Consumers of items that are counted; less than none ends them. */
static int items;

static int some_or_end(void *arg)
{
    return items != 0;
}

static int none(void *arg)
{
    return items == 0;
}

static int consume(void *arg)
{
    int err = gyre_condition_acquire(&condition);

    while (!err) {
        err = gyre_condition_wait_for(&condition, some_or_end, NULL);
        if (err < 0 || items < 0)
            break;
        items--;
        err = 0;
    }
    release();
    return err < 0 ? err : 0;
}

static int see_it_consumed(void)
{
    gyre_timeout timeout;

    gyre_timeout_begin(&timeout, 0.01);
    return (int)gyre_timeout_end(&timeout, gyre_condition_wait_for(&condition, none, NULL));
}

/* Produces an item, cancels who was notified after so many turns, and sees that another takes the item. */
static int produce_and_cancel(void *turns)
{
    acquire();
    items++;
    notify(1);
    for (intptr_t i = 0; i < (intptr_t)turns; i++)
        gyre_sleep(0);
    gyre_task_cancel(spawned[0]);
    see_it_consumed();
    assert_int_equal(items, 0);
    items = -1;
    gyre_condition_notify_all(&condition);
    release();
    return gyre_await(spawned[1], NULL);
}

static void consume_with_a_cancel_after(intptr_t turns)
{
    items = 0;
    spawn(consume, NULL);
    spawn(consume, NULL);
    run_once();
    assert_int_equal(run_main(produce_and_cancel, (void *)turns), 0);
    assert_int_equal(join(spawned[0]), GYRE_ECANCELLED);
}

/* test_locks.py::ConditionTests::test_cancelled_wakeup */
static void a_cancel_after_the_notification_passes_it_on(void **state)
{
    consume_with_a_cancel_after(0);
}

/* test_locks.py::ConditionTests::test_cancelled_wakeup_relock */
static void a_cancel_while_it_takes_the_lock_again_passes_it_on_too(void **state)
{
    consume_with_a_cancel_after(1);
}

static void it_belongs_to_the_loop_whose_tasks_waited_first(void **state)
{
    gyre_loop *first = loop;

    spawn(wait_and_give, "1");
    run_once();
    acquire();
    loop = open_witnessed();
    assert_int_equal(run_main(wait_only, NULL), GYRE_EWRONGLOOP);
    assert_true(gyre_condition_locked(&condition));
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    loop = first;
}

static int wait_code;

static void wait_in_callback(void *arg)
{
    wait_code = gyre_condition_wait(&condition);
}

static void a_plain_callback_cannot_wait_and_keeps_the_lock(void **state)
{
    acquire();
    gyre_loop_call_soon(loop, wait_in_callback, NULL);
    run_once();
    assert_int_equal(wait_code, GYRE_EAWAIT);
    assert_true(gyre_condition_locked(&condition));
}

static int notify_in_task(void *arg)
{
    notify_one();
    return 0;
}

static void outside_a_task_it_drives_the_loop(void **state)
{
    spawn(notify_in_task, NULL);
    acquire();
    assert_int_equal(gyre_condition_wait(&condition), 0);
    assert_true(gyre_condition_locked(&condition));
}

static int wait_and_let_be(void *arg)
{
    int err = gyre_condition_acquire(&condition);

    if (!err)
        err = gyre_condition_wait(&condition);
    gyre_condition_release(&condition);
    return err;
}

static int hold(void *arg)
{
    gyre_condition_acquire(&condition);
    gyre_sleep(1000);
    return gyre_condition_release(&condition);
}

/* Some wait for news, some for the lock again, one has it; those who wait are unwound before and after it. */
static void a_loop_that_closes_leaves_nobody_in_line(void **state)
{
    for (int i = 0; i < 3; i++)
        spawn(wait_and_let_be, NULL);
    run_once();
    spawn(hold, NULL);
    spawn(wait_and_let_be, NULL);
    run_once();
    gyre_condition_notify(&condition, 2);
    run_once();
    close_now();
    for (size_t i = 0; i < spawned_count; i++)
        assert_true(gyre_future_done(spawned[i]));
    assert_int_equal(in_line(condition.waiters), 0);
    assert_int_equal(in_line(condition.own.waiters), 0);
}

/* A queue of one condition: producers and consumers, cancelled at any turn. Each item is taken once, or by a
 * consumer that was cancelled when it had it; nobody hangs. */
static int made, taken;

static int produce_one(void *arg)
{
    int err = gyre_sleep(0);

    if (!err)
        err = gyre_condition_acquire(&condition);
    if (err)
        return err;
    items++;
    made++;
    notify(1);
    release();
    return 0;
}

static int take_one(void *arg)
{
    int err = gyre_condition_acquire(&condition);

    if (err)
        return err;
    err = gyre_condition_wait_for(&condition, some_or_end, NULL);
    assert_true(gyre_condition_locked(&condition));
    if (err > 0) {
        items--;
        taken++;
        err = gyre_sleep(0);
    }
    release();
    return err < 0 ? err : 0;
}

static bool somebody_waits(void)
{
    for (size_t i = 0; i < spawned_count; i++)
        if (!gyre_future_done(spawned[i]))
            return true;
    return false;
}

static void play(uint32_t seed)
{
    items = made = taken = 0;
    for (int i = 0; i < 15; i++) {
        spawn(take_one, NULL);
        spawn(produce_one, NULL);
    }
    for (int i = 0; i < 120; i++) {
        seed = seed * 1664525 + 1013904223;
        if (seed >> 29 == 0)
            gyre_task_cancel(spawned[(seed >> 8) % spawned_count]);
        run_once();
    }
    assert_int_equal(made - taken, items);
    /* An item is left only when nobody waits for one. */
    assert_true(items == 0 || !somebody_waits());
    assert_false(gyre_condition_locked(&condition));
    for (size_t i = 0; i < spawned_count; i++)
        gyre_task_cancel(spawned[i]);
    run_passes(3);
    let_tasks_go();
}

static void cancels_at_any_turn_lose_no_notification(void **state)
{
    for (uint32_t seed = 1; seed <= 200; seed++)
        play(seed * 2654435761u);
}

static int end_it(void *arg)
{
    gyre_condition_destroy(&condition);
    return 0;
}

static void one_that_is_waited_for_must_not_end(void **state)
{
    assert_not_ended(wait_and_let_be, end_it, "a task waits for the condition");
}

#define ON_CONDITION(test) cmocka_unit_test_setup_teardown(test, open_condition, close_condition)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_CONDITION(who_is_notified_runs_when_the_lock_is_his),
        ON_CONDITION(a_cancelled_one_has_the_lock_again),
        ON_CONDITION(a_cancel_before_it_has_the_lock_leaves_the_lock_to_it),
        ON_CONDITION(a_cancel_while_it_takes_the_lock_again_comes_out_after),
        ON_CONDITION(as_many_cancels_as_come_are_one),
        ON_CONDITION(nobody_waits_without_the_lock),
        ON_CONDITION(it_waits_until_what_it_asks_is_so),
        ON_CONDITION(what_is_so_already_needs_no_lock),
        ON_CONDITION(so_many_are_woken_the_oldest_first),
        ON_CONDITION(a_notification_of_nobody_wakes_nobody),
        ON_CONDITION(all_are_woken),
        ON_CONDITION(nobody_notifies_without_the_lock),
        ON_CONDITION(it_is_locked_between_acquire_and_release),
        ON_CONDITION(the_lock_may_be_anothers),
        ON_CONDITION(two_conditions_share_a_lock),
        ON_CONDITION(a_deadline_ends_the_wait),
        ON_CONDITION(the_reason_of_a_cancel_comes_out),
        ON_CONDITION(and_also_when_it_comes_while_it_takes_the_lock_again),
        ON_CONDITION(a_cancel_after_the_notification_passes_it_on),
        ON_CONDITION(a_cancel_while_it_takes_the_lock_again_passes_it_on_too),
        ON_CONDITION(it_belongs_to_the_loop_whose_tasks_waited_first),
        ON_CONDITION(a_plain_callback_cannot_wait_and_keeps_the_lock),
        ON_CONDITION(outside_a_task_it_drives_the_loop),
        ON_CONDITION(a_loop_that_closes_leaves_nobody_in_line),
        ON_CONDITION(one_that_is_waited_for_must_not_end),
        ON_CONDITION(cancels_at_any_turn_lose_no_notification),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
