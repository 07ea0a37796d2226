/* test_task_group.c - tasks that end together: asyncio's cases. */
#include "group_scene.h"

static gyre_task_group group, outer;

static int two_children(void *arg)
{
    gyre_task *first, *second;

    assert_int_equal(gyre_task_group_begin(&group), 0);
    gyre_task_group_create_task(&group, &first, act, ACT(.delay = .1, .code = 42));
    gyre_task_group_create_task(&group, &second, act, ACT(.delay = .2, .code = 11));
    assert_int_equal(gyre_task_group_end(&group, 7), 7);
    assert_outcome(first, 42);
    assert_outcome(second, 11);
    assert_int_equal(gyre_task_group_errors(&group, NULL), 0);
    return 0;
}

static int one_later(void *arg)
{
    gyre_task *first, *second;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, &first, act, ACT(.delay = .1, .code = 42));
    gyre_sleep(.15);
    assert_true(gyre_future_done(first));
    gyre_task_group_create_task(&group, &second, act, ACT(.delay = .2, .code = 11));
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    assert_outcome(first, 42);
    assert_outcome(second, 11);
    return 0;
}

static int one_cancelled(void *arg)
{
    gyre_task *first, *second;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, &first, act, ACT(.delay = 1, .code = 42));
    gyre_sleep(.15);
    gyre_task_cancel(first);
    gyre_task_group_create_task(&group, &second, act, ACT(.delay = .2, .code = 11));
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    assert_true(gyre_future_cancelled(first));
    assert_outcome(first, GYRE_ECANCELLED);
    assert_outcome(second, 11);
    return 0;
}

static void test_all_are_awaited(void **state)
{
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_01 */
    check(two_children);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_02 */
    check(one_later);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_03 */
    check(one_cancelled);
}

static int one_fails(void *arg)
{
    gyre_task *second;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = .1, .code = ZERO_DIVISION));
    gyre_task_group_create_task(&group, &second, act, ACT(.delay = 1));
    assert_int_equal(gyre_task_group_end(&group, 0), ZERO_DIVISION);
    assert_errors(&group, ZERO_DIVISION, 0, 0);
    assert_int_equal(heard, 1);
    assert_true(gyre_future_cancelled(second));
    gyre_future_unref(second);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static int three_fail(void *arg)
{
    struct act *fail = ACT(.delay = .1, .code = ZERO_DIVISION);

    gyre_task_group_begin(&group);
    for (int i = 0; i < 3; i++)
        gyre_task_group_create_task(&group, NULL, act, fail);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 5));
    assert_int_equal(gyre_task_group_end(&group, body(10)), ZERO_DIVISION);
    assert_errors(&group, ZERO_DIVISION, ZERO_DIVISION, ZERO_DIVISION);
    assert_int_equal(heard, 11);
    return gyre_sleep(0);
}

static int no_child_after_failure(void *arg)
{
    int released = 0;

    assert_int_equal(gyre_sleep(1), GYRE_ECANCELLED);
    assert_int_equal(gyre_task_group_create_task(&group, NULL, act, &released, .release = count_release),
                     GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "TaskGroup is shutting down");
    assert_int_equal(released, 1);
    heard++;
    return 0;
}

static int refused_child(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = .001, .code = ZERO_DIVISION));
    gyre_task_group_create_task(&group, NULL, no_child_after_failure, NULL);
    assert_int_equal(gyre_task_group_end(&group, 0), ZERO_DIVISION);
    assert_int_equal(heard, 1);
    return 0;
}

static void test_a_child_fails(void **state)
{
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_04 */
    check(one_fails);
    /* test_taskgroups.py::TestTaskGroup::test_cancel_children_on_child_error */
    check(three_fail);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_no_create_task_after_failure */
    check(refused_child);
}

static void make_five(gyre_task_group *of, struct act *script)
{
    for (int i = 0; i < 5; i++)
        gyre_task_group_create_task(of, NULL, act, script);
}

