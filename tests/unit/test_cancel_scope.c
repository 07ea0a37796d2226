/* test_cancel_scope.c - stretches of a coroutine that are cancelled as one, level by level. asyncio has no
 * such thing: what is expected here is what anyio and trio do. */
#include "group_scene.h"
#include <gyre/sync.h>
#include <gyre/thread.h>

static gyre_cancel_scope scope, outer;
static gyre_future *door;

static double now(void)
{
    return gyre_loop_time(loop);
}

static uint64_t turns(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(loop, &stats);
    return stats.turns;
}

static int every_wait_returns(void *arg)
{
    gyre_future *future = gyre_loop_create_future(loop);
    double deadline = now() + .01;
    uint64_t before;

    assert_int_equal(gyre_move_on_after_begin(&scope, .01), 0);
    assert_false(gyre_cancel_scope_cancel_called(&scope));
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    assert_true(now() >= deadline && now() < deadline + 1);
    assert_true(gyre_cancel_scope_cancel_called(&scope));
    /* Swallowed, and there again, a turn later each. */
    before = turns();
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    assert_int_equal(gyre_await(future, NULL), GYRE_ECANCELLED);
    assert_int_equal(turns() - before, 3);
    assert_true(gyre_future_cancelled(future));
    assert_true(now() < deadline + 1);
    assert_int_equal(gyre_cancel_scope_end(&scope, GYRE_ECANCELLED), 0);
    assert_true(gyre_cancel_scope_cancelled_caught(&scope));
    assert_int_equal(cancelling(), 0);
    gyre_future_unref(future);
    return gyre_sleep(0);
}

static int a_done_future_is_no_wait(void *arg)
{
    gyre_future *future = gyre_loop_create_future(loop);
    void *value;

    gyre_future_set_result(future, "value");
    gyre_cancel_scope_begin(&scope);
    gyre_cancel_scope_cancel(&scope);
    assert_int_equal(gyre_await(future, &value), 0);
    assert_string_equal(value, "value");
    gyre_future_unref(future);
    assert_int_equal(gyre_cancel_scope_end(&scope, 9), 9);
    assert_false(gyre_cancel_scope_cancelled_caught(&scope));
    return gyre_sleep(0);
}

static int other_outcomes_pass(void *arg)
{
    gyre_cancel_scope_begin(&scope, .deadline = now() + 1000);
    assert_true(gyre_cancel_scope_end(&scope, PTRDIFF_MAX) == PTRDIFF_MAX);
    gyre_cancel_scope_begin(&scope);
    gyre_cancel_scope_cancel(&scope);
    assert_int_equal(gyre_sleep(1), GYRE_ECANCELLED);
    assert_int_equal(gyre_cancel_scope_end(&scope, -EIO), -EIO);
    assert_false(gyre_cancel_scope_cancelled_caught(&scope));
    /* Nobody asked this one to end. */
    gyre_cancel_scope_begin(&scope);
    assert_int_equal(gyre_cancel_scope_end(&scope, GYRE_ECANCELLED), GYRE_ECANCELLED);
    assert_false(gyre_cancel_scope_cancel_called(&scope));
    return gyre_sleep(0);
}

static int in_the_past(void *arg)
{
    uint64_t before = turns();

    gyre_cancel_scope_begin(&scope, .deadline = now() - 1);
    assert_true(gyre_cancel_scope_cancel_called(&scope));
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    assert_int_equal(turns() - before, 1);
    assert_int_equal(gyre_cancel_scope_end(&scope, GYRE_ECANCELLED), 0);
    gyre_move_on_after_begin(&scope, 0);
    assert_int_equal(gyre_cancel_scope_end(&scope, gyre_sleep(0)), 0);
    assert_true(gyre_cancel_scope_cancelled_caught(&scope));
    return gyre_sleep(0);
}

static void test_level_by_level(void **state)
{
    check(every_wait_returns);
    check(a_done_future_is_no_wait);
    check(other_outcomes_pass);
    check(in_the_past);
}

static void cancel_it(void *arg)
{
    gyre_cancel_scope_cancel(arg);
    gyre_cancel_scope_cancel(arg);
}

