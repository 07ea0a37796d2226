/* test_group_ending.c - how a task group ends: cancelled, with eager children, with words, on a closing loop.
 */
#include "group_scene.h"

static gyre_task_group group;

static void cancel_group(void *arg)
{
    gyre_task_group_cancel(&group);
    gyre_task_group_cancel(&group);
}

static int cancel_from_child(void *arg)
{
    cancel_group(NULL);
    return gyre_sleep(1000);
}

static int cancel_in_body(void *arg)
{
    gyre_task *child;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, &child, act, ACT(.delay = 1000));
    gyre_sleep(.01);
    cancel_group(NULL);
    assert_int_equal(cancelling(), 1);
    assert_int_equal(body(1000), GYRE_ECANCELLED);
    /* Once: an edge, as all that asyncio cancels. */
    assert_int_equal(gyre_sleep(.01), 0);
    assert_int_equal(gyre_task_group_end(&group, GYRE_ECANCELLED), 0);
    assert_outcome(child, GYRE_ECANCELLED);
    assert_int_equal(heard, 11);
    assert_int_equal(cancelling(), 0);
    cancel_group(NULL);
    return gyre_sleep(0);
}

static int cancel_and_go_on(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 1000));
    cancel_group(NULL);
    assert_int_equal(gyre_task_group_create_task(&group, NULL, act, NULL), GYRE_ERUNTIME);
    /* The body did not wait again: its result stays, nothing stray is left. */
    assert_int_equal(gyre_task_group_end(&group, 7), 7);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static int cancel_while_it_ends(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 1000, .cleanup = .5));
    gyre_loop_call_later(loop, .01, cancel_group, NULL);
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 1000));
    gyre_task_group_create_task(&group, NULL, cancel_from_child, NULL);
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    assert_int_equal(heard, 2);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static int cancel_before(void *arg)
{
    int released = 0;

    gyre_task_group_init(&group);
    cancel_group(NULL);
    assert_int_equal(gyre_task_group_enter(&group), 0);
    assert_int_equal(gyre_task_group_create_task(&group, NULL, act, &released, .release = count_release),
                     GYRE_ERUNTIME);
    assert_int_equal(released, 1);
    assert_int_equal(gyre_task_group_end(&group, gyre_sleep(1000)), 0);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static int cancel_and_fail(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 1000, .instead = VALUE));
    gyre_sleep(0);
    cancel_group(NULL);
    assert_int_equal(gyre_task_group_end(&group, TYPE), VALUE);
    assert_errors(&group, VALUE, TYPE, 0);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static void test_cancelled(void **state)
{
    check(cancel_in_body);
    check(cancel_and_go_on);
    check(cancel_while_it_ends);
    check(cancel_before);
    check(cancel_and_fail);
}

static void cancel_group_and_task(void *task)
{
    cancel_group(NULL);
    gyre_task_cancel(task, .msg = "too");
}

static int cancelled_twice(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 1000));
    gyre_loop_call_later(loop, .01, cancel_group_and_task, gyre_current_task());
    return (int)gyre_task_group_end(&group, 0);
}

static int cancel_both(void *arg)
{
    gyre_task *task;

    gyre_create_task(&task, cancelled_twice, NULL);
    /* The group takes back its own request, the other one is not its to drop. */
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    return 0;
}

static void test_cancelled_by_somebody_else_as_well(void **state)
{
    check(cancel_both);
}

static int note_cancel(void *word)
{
    int err = gyre_sleep(1000);

    note(word);
    return err;
}

static int in_order(void *arg)
{
    static char *const words[] = {"first", "second", "third", "fourth"};

    gyre_task_group_begin(&group);
    for (int i = 0; i < 4; i++)
        gyre_task_group_create_task(&group, NULL, note_cancel, words[i]);
    gyre_sleep(0);
    return (int)gyre_task_group_end(&group, VALUE) - VALUE;
}

static void test_children_are_cancelled_in_order(void **state)
{
    check(in_order);
    assert_noted("first second third fourth");
}

static int only_fail(void *arg)
{
    return VALUE;
}

static int only_return(void *arg)
{
    return 12;
}