static int five_children(void *arg)
{
    gyre_task_group_begin(&group);
    make_five(&group, ACT(.delay = 5));
    return (int)gyre_task_group_end(&group, 0);
}

static int five_and_a_body(void *arg)
{
    gyre_task_group_begin(&group);
    make_five(&group, ACT(.delay = 5));
    return (int)gyre_task_group_end(&group, body(10));
}

static int five_that_fail_then(void *arg)
{
    gyre_task_group_begin(&group);
    make_five(&group, ACT(.delay = 10, .instead = ZERO_DIVISION));
    return (int)gyre_task_group_end(&group, gyre_sleep(10));
}

static int only_a_body(void *arg)
{
    gyre_task_group_begin(&group);
    return (int)gyre_task_group_end(&group, body(10));
}

static int body_that_fails_then(void *arg)
{
    gyre_task_group_begin(&group);
    body(10);
    return (int)gyre_task_group_end(&group, MY_EXC);
}

static int two_sleepers(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 1, .code = 42));
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 2, .code = 11));
    return (int)gyre_task_group_end(&group, 0);
}

static int cancel_them(void *arg)
{
    /* test_taskgroups.py::TestTaskGroup::test_cancellation */
    assert_int_equal(cancel_after(five_children, .1), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), "test");
    assert_int_equal(heard, 5);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_07 */
    heard = 0;
    assert_int_equal(cancel_after(five_and_a_body, .1), GYRE_ECANCELLED);
    assert_string_equal(gyre_error_text(), "test");
    assert_int_equal(heard, 15);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_08 */
    heard = 0;
    assert_int_equal(cancel_after(five_that_fail_then, .1), ZERO_DIVISION);
    assert_int_equal(heard, 5);
    assert_int_equal(gyre_task_group_errors(&group, NULL), 5);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_17 */
    heard = 0;
    assert_int_equal(cancel_after(only_a_body, .1), GYRE_ECANCELLED);
    assert_int_equal(heard, 10);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_18 */
    assert_int_equal(cancel_after(body_that_fails_then, .1), MY_EXC);
    assert_int_equal(gyre_task_group_errors(&group, NULL), 1);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_22 */
    assert_int_equal(cancel_after(two_sleepers, .05), GYRE_ECANCELLED);
    return 0;
}

static void test_the_parent_is_cancelled(void **state)
{
    check(cancel_them);
}

static int body_fails(void *arg)
{
    const double *delay = arg;
    gyre_task *first, *second;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, &first, act, ACT(.delay = 1, .code = 42));
    gyre_task_group_create_task(&group, &second, act, ACT(.delay = 2, .code = 11));
    if (*delay > 0)
        gyre_sleep(*delay);
    assert_int_equal(gyre_task_group_end(&group, gyre_error_set(ZERO_DIVISION, "by zero")), ZERO_DIVISION);
    assert_string_equal(gyre_error_text(), "by zero");
    assert_errors(&group, ZERO_DIVISION, 0, 0);
    assert_outcome(first, GYRE_ECANCELLED);
    assert_outcome(second, GYRE_ECANCELLED);
    return gyre_sleep(0);
}

static int body_fails_later(void *arg)
{
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_09 */
    assert_int_equal(body_fails(&(double){.1}), 0);
    assert_int_equal(heard, 2);
    return 0;
}

static int body_fails_at_once(void *arg)
{
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_10: no child has begun */
    assert_int_equal(body_fails(&(double){0}), 0);
    assert_int_equal(heard, 0);
    return 0;
}

static int both_fail(void *arg)
{
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_19,
     * test_taskgroups.py::TestTaskGroup::test_taskgroup_20a,
     * test_taskgroups.py::TestTaskGroup::test_taskgroup_21a */
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = .1, .code = ZERO_DIVISION));
    assert_int_equal(gyre_sleep(10), GYRE_ECANCELLED);
    assert_int_equal(gyre_task_group_end(&group, MY_EXC), ZERO_DIVISION);
    assert_errors(&group, ZERO_DIVISION, MY_EXC, 0);
    return gyre_sleep(0);
}