static void open_and_cancel(void *arg)
{
    gyre_future_set_result(door, NULL);
    gyre_cancel_scope_cancel(arg);
}

static int canceller(void *arg)
{
    gyre_cancel_scope_cancel(arg);
    return 0;
}

static int from_a_callback(void *arg)
{
    gyre_cancel_scope_begin(&scope);
    gyre_loop_call_later(loop, .01, cancel_it, &scope);
    assert_int_equal(gyre_cancel_scope_end(&scope, gyre_sleep(1000)), 0);
    assert_true(gyre_cancel_scope_cancelled_caught(&scope));
    return gyre_sleep(0);
}

static int from_a_task(void *arg)
{
    gyre_cancel_scope_begin(&scope);
    gyre_create_task(NULL, canceller, &scope);
    assert_int_equal(gyre_cancel_scope_end(&scope, gyre_sleep(1000)), 0);
    assert_true(gyre_cancel_scope_cancelled_caught(&scope));
    return gyre_sleep(0);
}

/* The door is open, but the task has not seen it yet: the cancellation comes first, as with Task.cancel. */
static int while_ready(void *arg)
{
    door = gyre_loop_create_future(loop);
    gyre_cancel_scope_begin(&scope);
    gyre_loop_call_soon(loop, open_and_cancel, &scope);
    assert_int_equal(gyre_await(door, NULL), GYRE_ECANCELLED);
    assert_false(gyre_future_cancelled(door));
    assert_int_equal(gyre_cancel_scope_end(&scope, GYRE_ECANCELLED), 0);
    gyre_future_unref(door);
    return gyre_sleep(0);
}

static int while_running(void *arg)
{
    gyre_cancel_scope_begin(&scope);
    gyre_cancel_scope_cancel(&scope);
    assert_int_equal(gyre_cancel_scope_end(&scope, 3), 3);
    /* Nothing stray, and too late now. */
    assert_int_equal(gyre_sleep(0), 0);
    gyre_cancel_scope_cancel(&scope);
    return gyre_sleep(0);
}

static int at_its_end(void *arg)
{
    gyre_loop_call_soon(loop, cancel_it, &scope);
    gyre_cancel_scope_begin(&scope);
    assert_int_equal(gyre_cancel_scope_end(&scope, 0), 0);
    assert_int_equal(gyre_sleep(0), 0);
    return gyre_sleep(0);
}

static void test_who_cancels_it(void **state)
{
    check(from_a_callback);
    check(from_a_task);
    check(while_ready);
    check(while_running);
    check(at_its_end);
}

static int only_the_inner(void *arg)
{
    gyre_cancel_scope_begin(&outer);
    gyre_move_on_after_begin(&scope, .01);
    assert_int_equal(gyre_cancel_scope_end(&scope, gyre_sleep(1000)), 0);
    assert_int_equal(gyre_sleep(.01), 0);
    assert_int_equal(gyre_cancel_scope_end(&outer, 0), 0);
    assert_false(gyre_cancel_scope_cancel_called(&outer));
    return 0;
}

static int only_the_outer(void *arg)
{
    ptrdiff_t code;

    gyre_move_on_after_begin(&outer, .01);
    gyre_move_on_after_begin(&scope, 1000);
    code = gyre_cancel_scope_end(&scope, gyre_sleep(1000));
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_false(gyre_cancel_scope_cancel_called(&scope));
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    assert_int_equal(gyre_cancel_scope_end(&outer, code), 0);
    return gyre_sleep(0);
}

static int both(void *arg)
{
    ptrdiff_t code;

    gyre_cancel_scope_begin(&outer);
    gyre_cancel_scope_begin(&scope);
    gyre_cancel_scope_cancel(&scope);
    gyre_cancel_scope_cancel(&outer);
    /* The outer one wants to end more than the inner one's body. */
    code = gyre_cancel_scope_end(&scope, gyre_sleep(1));
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_false(gyre_cancel_scope_cancelled_caught(&scope));
    assert_int_equal(gyre_cancel_scope_end(&outer, code), 0);
    assert_true(gyre_cancel_scope_cancelled_caught(&outer));
    return gyre_sleep(0);
}

