/* test_tasks.c - the end of tasks whose loop is closed under them. */
#include "unit.h"

static int wait_on_and_on(void *arg)
{
    int err = gyre_sleep(1000);

    note("first");
    assert_int_equal(err, GYRE_ECANCELLED);
    assert_ptr_equal(gyre_get_running_loop(), loop);
    assert_non_null(gyre_current_task());
    assert_int_equal(gyre_sleep(1000), GYRE_ECANCELLED);
    note("second");
    return err;
}

/* Every later wait returns at once, and drives no other loop. */
static void test_a_closed_loop_lets_nobody_wait(void **state)
{
    assert_int_equal(gyre_create_task(NULL, wait_on_and_on, NULL), 0);
    run_passes(2);
    close_now();
    assert_noted("first second");
    assert_null(gyre_get_running_loop());
}

static int never_learn(void *arg)
{
    for (;;)
        gyre_sleep(1000);
    return 0;
}

static void test_a_task_that_will_not_hear_is_abandoned(void **state)
{
    assert_int_equal(gyre_create_task(NULL, never_learn, NULL), 0);
    run_passes(2);
    close_now();
    assert_told(1, "Task was destroyed but it is pending!");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_a_closed_loop_lets_nobody_wait),
        ON_LOOP(test_a_task_that_will_not_hear_is_abandoned),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