static int cleanup_fails(void *arg)
{
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_context_manager_exit_raises */
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 0, .code = MY_EXC));
    assert_int_equal(gyre_sleep(1), GYRE_ECANCELLED);
    assert_int_equal(gyre_task_group_end(&group, MY_EXC), MY_EXC);
    assert_errors(&group, MY_EXC, MY_EXC, 0);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static void test_the_body_fails(void **state)
{
    check(body_fails_later);
    check(body_fails_at_once);
    check(both_fail);
    check(cleanup_fails);
}

static int inner_only(void *arg)
{
    ptrdiff_t code;

    gyre_task_group_begin(&outer);
    gyre_task_group_begin(&group);
    make_five(&group, ACT(.delay = .2, .code = ZERO_DIVISION));
    code = gyre_task_group_end(&group, gyre_sleep(10));
    return (int)gyre_task_group_end(&outer, code);
}

static int inner_and_outer(void *arg)
{
    ptrdiff_t code;

    gyre_task_group_begin(&outer);
    gyre_task_group_create_task(&outer, NULL, act, ACT(.delay = 10));
    gyre_task_group_begin(&group);
    make_five(&group, ACT(.delay = .2, .code = ZERO_DIVISION));
    code = gyre_task_group_end(&group, gyre_sleep(10));
    return (int)gyre_task_group_end(&outer, code);
}

static int fail_nested(double outer_delay, double inner_delay, ptrdiff_t *inner)
{
    gyre_task_group_begin(&outer);
    gyre_task_group_create_task(&outer, NULL, act, ACT(.delay = outer_delay, .code = VALUE));
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = inner_delay, .code = VALUE));
    *inner = gyre_task_group_end(&group, 0);
    return (int)gyre_task_group_end(&outer, *inner);
}

static int nest(void *arg)
{
    ptrdiff_t inner;

    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_11 */
    assert_int_equal(cancel_after(inner_only, .1), GYRE_ECANCELLED);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_12 */
    assert_int_equal(cancel_after(inner_and_outer, .1), GYRE_ECANCELLED);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_13 */
    assert_int_equal(fail_nested(.1, 10, &inner), VALUE);
    assert_int_equal(inner, GYRE_ECANCELLED);
    assert_int_equal(gyre_task_group_errors(&group, NULL), 0);
    assert_errors(&outer, VALUE, 0, 0);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_14 */
    assert_int_equal(fail_nested(10, .1, &inner), VALUE);
    assert_int_equal(inner, VALUE);
    assert_errors(&outer, VALUE, 0, 0);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static int both_at_once(void *arg)
{
    ptrdiff_t code;

    /* test_taskgroups.py::TestTaskGroup::test_nested_groups_both_cancelled */
    gyre_task_group_begin(&outer);
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 0, .code = MY_EXC));
    gyre_task_group_create_task(&outer, NULL, act, ACT(.delay = 0, .code = VALUE));
    code = gyre_task_group_end(&group, 0);
    assert_int_equal(code, MY_EXC);
    assert_int_equal(cancelling(), 1);
    assert_int_equal(gyre_task_group_end(&outer, 0), VALUE);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static void test_nested(void **state)
{
    check(nest);
    check(both_at_once);
}

static int crash_while_cleaning_up(void *arg)
{
    int err;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = .3, .code = ZERO_DIVISION));
    err = gyre_sleep(10);
    gyre_sleep(.5);
    return (int)gyre_task_group_end(&group, err);
}

static int crash_in_a_task(void *arg)
{
    gyre_task *task;
    int code;

    gyre_create_task(&task, crash_while_cleaning_up, NULL);
    code = gyre_await(task, NULL);
    gyre_future_unref(task);
    return code;
}