static void test_nested(void **state)
{
    check(only_the_inner);
    check(only_the_outer);
    check(both);
}

static int shielded(void *arg)
{
    double start = now();

    gyre_move_on_after_begin(&outer, .01);
    gyre_cancel_scope_begin(&scope, .shield = GYRE_YES);
    /* It strikes while this waits, and is not heard; nor by the next wait. */
    assert_int_equal(gyre_sleep(.02), 0);
    assert_true(now() >= start + .02);
    assert_true(gyre_cancel_scope_cancel_called(&outer));
    assert_int_equal(gyre_sleep(0), 0);
    assert_int_equal(gyre_cancel_scope_end(&scope, 0), 0);
    assert_int_equal(gyre_cancel_scope_end(&outer, gyre_sleep(1000)), 0);
    assert_true(gyre_cancel_scope_cancelled_caught(&outer));
    return 0;
}

/* Cleaning up, with a limit of its own. */
static int shield_with_a_limit(void *arg)
{
    gyre_cancel_scope_begin(&outer);
    gyre_cancel_scope_cancel(&outer);
    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    gyre_move_on_after_begin(&scope, .01, .shield = GYRE_YES);
    assert_int_equal(gyre_sleep(.005), 0);
    assert_int_equal(gyre_cancel_scope_end(&scope, gyre_sleep(1000)), 0);
    assert_true(gyre_cancel_scope_cancelled_caught(&scope));
    assert_int_equal(gyre_cancel_scope_end(&outer, GYRE_ECANCELLED), 0);
    return gyre_sleep(0);
}

static int behind_a_shield(void *arg)
{
    ptrdiff_t code;

    gyre_cancel_scope_begin(&scope, .shield = GYRE_YES);
    code = gyre_sleep(1000);
    return (int)gyre_cancel_scope_end(&scope, code);
}

static int cancel_through(void *arg)
{
    /* A task that is cancelled itself hears it everywhere. */
    assert_int_equal(cancel_after(behind_a_shield, .01), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), "test");
    return 0;
}

static void test_shields(void **state)
{
    check(shielded);
    check(shield_with_a_limit);
    check(cancel_through);
}

static int in_a_cancelled_scope(void *arg)
{
    ptrdiff_t code;

    gyre_move_on_after_begin(&scope, .05);
    code = gyre_sleep(1000);
    assert_int_equal(cancelling(), 1);
    gyre_cancel_scope_cancel(&scope);
    assert_int_equal(gyre_sleep(1), GYRE_ECANCELLED);
    return (int)gyre_cancel_scope_end(&scope, code);
}

static int foreign_cancel(void *arg)
{
    assert_int_equal(cancel_after(in_a_cancelled_scope, .01), GYRE_ECANCELLED);
    assert_false(gyre_cancel_scope_cancelled_caught(&scope));
    return 0;
}

static int earlier_cancel(void *arg)
{
    gyre_task_cancel(gyre_current_task());
    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    /* One request is open from before: it is not the scope's business. */
    gyre_move_on_after_begin(&scope, .01);
    assert_int_equal(gyre_cancel_scope_end(&scope, gyre_sleep(1000)), 0);
    assert_int_equal(cancelling(), 1);
    return gyre_sleep(0);
}

static void test_a_foreign_cancel(void **state)
{
    check(foreign_cancel);
    check(earlier_cancel);
}

static int timeout_inside(void *arg)
{
    gyre_timeout timeout;
    ptrdiff_t code;

    gyre_cancel_scope_begin(&scope);
    gyre_timeout_begin(&timeout, .01);
    code = gyre_timeout_end(&timeout, gyre_sleep(1000));
    assert_int_equal(code, -ETIMEDOUT);
    assert_int_equal(gyre_sleep(0), 0);
    gyre_cancel_scope_cancel(&scope);
    gyre_timeout_begin(&timeout, 1000);
    code = gyre_timeout_end(&timeout, gyre_sleep(1000));
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_int_equal(gyre_cancel_scope_end(&scope, code), 0);
    return gyre_sleep(0);
}