static int eager_failure(void *arg)
{
    gyre_task *child;

    gyre_task_group_begin(&group);
    assert_int_equal(gyre_task_group_create_task(&group, &child, act, ACT(.delay = 1000)), 0);
    gyre_sleep(0);
    assert_int_equal(gyre_task_group_create_task(&group, NULL, only_fail, NULL, .eager_start = GYRE_YES), 0);
    /* Told in a turn of its own: here the body goes on, and may make more children. */
    assert_int_equal(cancelling(), 0);
    assert_int_equal(gyre_task_group_create_task(&group, NULL, act, ACT(.delay = 1000)), 0);
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    assert_int_equal(cancelling(), 1);
    assert_int_equal(gyre_task_group_end(&group, GYRE_ECANCELLED), VALUE);
    assert_outcome(child, GYRE_ECANCELLED);
    assert_int_equal(cancelling(), 0);
    return gyre_sleep(0);
}

static int eager_success(void *arg)
{
    gyre_task *child;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, &child, only_return, NULL, .eager_start = GYRE_YES);
    assert_outcome(child, 12);
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    return gyre_sleep(0);
}

static int eager_cancel(void *arg)
{
    gyre_task *child;

    /* It cancels the group that does not know it yet, and must not be forgotten. */
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, &child, cancel_from_child, NULL, .eager_start = GYRE_YES);
    assert_int_equal(gyre_task_group_end(&group, 0), 0);
    assert_outcome(child, GYRE_ECANCELLED);
    return gyre_sleep(0);
}

static int eager_factory(void *arg)
{
    gyre_loop_set_task_factory(loop, gyre_eager_task_factory);
    assert_int_equal(eager_success(NULL), 0);
    gyre_loop_set_task_factory(loop, NULL);
    return 0;
}

static void test_eager_children(void **state)
{
    check(eager_failure);
    check(eager_success);
    check(eager_cancel);
    check(eager_factory);
}

static int fail_with_words(void *words)
{
    return gyre_error_set(VALUE, "%s", (char *)words);
}

static int say_three(void *arg)
{
    const gyre_group_error *errors;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, fail_with_words, "one", .name = "first child");
    gyre_task_group_create_task(&group, NULL, only_fail, NULL, .name = "second child");
    assert_int_equal(gyre_sleep(1), GYRE_ECANCELLED);
    gyre_task_set_name(gyre_current_task(), "parent");
    assert_int_equal(gyre_task_group_end(&group, gyre_error_set(TYPE, "three")), VALUE);
    assert_string_equal(gyre_error_text(), "one (and 2 more)");
    assert_int_equal(gyre_task_group_errors(&group, &errors), 3);
    assert_string_equal(errors[0].text, "one");
    assert_string_equal(errors[0].task, "first child");
    assert_string_equal(errors[1].text, "");
    assert_string_equal(errors[1].task, "second child");
    assert_string_equal(errors[2].text, "three");
    assert_string_equal(errors[2].task, "parent");
    assert_int_equal(errors[2].code, TYPE);
    return 0;
}

static int say_one(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, fail_with_words, "alone");
    assert_int_equal(gyre_task_group_end(&group, 0), VALUE);
    assert_string_equal(gyre_error_text(), "alone");
    /* A code without a sentence has none. */
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, only_fail, NULL);
    assert_int_equal(gyre_task_group_end(&group, 0), VALUE);
    assert_string_equal(gyre_error_text(), "");
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, only_fail, NULL);
    gyre_task_group_create_task(&group, NULL, only_fail, NULL);
    assert_int_equal(gyre_task_group_end(&group, 0), VALUE);
    assert_string_equal(gyre_error_text(), "An error of the program's own (and 1 more)");
    return 0;
}

static int keep_them(void *arg)
{
    const gyre_group_error *errors;
    gyre_task_group later;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, fail_with_words, "kept");
    gyre_task_group_end(&group, 0);
    gyre_task_group_errors(&group, &errors);
    /* A group that does not fail takes nothing away. */
    gyre_task_group_begin(&later);
    gyre_task_group_create_task(&later, NULL, only_return, NULL);
    assert_int_equal(gyre_task_group_end(&later, 0), 0);
    assert_int_equal(gyre_task_group_errors(&later, NULL), 0);
    assert_string_equal(errors->text, "kept");
    return 0;
}