static int cancel_and_crash(void *arg)
{
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_15 */
    assert_int_equal(cancel_after(crash_while_cleaning_up, .1), ZERO_DIVISION);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_16 */
    assert_int_equal(cancel_after(crash_in_a_task, .1), ZERO_DIVISION);
    return 0;
}

static int level_preserved(void *arg)
{
    /* test_taskgroups.py::TestTaskGroup::test_cancelling_level_preserved */
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 0, .code = MY_EXC));
    assert_int_equal(gyre_task_group_end(&group, 0), MY_EXC);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static int raise_error(void *event)
{
    gyre_future_set_result(event, NULL);
    gyre_sleep(0);
    return MY_EXC;
}

static int error_inside(void *event)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, raise_error, event);
    assert_int_equal(gyre_task_group_end(&group, gyre_sleep(1)), MY_EXC);
    assert_int_equal(cancelling(), 1);
    return gyre_sleep(1);
}

static int error_and_cancel(void *arg)
{
    gyre_future *event = gyre_loop_create_future(loop);
    gyre_task *task;

    /* test_taskgroups.py::TestTaskGroup::test_error_and_cancel */
    gyre_create_task(&task, error_inside, event);
    gyre_await(event, NULL);
    assert_int_equal(gyre_task_cancelling(task), 0);
    gyre_task_cancel(task);
    assert_int_equal(gyre_task_cancelling(task), 1);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_outcome(task, GYRE_ECANCELLED);
    gyre_future_unref(event);
    return 0;
}

static void test_errors_before_a_cancellation(void **state)
{
    check(cancel_and_crash);
    check(level_preserved);
    check(error_and_cancel);
}

static int a_stream_of_children(void *arg)
{
    struct act *nap = ACT(.delay = .3);

    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_23 */
    gyre_task_group_begin(&group);
    for (int count = 0; count < 10; count++) {
        gyre_sleep(.1);
        gyre_task_group_create_task(&group, NULL, act, nap);
        /* The main is a task too. */
        assert_true(gyre_all_tasks(loop, NULL, 0) < 1 + 5);
    }
    gyre_sleep(1.35);
    assert_null(group.children);
    return (int)gyre_task_group_end(&group, 0);
}

static int root(void *arg)
{
    static struct act scripts[] = {{.delay = .1}, {.delay = .2}};

    gyre_sleep(.1);
    gyre_task_group_create_task(&group, NULL, act, &scripts[0]);
    return gyre_task_group_create_task(&group, NULL, act, &scripts[1]);
}

static int children_of_children(void *arg)
{
    double start = gyre_loop_time(loop);

    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_24 */
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, root, NULL);
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    assert_true(gyre_loop_time(loop) >= start + .3);
    return 0;
}

static int hydras;

static int hydra(void *arg)
{
    int err;

    hydras++;
    if ((err = gyre_sleep(.01)))
        return err;
    err = gyre_task_group_create_task(&group, NULL, hydra, NULL);
    return err ? err : gyre_task_group_create_task(&group, NULL, hydra, NULL);
}

static int hercules(void *arg)
{
    while (hydras < 10)
        gyre_sleep(.015);
    return ZERO_DIVISION;
}

static int fight(void *arg)
{
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_25 */
    hydras = 0;
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, hydra, NULL);
    gyre_task_group_create_task(&group, NULL, hercules, NULL);
    assert_int_equal(gyre_task_group_end(&group, 0), ZERO_DIVISION);
    assert_errors(&group, ZERO_DIVISION, 0, 0);
    assert_true(hydras >= 10);
    return 0;
}

static void test_children_come_and_go(void **state)
{
    check(a_stream_of_children);
    check(children_of_children);
    check(fight);
}

static const gyre_context_var var = {.name = "cvar"};

static int set_var(void *value)
{
    gyre_sleep(0);
    gyre_context_var_set(&var, value);
    return 0;
}