static int timeout_outside(void *arg)
{
    gyre_timeout timeout;
    ptrdiff_t code;

    gyre_timeout_begin(&timeout, .01);
    gyre_cancel_scope_begin(&scope);
    code = gyre_sleep(1000);
    gyre_cancel_scope_cancel(&scope);
    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    code = gyre_cancel_scope_end(&scope, code);
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_int_equal(gyre_timeout_end(&timeout, code), -ETIMEDOUT);
    return gyre_sleep(0);
}

static void test_with_timeouts(void **state)
{
    check(timeout_inside);
    check(timeout_outside);
}

static int deadlines(void *arg)
{
    double start = now();
    gyre_cancel_scope inner;

    assert_true(gyre_current_effective_deadline() == INFINITY);
    gyre_cancel_scope_begin(&outer, .deadline = start + 1);
    assert_true(gyre_current_effective_deadline() == start + 1);
    gyre_cancel_scope_begin(&scope, .deadline = start + 2);
    assert_true(gyre_current_effective_deadline() == start + 1);
    gyre_cancel_scope_begin(&inner, .deadline = start + 3, .shield = GYRE_YES);
    assert_true(gyre_current_effective_deadline() == start + 3);
    gyre_cancel_scope_cancel(&outer);
    assert_true(gyre_current_effective_deadline() == start + 3);
    gyre_cancel_scope_end(&inner, 0);
    assert_true(gyre_current_effective_deadline() == -INFINITY);
    gyre_cancel_scope_end(&scope, 0);
    gyre_cancel_scope_end(&outer, 0);
    assert_true(gyre_current_effective_deadline() == INFINITY);
    return 0;
}

static void test_the_effective_deadline(void **state)
{
    assert_true(gyre_current_effective_deadline() == INFINITY);
    check(deadlines);
}

static int await_a_task(void *arg)
{
    double start = now();
    gyre_task *task;

    /* The task that is awaited may clean up first; its value does not come through. */
    gyre_create_task(&task, act, ACT(.delay = 1000, .cleanup = .5, .instead = 5));
    gyre_move_on_after_begin(&scope, .01);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_true(now() >= start + .5);
    assert_int_equal(gyre_cancel_scope_end(&scope, GYRE_ECANCELLED), 0);
    assert_outcome(task, 5);
    return 0;
}

static int stubborn(void *arg)
{
    for (int i = 0; i < 3; i++)
        heard += gyre_sleep(1000) == GYRE_ECANCELLED;
    return 0;
}

/* asyncio's edge: a task of its own, not of a group, does not know the scope in which it was made. */
static int made_inside(void *arg)
{
    gyre_task *task;

    gyre_cancel_scope_begin(&scope);
    gyre_create_task(&task, act, ACT(.delay = .01, .code = 4));
    gyre_cancel_scope_cancel(&scope);
    assert_int_equal(gyre_cancel_scope_end(&scope, gyre_sleep(0)), 0);
    assert_int_equal(gyre_await(task, NULL), 4);
    gyre_future_unref(task);
    return 0;
}

static void test_tasks_inside(void **state)
{
    check(await_a_task);
    check(made_inside);
}