static void test_what_the_errors_say(void **state)
{
    check(say_three);
    check(say_one);
    check(keep_them);
}

static int clean_up(void *arg)
{
    int err = gyre_sleep(1000);

    assert_int_equal(gyre_sleep(0), GYRE_ECANCELLED);
    assert_int_equal(gyre_task_group_create_task(&group, NULL, act, NULL), GYRE_ERUNTIME);
    note("child");
    return arg ? gyre_error_set(VALUE, "as it closed") : err;
}

static int wait_for_children(void *arg)
{
    gyre_task_group inner;
    ptrdiff_t code;

    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, clean_up, arg);
    gyre_task_group_create_task(&group, NULL, clean_up, NULL);
    gyre_task_group_begin(&inner);
    gyre_task_group_create_task(&inner, NULL, act, ACT(.delay = 1000));
    code = gyre_task_group_end(&inner, 0);
    code = gyre_task_group_end(&group, code);
    note("parent");
    return (int)code;
}

/* The children end before their parent, whose stack they may use. */
static void close_with(void *arg, int outcome)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, wait_for_children, arg);
    run_passes(2);
    close_now();
    assert_noted("child child parent");
    assert_outcome(task, outcome);
}

static void test_the_loop_closes(void **state)
{
    close_with(NULL, GYRE_ECANCELLED);
}

static void test_the_loop_closes_and_a_child_fails(void **state)
{
    close_with("fail", VALUE);
}

static int never_begun(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, note_cancel, "never");
    return (int)gyre_task_group_end(&group, 0);
}

static void test_the_loop_closes_at_once(void **state)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, never_begun, NULL);
    run_once();
    close_now();
    assert_noted("");
    assert_outcome(task, GYRE_ECANCELLED);
}

static int deaf(void *arg)
{
    while (gyre_sleep(1000) == GYRE_ECANCELLED)
        continue;
    return 0;
}

static int parent_of_deaf(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, deaf, NULL);
    return (int)gyre_task_group_end(&group, 0);
}

static int close_on_deaf(void *arg)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, parent_of_deaf, NULL);
    run_passes(2);
    gyre_loop_close(loop);
    return told.count != 1 || gyre_future_result(task, NULL) != GYRE_ECANCELLED;
}

/* In a child: its stack is not given back. */
static void test_the_loop_closes_and_a_child_is_deaf(void **state)
{
    const char *words;

    assert_int_equal(in_child(close_on_deaf, NULL, &words), 0);
}

static int stay_inside(void *arg)
{
    gyre_task_group_begin(&group);
    return 0;
}

static int cross_them(void *arg)
{
    gyre_task_group inner;

    gyre_task_group_begin(&group);
    gyre_task_group_begin(&inner);
    return (int)gyre_task_group_end(&group, 0);
}

static int end_it(void *arg)
{
    return (int)gyre_task_group_end(&group, 0);
}

static int ended_by_another(void *arg)
{
    gyre_task_group_begin(&group);
    gyre_create_task(NULL, end_it, NULL);
    return gyre_sleep(1);
}

static int run_wrong(void *fn)
{
    return run_main(*(gyre_coroutine *)fn, NULL);
}

static void test_left_in_order(void **state)
{
    gyre_coroutine wrong[] = {stay_inside, cross_them, ended_by_another};
    const char *const words[] = {"a coroutine returned inside a task group",
                                 "a task group is ended by the task that began it, inner ones first",
                                 "a task group is ended by the task that began it, inner ones first"};

    for (int i = 0; i < 3; i++) {
        const char *said;
        int status = in_child(run_wrong, &wrong[i], &said);

        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        assert_non_null(strstr(said, words[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SIM(test_cancelled),
        ON_SIM(test_cancelled_by_somebody_else_as_well),
        ON_SIM(test_children_are_cancelled_in_order),
        ON_SIM(test_eager_children),
        ON_SIM(test_what_the_errors_say),
        ON_SIM(test_the_loop_closes),
        ON_SIM(test_the_loop_closes_and_a_child_fails),
        ON_SIM(test_the_loop_closes_at_once),
        ON_SIM(test_the_loop_closes_and_a_child_is_deaf),
        ON_SIM(test_left_in_order),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