static int name_and_context(void *arg)
{
    gyre_context *context = gyre_copy_context();
    gyre_task *task;

    assert_null(gyre_context_get(context, &var));
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_task_name */
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, &task, act, ACT(.delay = 0), .name = "yolo");
    assert_string_equal(gyre_task_get_name(task), "yolo");
    gyre_future_unref(task);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_task_context */
    gyre_task_group_create_task(&group, &task, set_var, "1", .context = context);
    gyre_await(task, NULL);
    gyre_future_unref(task);
    assert_string_equal(gyre_context_get(context, &var), "1");
    gyre_task_group_create_task(&group, NULL, set_var, "2", .context = context);
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    assert_string_equal(gyre_context_get(context, &var), "2");
    gyre_context_unref(context);
    return 0;
}

static void test_options_of_a_child(void **state)
{
    check(name_and_context);
}

static int enter_twice(void *arg)
{
    gyre_task_group_init(&group);
    assert_int_equal(gyre_task_group_enter(&group), 0);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_already_entered */
    assert_int_equal(gyre_task_group_enter(&group), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "TaskGroup has already been entered");
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_double_enter */
    assert_int_equal(gyre_task_group_enter(&group), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "TaskGroup has already been entered");
    assert_int_equal(gyre_task_group_end(&group, 0), GYRE_ERUNTIME);
    return 0;
}

static void refuse_child(const char *why)
{
    gyre_task *task = NULL;
    int released = 0;

    assert_int_equal(gyre_task_group_create_task(&group, &task, act, &released, .release = count_release),
                     GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), why);
    assert_int_equal(released, 1);
    assert_null(task);
}

static int create_after_the_end(void *arg)
{
    gyre_task_group_begin(&group);
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_finished,
     * test_taskgroups.py::TestTaskGroup::test_coro_closed_when_tg_closed */
    refuse_child("TaskGroup is finished");
    return 0;
}

static int create_before_the_begin(void *arg)
{
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_not_entered */
    gyre_task_group_init(&group);
    refuse_child("TaskGroup has not been entered");
    assert_int_equal(gyre_task_group_end(&group, 0), GYRE_ERUNTIME);
    return 0;
}

static void test_only_while_it_is_open(void **state)
{
    check(enter_twice);
    check(create_after_the_end);
    check(create_before_the_begin);
    /* test_taskgroups.py::TestTaskGroup::test_taskgroup_without_parent_task */
    assert_int_equal(gyre_task_group_begin(&group), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "TaskGroup cannot determine the parent task");
    refuse_child("TaskGroup has not been entered");
}

enum { WIDTH = 5, DEPTH = 4 };

static int tree(void *arg)
{
    int depth = *(int *)arg - 1, made = 0;
    gyre_task_group branches;

    heard++;
    if (depth < 0)
        return 0;
    gyre_task_group_begin(&branches);
    while (made++ < WIDTH)
        gyre_task_group_create_task(&branches, NULL, tree, &depth, .eager_start = GYRE_YES);
    return (int)gyre_task_group_end(&branches, 0);
}

static int grow(void *arg)
{
    int depth = DEPTH;

    /* test_eager_task_factory.py::BaseTaskCountingTests::test_recursive_taskgroups */
    assert_int_equal(tree(&depth), 0);
    assert_int_equal(heard, 781);
    return 0;
}

static void test_a_tree_of_groups(void **state)
{
    check(grow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_all_are_awaited),
        ON_SIM(test_a_child_fails),
        ON_SIM(test_the_parent_is_cancelled),
        ON_SIM(test_the_body_fails),
        ON_SIM(test_nested),
        ON_SIM(test_errors_before_a_cancellation),
        ON_SIM(test_children_come_and_go),
        ON_SIM(test_options_of_a_child),
        ON_SIM(test_only_while_it_is_open),
        ON_SIM(test_a_tree_of_groups),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