static int around_a_group(void *arg)
{
    gyre_task_group group;
    ptrdiff_t code;
    uint64_t before;

    gyre_move_on_after_begin(&scope, .01);
    gyre_task_group_begin(&group);
    /* Who swallows it gets it again. */
    gyre_task_group_create_task(&group, NULL, stubborn, NULL);
    gyre_task_group_create_task(&group, NULL, stubborn, NULL, .eager_start = GYRE_YES);
    before = turns();
    code = gyre_task_group_end(&group, 0);
    assert_int_equal(code, GYRE_ECANCELLED);
    assert_int_equal(gyre_cancel_scope_end(&scope, code), 0);
    assert_int_equal(heard, 6);
    assert_true(turns() - before < 20);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static int clean_up_slowly(void *arg)
{
    gyre_cancel_scope shield;
    int err = gyre_sleep(1000);

    gyre_cancel_scope_begin(&shield, .shield = GYRE_YES);
    for (int i = 0; i < 3; i++)
        assert_int_equal(gyre_sleep(.1), 0);
    return (int)gyre_cancel_scope_end(&shield, err);
}

static int wait_for_the_cleanup(void *arg)
{
    double start = now();
    gyre_task_group group;
    ptrdiff_t code;
    uint64_t before;

    gyre_move_on_after_begin(&scope, .01);
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, clean_up_slowly, NULL);
    before = turns();
    code = gyre_task_group_end(&group, 0);
    /* The group sleeps meanwhile. */
    assert_true(turns() - before < 20);
    assert_true(now() >= start + .3);
    assert_int_equal(gyre_cancel_scope_end(&scope, code), 0);
    return 0;
}

static int children_of_a_shielded_body(void *arg)
{
    gyre_cancel_scope shield;
    gyre_task_group group;
    gyre_task *child;

    gyre_move_on_after_begin(&scope, .01);
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, &child, act, ACT(.delay = 1000));
    gyre_cancel_scope_begin(&shield, .shield = GYRE_YES);
    /* The body does not hear it, its child does, at once. */
    assert_int_equal(gyre_sleep(.02), 0);
    assert_outcome(child, GYRE_ECANCELLED);
    gyre_cancel_scope_end(&shield, 0);
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    assert_int_equal(gyre_cancel_scope_end(&scope, gyre_sleep(0)), 0);
    return 0;
}

static int grandchildren(void *arg)
{
    gyre_task_group group;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, stubborn, NULL);
    return (int)gyre_task_group_end(&group, 0);
}

static int deep(void *arg)
{
    gyre_task_group group;
    ptrdiff_t code;

    gyre_move_on_after_begin(&scope, .01);
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, grandchildren, NULL);
    gyre_task_group_create_task(&group, NULL, grandchildren, NULL);
    code = gyre_task_group_end(&group, 0);
    assert_int_equal(gyre_cancel_scope_end(&scope, code), 0);
    assert_int_equal(heard, 6);
    return gyre_sleep(0);
}

static int scope_in_a_child(void *arg)
{
    gyre_move_on_after_begin(&scope, .01);
    return (int)gyre_cancel_scope_end(&scope, gyre_sleep(1000));
}

static int in_one_child(void *arg)
{
    gyre_task_group group;

    /* One child moves on, the others do not notice. */
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, scope_in_a_child, NULL);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = .05));
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    assert_true(gyre_cancel_scope_cancelled_caught(&scope));
    assert_int_equal(heard, 0);
    return 0;
}

static int error_in_a_cancelled_scope(void *arg)
{
    gyre_task_group group;
    ptrdiff_t code;

    /* Errors come before a cancellation; the next wait hears of it. */
    gyre_move_on_after_begin(&scope, .01);
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 1000, .instead = VALUE));
    code = gyre_task_group_end(&group, 0);
    assert_int_equal(code, VALUE);
    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    assert_int_equal(gyre_cancel_scope_end(&scope, code), VALUE);
    return gyre_sleep(0);
}

static void test_with_task_groups(void **state)
{
    check(around_a_group);
    check(wait_for_the_cleanup);
    check(children_of_a_shielded_body);
    check(deep);
    check(in_one_child);
    check(error_in_a_cancelled_scope);
}

static int hold_the_lock(void *condition)
{
    gyre_condition_acquire(condition);
    gyre_loop_call_later(loop, .01, cancel_it, &scope);
    gyre_sleep(.5);
    return gyre_condition_release(condition);
}

static int wait_for_news(void *arg)
{
    gyre_condition condition;
    uint64_t before;

    /* It leaves the wait with the lock, which another task has: no scope can spare it that. */
    gyre_condition_init(&condition, NULL);
    gyre_condition_acquire(&condition);
    gyre_cancel_scope_begin(&scope);
    gyre_create_task(NULL, hold_the_lock, &condition);
    before = turns();
    assert_int_equal(gyre_condition_wait(&condition), GYRE_ECANCELLED);
    assert_true(turns() - before < 20);
    assert_true(gyre_condition_locked(&condition));
    gyre_condition_release(&condition);
    assert_int_equal(gyre_cancel_scope_end(&scope, GYRE_ECANCELLED), 0);
    gyre_condition_destroy(&condition);
    return gyre_sleep(0);
}

