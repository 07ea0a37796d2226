/* test_event.c - a flag that tasks wait for. */
#include "sync_bed.h"

static gyre_event event;

static int open_event(void **state)
{
    gyre_event_init(&event);
    return open_loop(state);
}

static int close_event(void **state)
{
    int err = close_loop(state);

    let_tasks_go();
    gyre_event_destroy(&event);
    return err;
}

static int wait_for_it(void *name)
{
    int err = gyre_event_wait(&event);

    if (!err)
        note(name);
    return err;
}

/* test_locks.py::EventTests::test_wait */
static void all_are_woken_in_order_and_a_newcomer_does_not_wait(void **state)
{
    assert_false(gyre_event_is_set(&event));
    spawn(wait_for_it, "1");
    spawn(wait_for_it, "2");
    run_once();
    assert_noted("");
    spawn(wait_for_it, "3");
    gyre_event_set(&event);
    run_once();
    assert_noted("3 1 2");
    for (int i = 0; i < 3; i++)
        assert_int_equal(gyre_future_result(spawned[i], NULL), 0);
}

static int wait_without_a_turn(void *arg)
{
    gyre_loop_call_soon(loop, note, "other");
    wait_for_it("waited");
    return 0;
}

/* test_locks.py::EventTests::test_wait_on_set */
static void waiting_for_what_is_set_does_not_give_way(void **state)
{
    gyre_event_set(&event);
    assert_int_equal(run_main(wait_without_a_turn, NULL), 0);
    assert_noted("waited other");
    assert_null(event.loop);
}

/* test_locks.py::EventTests::test_wait_cancel */
static void a_cancelled_one_leaves_the_line(void **state)
{
    gyre_task *task = spawn(wait_for_it, "woken");

    gyre_loop_call_soon(loop, cancel_it, task);
    assert_int_equal(join(task), GYRE_ECANCELLED);
    assert_int_equal(in_line(event.waiters), 0);
}

/* test_locks.py::EventTests::test_clear */
static void the_flag_goes_up_and_down(void **state)
{
    assert_false(gyre_event_is_set(&event));
    gyre_event_set(&event);
    assert_true(gyre_event_is_set(&event));
    gyre_event_clear(&event);
    assert_false(gyre_event_is_set(&event));
}

/* test_locks.py::EventTests::test_clear_with_waiters */
static void a_clear_takes_no_wake_back(void **state)
{
    gyre_task *task = spawn(wait_for_it, "1");

    run_once();
    gyre_event_set(&event);
    gyre_event_clear(&event);
    assert_false(gyre_event_is_set(&event));
    gyre_event_set(&event);
    gyre_event_set(&event);
    assert_int_equal(in_line(event.waiters), 1);
    run_once();
    assert_noted("1");
    assert_int_equal(in_line(event.waiters), 0);
    assert_true(gyre_future_done(task));
}

static void one_that_was_woken_and_then_cancelled_is_cancelled(void **state)
{
    spawn(wait_for_it, "1");
    spawn(wait_for_it, "2");
    run_once();
    gyre_event_set(&event);
    gyre_task_cancel(spawned[0]);
    run_once();
    assert_true(gyre_future_cancelled(spawned[0]));
    assert_noted("2");
}

static void who_comes_after_the_clear_waits_for_the_next_set(void **state)
{
    spawn(wait_for_it, "1");
    run_once();
    gyre_event_set(&event);
    gyre_event_clear(&event);
    spawn(wait_for_it, "2");
    run_once();
    assert_noted("1");
    gyre_event_set(&event);
    run_once();
    assert_noted("2");
}

static void set_it(void *arg)
{
    gyre_event_set(&event);
}

static void outside_a_task_it_drives_the_loop(void **state)
{
    gyre_loop_call_soon(loop, set_it, NULL);
    assert_int_equal(gyre_event_wait(&event), 0);
}

static int wait_code;

static void wait_in_callback(void *arg)
{
    wait_code = gyre_event_wait(&event);
}

static void a_plain_callback_cannot_wait(void **state)
{
    gyre_loop_call_soon(loop, wait_in_callback, NULL);
    run_once();
    assert_int_equal(wait_code, GYRE_EAWAIT);
}

static void it_belongs_to_the_loop_whose_tasks_waited_first(void **state)
{
    gyre_loop *first = loop;

    spawn(wait_for_it, "1");
    run_once();
    loop = open_witnessed();
    assert_int_equal(run_main(wait_for_it, "2"), GYRE_EWRONGLOOP);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    loop = first;
}

/* The task that is unwound first sets the event that the others wait for. */
static int set_when_it_ends(void *arg)
{
    int err = gyre_event_wait(&event);

    gyre_event_set(&event);
    return err;
}

static void a_loop_that_closes_leaves_nobody_in_line(void **state)
{
    spawn(set_when_it_ends, NULL);
    for (int i = 0; i < 4; i++)
        spawn(wait_for_it, "woken");
    run_once();
    close_now();
    assert_noted("");
    assert_int_equal(in_line(event.waiters), 0);
    for (int i = 0; i < 5; i++)
        assert_true(gyre_future_cancelled(spawned[i]));
}

static int end_it(void *arg)
{
    gyre_event_destroy(&event);
    return 0;
}

static void one_that_is_waited_for_must_not_end(void **state)
{
    assert_not_ended(wait_for_it, end_it, "a task waits for the event");
}

#define ON_EVENT(test) cmocka_unit_test_setup_teardown(test, open_event, close_event)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_EVENT(all_are_woken_in_order_and_a_newcomer_does_not_wait),
        ON_EVENT(waiting_for_what_is_set_does_not_give_way),
        ON_EVENT(a_cancelled_one_leaves_the_line),
        ON_EVENT(the_flag_goes_up_and_down),
        ON_EVENT(a_clear_takes_no_wake_back),
        ON_EVENT(one_that_was_woken_and_then_cancelled_is_cancelled),
        ON_EVENT(who_comes_after_the_clear_waits_for_the_next_set),
        ON_EVENT(outside_a_task_it_drives_the_loop),
        ON_EVENT(a_plain_callback_cannot_wait),
        ON_EVENT(it_belongs_to_the_loop_whose_tasks_waited_first),
        ON_EVENT(a_loop_that_closes_leaves_nobody_in_line),
        ON_EVENT(one_that_is_waited_for_must_not_end),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
