/* test_waiter.c - a line of tasks: entered, woken, left, in any order. */
#include "task/waiter.h"
#include "unit.h"

static struct gyre__waiter *line;

/* A task that waits in line and writes its name when it was woken, or that it was not. */
struct member {
    char *name, *cancelled; /* the two words */
    struct gyre__waiter waiter;
    gyre_task *task;
};

static int stand(void *arg)
{
    struct member *member = arg;
    int err = gyre__waiter_wait(&member->waiter, &line, loop);

    note(err == GYRE_ECANCELLED ? member->cancelled : member->name);
    return err;
}

enum { MEMBERS = 4 };

static struct member members[MEMBERS] = {
    {.name = "a", .cancelled = "-a"},
    {.name = "b", .cancelled = "-b"},
    {.name = "c", .cancelled = "-c"},
    {.name = "d", .cancelled = "-d"},
};

static int enter_line(void **state)
{
    open_loop(state);
    line = NULL;
    for (int i = 0; i < MEMBERS; i++)
        assert_int_equal(gyre_loop_create_task(loop, &members[i].task, stand, &members[i]), 0);
    run_once();
    return 0;
}

static int leave_line(void **state)
{
    for (int i = 0; i < MEMBERS; i++)
        gyre_future_unref(members[i].task);
    assert_null(line);
    return close_loop(state);
}

static void the_oldest_is_woken_first(void **state)
{
    for (int i = 0; i < MEMBERS; i++)
        assert_true(gyre__waiter_wake_next(line));
    assert_false(gyre__waiter_wake_next(line));
    run_once();
    assert_noted("a b c d");
    assert_null(line);
    assert_false(gyre__waiter_wake_next(line));
}

static void all_are_woken_in_their_order(void **state)
{
    gyre__waiter_wake_all(line, 0);
    run_once();
    assert_noted("a b c d");
}

static void a_woken_one_stands_in_line_until_it_runs(void **state)
{
    assert_true(gyre__waiter_wake_next(line));
    assert_ptr_equal(line, &members[0].waiter);
    assert_false(gyre__waiter_wake(&members[0].waiter, 0));
    run_once();
    assert_noted("a");
    assert_ptr_equal(line, &members[1].waiter);
    gyre__waiter_wake_all(line, 0);
    run_once();
    assert_noted("b c d");
}

static void who_has_stepped_out_waits_on(void **state)
{
    gyre__waiter_step_out(&members[0].waiter);
    gyre__waiter_step_out(&members[2].waiter);
    gyre__waiter_step_out(&members[2].waiter);
    assert_ptr_equal(line, &members[1].waiter);
    gyre__waiter_wake_all(line, 0);
    run_once();
    assert_noted("b d");
    gyre__waiter_wake(&members[2].waiter, 0);
    gyre_task_cancel(members[0].task);
    run_once();
    assert_noted("c -a");
}

static void a_cancelled_one_is_passed_over(void **state)
{
    gyre_task_cancel(members[0].task);
    gyre_task_cancel(members[2].task);
    assert_true(gyre__waiter_wake_next(line));
    assert_true(gyre__waiter_wake_next(line));
    assert_false(gyre__waiter_wake_next(line));
    run_once();
    assert_noted("-a -c b d");
}

static void a_line_of_cancelled_ones_has_nobody_live(void **state)
{
    for (int i = 0; i < MEMBERS; i++) {
        assert_true(gyre__waiter_any_live(line));
        gyre_task_cancel(members[i].task);
    }
    assert_false(gyre__waiter_any_live(line));
    run_once();
    assert_noted("-a -b -c -d");
    assert_false(gyre__waiter_any_live(line));
}

static void a_woken_one_is_live_though_it_is_cancelled_after(void **state)
{
    for (int i = 1; i < MEMBERS; i++)
        gyre_task_cancel(members[i].task);
    gyre__waiter_wake_next(line);
    gyre_task_cancel(members[0].task);
    assert_true(gyre__waiter_any_live(line));
    run_once();
    assert_noted("-b -c -d -a");
    assert_true(members[0].waiter.woken);
    assert_false(members[1].waiter.woken);
}

static void the_wait_returns_the_code_it_was_woken_with(void **state)
{
    gyre__waiter_wake_all(line, -EPIPE);
    run_once();
    for (int i = 0; i < MEMBERS; i++)
        assert_int_equal(gyre_future_exception(members[i].task), -EPIPE);
    assert_noted("a b c d");
}

static void a_code_that_a_cancelled_one_did_not_see_is_not_reported(void **state)
{
    gyre__waiter_wake_all(line, -EPIPE);
    for (int i = 0; i < MEMBERS; i++)
        gyre_task_cancel(members[i].task);
    run_once();
    assert_noted("-a -b -c -d");
}

static void nobody_is_left_in_line_when_the_loop_closes(void **state)
{
    gyre__waiter_wake(&members[1].waiter, -EPIPE);
    close_now();
    assert_noted("-a -b -c -d");
    assert_null(line);
}

static gyre_loop *bound;
static int bind_code;

static int bind_here(void *arg)
{
    return bind_code = gyre__waiter_bind(&bound);
}

static void bind_in_callback(void *arg)
{
    bind_here(arg);
}

static void what_is_waited_for_is_bound_to_one_loop(void **state)
{
    gyre_loop *first = loop, *other = open_witnessed();

    bound = NULL;
    assert_int_equal(run_main(bind_here, NULL), 0);
    assert_ptr_equal(bound, first);
    assert_int_equal(bind_here(NULL), 0);
    loop = other;
    assert_int_equal(run_main(bind_here, NULL), GYRE_EWRONGLOOP);
    assert_ptr_equal(bound, first);
    loop = first;
    gyre_loop_close(other);
    gyre_loop_unref(other);
}

static void a_plain_callback_cannot_wait(void **state)
{
    bound = NULL;
    gyre_loop_call_soon(loop, bind_in_callback, NULL);
    run_once();
    assert_int_equal(bind_code, GYRE_EAWAIT);
    assert_null(bound);
}

#define IN_LINE(test) cmocka_unit_test_setup_teardown(test, enter_line, leave_line)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_LINE(the_oldest_is_woken_first),
        IN_LINE(all_are_woken_in_their_order),
        IN_LINE(a_woken_one_stands_in_line_until_it_runs),
        IN_LINE(who_has_stepped_out_waits_on),
        IN_LINE(a_cancelled_one_is_passed_over),
        IN_LINE(a_line_of_cancelled_ones_has_nobody_live),
        IN_LINE(a_woken_one_is_live_though_it_is_cancelled_after),
        IN_LINE(the_wait_returns_the_code_it_was_woken_with),
        IN_LINE(a_code_that_a_cancelled_one_did_not_see_is_not_reported),
        IN_LINE(nobody_is_left_in_line_when_the_loop_closes),
        ON_LOOP(what_is_waited_for_is_bound_to_one_loop),
        ON_LOOP(a_plain_callback_cannot_wait),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