static void test_a_condition_takes_its_lock_again(void **state)
{
    check(wait_for_news);
}

static int cancel_and_work(void *done)
{
    gyre_loop_call_soon_threadsafe(loop, cancel_it, &scope);
    nap(.01);
    return ++*(int *)done;
}

static int work(void *done)
{
    return ++*(int *)done;
}

static int on_a_thread(void *arg)
{
    int done = 0;

    /* What lies on this stack is in use until the thread has ended. */
    gyre_cancel_scope_begin(&scope);
    assert_int_equal(gyre_to_thread(cancel_and_work, &done), GYRE_ECANCELLED);
    assert_int_equal(done, 1);
    /* This one may not even begin. */
    assert_int_equal(gyre_to_thread(work, &done), GYRE_ECANCELLED);
    assert_int_equal(gyre_cancel_scope_end(&scope, GYRE_ECANCELLED), 0);
    return 0;
}

static void test_threads(void **state)
{
    check(on_a_thread);
}

static int no_number(void *arg)
{
    assert_int_equal(gyre_cancel_scope_begin(&scope, .deadline = NAN), GYRE_EVALUE);
    assert_int_equal(gyre_move_on_after_begin(&scope, NAN), GYRE_EVALUE);
    assert_int_equal(gyre_cancel_scope_end(&scope, 6), 6);
    gyre_move_on_after_begin(&scope, INFINITY);
    return (int)gyre_cancel_scope_end(&scope, gyre_sleep(.01));
}

static void test_refused(void **state)
{
    assert_int_equal(gyre_cancel_scope_begin(&scope), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "A cancel scope should be used inside a task");
    gyre_cancel_scope_cancel(&scope);
    assert_int_equal(gyre_cancel_scope_end(&scope, 6), 6);
    check(no_number);
}

static int stay_inside(void *arg)
{
    gyre_cancel_scope_begin(&scope);
    return 0;
}

static int cross_them(void *arg)
{
    gyre_cancel_scope_begin(&outer);
    gyre_cancel_scope_begin(&scope);
    return (int)gyre_cancel_scope_end(&outer, 0);
}

static int run_wrong(void *fn)
{
    return run_main(*(gyre_coroutine *)fn, NULL);
}

static void test_left_in_order(void **state)
{
    gyre_coroutine wrong[] = {stay_inside, cross_them};
    const char *const words[] = {"a coroutine returned inside a cancel scope",
                                 "a cancel scope is ended by the task that began it, inner ones first"};

    for (int i = 0; i < 2; i++) {
        const char *said;
        int status = in_child(run_wrong, &wrong[i], &said);

        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        assert_non_null(strstr(said, words[i]));
    }
}

static int wait_in_scope(void *arg)
{
    gyre_move_on_after_begin(&scope, 1000);
    return (int)gyre_cancel_scope_end(&scope, gyre_sleep(1000));
}

/* The loop's end is no cancellation of the scope's. */
static void test_the_loop_closes(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, wait_in_scope, NULL);
    run_once();
    close_now();
    assert_outcome(task, GYRE_ECANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_level_by_level),
        ON_SIM(test_who_cancels_it),
        ON_SIM(test_nested),
        ON_SIM(test_shields),
        ON_SIM(test_a_foreign_cancel),
        ON_SIM(test_with_timeouts),
        ON_SIM(test_the_effective_deadline),
        ON_SIM(test_tasks_inside),
        ON_SIM(test_with_task_groups),
        ON_SIM(test_a_condition_takes_its_lock_again),
        ON_LOOP(test_threads),
        ON_SIM(test_refused),
        ON_SIM(test_left_in_order),
        ON_SIM(test_the_loop_closes),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
