/* test_thread.c - to_thread when the executor's queue is full. */
#include "unit.h"

static int take_a_while(void *arg)
{
    nap(0.02);
    return 7;
}

static int call(void *arg)
{
    return gyre_to_thread(take_a_while, NULL);
}

/* The first runs, the second is queued, the others wait for a place. */
static int cancel_one_of_four(void *arg)
{
    gyre_task *tasks[4];

    for (int i = 0; i < 4; i++)
        assert_int_equal(gyre_create_task(&tasks[i], call, NULL), 0);
    assert_int_equal(gyre_sleep(0.005), 0);
    gyre_task_cancel(tasks[2]);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(gyre_await(tasks[i], NULL), i == 2 ? GYRE_ECANCELLED : 7);
        gyre_future_unref(tasks[i]);
    }
    return 0;
}

/* One that waits for a place and is cancelled takes nobody along. */
static void test_a_cancel_while_the_queue_is_full(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1, .queue_limit = 1);

    assert_int_equal(gyre_loop_set_default_executor(loop, executor), 0);
    assert_int_equal(run_main(cancel_one_of_four, NULL), 0);
    assert_int_equal(gyre_executor_shutdown(executor, true, false), 0);
    gyre_executor_unref(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_a_cancel_while_the_queue_is_full),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
