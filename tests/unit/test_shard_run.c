/* test_shard_run.c - gyre_run_sharded: all up together, all closed together, and what comes of it. */
#include "sharded.h"
#include <sched.h>
#include <sys/resource.h>

enum { SHARDS = 3 };

static atomic_int started, ended, cancelled;

static int reset(void **state)
{
    atomic_store(&started, 0);
    atomic_store(&ended, 0);
    atomic_store(&cancelled, 0);
    return 0;
}

static int count_up(void *arg)
{
    atomic_int *seen = arg;

    expect(gyre_shard_count() == SHARDS);
    expect(gyre_shard_id() >= 0 && gyre_shard_id() < SHARDS);
    expect(strcmp(gyre_task_get_name(gyre_current_task()), "main") == 0);
    expect(gyre_get_event_loop() == gyre_get_running_loop());
    atomic_fetch_add(&seen[gyre_shard_id()], 1);
    return 7;
}

static void test_one_main_on_each(void **state)
{
    atomic_int seen[SHARDS] = {0};

    assert_runs(0, SHARDS, count_up, seen);
    for (int i = 0; i < SHARDS; i++)
        assert_int_equal(seen[i], 1);
}

static int get_id(void *arg)
{
    return gyre_shard_id();
}

static int call_all(void *arg)
{
    for (int i = 0; i < SHARDS; i++)
        expect(gyre_shard_call(i, get_id, NULL) == i);
    return 0;
}

/* The first main to run finds all others up. */
static void test_all_are_up_before_any_main(void **state)
{
    for (int i = 0; i < 20; i++)
        assert_runs(0, SHARDS, call_all, NULL);
}

static int end_soon(void *arg)
{
    if (gyre_shard_id() != 0)
        return 0;
    expect(gyre_sleep(0.02) == 0);
    return call_all(arg);
}

static void test_a_shard_serves_after_its_main(void **state)
{
    assert_runs(0, SHARDS, end_soon, NULL);
}

static int fail_on_one(void *arg)
{
    int err;

    if (gyre_shard_id() == 1)
        return gyre_error_set(-EIO, "the disk is on fire");
    err = gyre_sleep(1000);
    atomic_fetch_add(&cancelled, err == GYRE_ECANCELLED);
    return err;
}

static void test_a_failure_cancels_the_others(void **state)
{
    int status;

    catch_stderr();
    status = gyre_run_sharded(SHARDS, fail_on_one, NULL, .quiet = GYRE_YES);
    assert_non_null(strstr(take_stderr(), "the disk is on fire"));
    assert_int_equal(status, 1);
    assert_int_equal(cancelled, SHARDS - 1);
}

static int fail_twice(void *arg)
{
    if (gyre_shard_id() == 1)
        return gyre_error_set(-EIO, "first");
    gyre_sleep(1000);
    return gyre_error_set(-EPERM, "second");
}

static void test_the_first_failure_is_the_result(void **state)
{
    const char *words;

    catch_stderr();
    gyre_run_sharded(2, fail_twice, NULL, .quiet = GYRE_YES);
    words = take_stderr();
    assert_non_null(strstr(words, "first"));
    assert_null(strstr(words, "second"));
}

static int leave_a_task(void *arg)
{
    int err = gyre_sleep(1000);

    atomic_fetch_add(&cancelled, err == GYRE_ECANCELLED);
    gyre_sleep(0.01);
    atomic_fetch_add(&ended, 1);
    return err;
}

static int leave_tasks(void *arg)
{
    for (int i = 0; i < 5; i++)
        expect(gyre_create_task(NULL, leave_a_task, NULL) == 0);
    return gyre_sleep(0);
}

static void test_leftover_tasks_are_awaited(void **state)
{
    assert_runs(0, SHARDS, leave_tasks, NULL);
    assert_int_equal(cancelled, 5 * SHARDS);
    assert_int_equal(ended, 5 * SHARDS);
}

static int sleep_twice(void *arg)
{
    int err = gyre_sleep(1000);

    expect(gyre_sleep(1000) == GYRE_ECANCELLED);
    expect(gyre_shard_call(0, count_up, NULL) == GYRE_ELOOPCLOSED);
    expect(gyre_shard_post(0, do_nothing, NULL) == GYRE_ELOOPCLOSED);
    atomic_fetch_add(&ended, 1);
    return err;
}

/* What a leftover begins when it is cancelled comes too late to be awaited. */
static int begin_another(void *arg)
{
    int err = gyre_sleep(1000);

    expect(gyre_create_task(NULL, sleep_twice, NULL) == 0);
    gyre_sleep(0.01);
    return err;
}

static int leave_one(void *arg)
{
    expect(gyre_create_task(NULL, begin_another, NULL) == 0);
    return gyre_sleep(0);
}

static void test_tasks_begun_at_the_end_are_unwound(void **state)
{
    assert_runs(0, SHARDS, leave_one, NULL);
    assert_int_equal(ended, SHARDS);
}

static int stop_here(void *arg)
{
    if (gyre_shard_id() == 1)
        gyre_loop_stop(gyre_get_running_loop());
    return gyre_sleep(1000);
}

static void test_a_stopped_loop_fails(void **state)
{
    int status;

    catch_stderr();
    status = gyre_run_sharded(2, stop_here, NULL, .quiet = GYRE_YES);
    assert_non_null(strstr(take_stderr(), "stopped before Future completed"));
    assert_int_equal(status, 1);
}

static int note_thread(void *arg)
{
    nap(0.05);
    atomic_fetch_add(&ended, 1);
    return 0;
}

static int use_executor(void *arg)
{
    gyre_loop *here = gyre_get_running_loop();
    gyre_future *future;

    expect(gyre_shard_executor() != NULL);
    expect(gyre_loop_get_default_executor(here) == gyre_shard_executor());
    expect(gyre_to_thread(note_thread, NULL) == 0);
    expect(gyre_loop_run_in_executor(here, &future, NULL, note_thread, NULL) == 0);
    gyre_future_unref(future);
    return 0;
}

/* Jobs under way are waited for. */
static void test_one_executor_for_all(void **state)
{
    assert_runs(0, SHARDS, use_executor, NULL);
    assert_int_equal(ended, 2 * SHARDS);
    assert_null(gyre_shard_executor());
}

static int shut_down_on_one(void *arg)
{
    if (gyre_shard_id() == 0)
        expect(gyre_loop_shutdown_default_executor(gyre_get_running_loop(), 10) == 0);
    else
        expect(gyre_sleep(0.02) == 0 && gyre_to_thread(note_thread, NULL) == 0);
    return 0;
}

static void test_one_shard_shuts_its_executor_down(void **state)
{
    assert_runs(0, 2, shut_down_on_one, NULL);
    assert_int_equal(ended, 1);
}

static int look_at_executor(void *arg)
{
    expect(gyre_shard_executor() == arg);
    return gyre_to_thread(note_thread, NULL);
}

static void test_the_program_brings_its_executor(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);

    assert_runs(0, 2, look_at_executor, executor, .executor = executor);
    assert_int_equal(gyre_executor_shutdown(executor, true, false), 0);
    gyre_executor_unref(executor);
}

static int count_cpus_here(void *arg)
{
    atomic_int *cpus = arg;
    cpu_set_t mask;

    sched_getaffinity(0, sizeof mask, &mask);
    cpus[gyre_shard_id()] = CPU_COUNT(&mask);
    return 0;
}

static void test_pinned_and_released(void **state)
{
    atomic_int cpus[SHARDS] = {0};
    cpu_set_t before, after;

    sched_getaffinity(0, sizeof before, &before);
    if (CPU_COUNT(&before) < 2)
        skip();
    assert_runs(0, 2, count_cpus_here, cpus, .pin = GYRE_YES);
    assert_int_equal(cpus[0], 1);
    assert_int_equal(cpus[1], 1);
    sched_getaffinity(0, sizeof after, &after);
    assert_true(CPU_EQUAL(&before, &after));
    assert_runs(0, 2, count_cpus_here, cpus, .pin = GYRE_NO);
    assert_int_equal(cpus[1], CPU_COUNT(&before));
}

static int count_cpus_of_thread(void *cpus)
{
    cpu_set_t mask;

    sched_getaffinity(0, sizeof mask, &mask);
    atomic_store((atomic_int *)cpus, CPU_COUNT(&mask));
    return 0;
}

static int count_cpus_of_own_pool(void *arg)
{
    atomic_int *cpus = (atomic_int *)arg + gyre_shard_id();
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    gyre_future *future;
    int err = gyre_loop_run_in_executor(gyre_get_running_loop(), &future, executor, count_cpus_of_thread,
                                        (void *)cpus);

    gyre_executor_unref(executor);
    expect(err == 0);
    err = gyre_await(future, NULL);
    gyre_future_unref(future);
    return err;
}

/* The threads of a pool that a pinned shard makes would otherwise stand on its CPU, and in its way. */
static void test_pools_of_pinned_shards(void **state)
{
    atomic_int cpus[SHARDS] = {0};
    gyre_cpus before, after;

    gyre_count_cpus(&before);
    if (before.affinity < 2)
        skip();
    assert_runs(0, 2, count_cpus_of_own_pool, cpus, .pin = GYRE_YES);
    assert_int_equal(cpus[0], before.affinity);
    assert_int_equal(cpus[1], before.affinity);
    gyre_count_cpus(&after);
    assert_int_equal(after.affinity, before.affinity);
}

/* With more shards than CPUs nobody is pinned, not even when asked to be. */
static void test_too_many_to_pin(void **state)
{
    atomic_int cpus[SHARDS] = {0};
    cpu_set_t before, one;

    sched_getaffinity(0, sizeof before, &before);
    CPU_ZERO(&one);
    for (int i = 0; CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    sched_setaffinity(0, sizeof one, &one);
    assert_runs(0, 2, count_cpus_here, cpus, .pin = GYRE_YES);
    sched_setaffinity(0, sizeof before, &before);
    assert_int_equal(cpus[1], 1);
}

static void test_the_line_at_the_start(void **state)
{
    char expected[64];
    const char *words;
    gyre_cpus cpus;

    catch_stderr();
    assert_int_equal(gyre_run_sharded(2, get_id, NULL), 0);
    assert_non_null(strstr(take_stderr(), "gyre: 2 shards, as asked ("));
    gyre_count_cpus(&cpus);
    snprintf(expected, sizeof expected, "gyre: %u shard", cpus.usable);
    catch_stderr();
    assert_int_equal(gyre_run_sharded(GYRE_ALL_CORES, get_id, NULL), 0);
    words = take_stderr();
    assert_non_null(strstr(words, expected));
    assert_non_null(strstr(words, "one for each usable CPU"));
    catch_stderr();
    assert_int_equal(gyre_run_sharded(2, get_id, NULL, .quiet = GYRE_YES), 0);
    assert_string_equal(take_stderr(), "");
}

static int run_again(void *arg)
{
    return gyre_run_sharded(2, get_id, NULL, .quiet = GYRE_YES) == 1 ? 0 : -EPROTO;
}

static int run_on_thread(void *arg)
{
    expect(gyre_run_sharded(2, get_id, NULL, .quiet = GYRE_YES) == 1);
    return 0;
}

static int run_from_elsewhere(void *arg)
{
    return gyre_to_thread(run_on_thread, NULL);
}

static void test_only_one_run_at_a_time(void **state)
{
    catch_stderr();
    assert_runs(0, 1, run_again, NULL);
    assert_non_null(strstr(take_stderr(), "from a running event loop"));
    catch_stderr();
    assert_runs(0, 1, run_from_elsewhere, NULL);
    assert_non_null(strstr(take_stderr(), "another sharded run is under way"));
}

static void test_outside(void **state)
{
    gyre_shard_stats stats;

    assert_int_equal(gyre_shard_id(), -1);
    assert_int_equal(gyre_shard_count(), 0);
    assert_int_equal(gyre_shard_get_stats(0, &stats), GYRE_EVALUE);
    assert_int_equal(gyre_shard_post(0, do_nothing, NULL), GYRE_EVALUE);
    assert_int_equal(gyre_shard_call(0, get_id, NULL), GYRE_EVALUE);
    assert_true(gyre_shard_imbalance() == 1);
}

/* So few descriptors that some of the loops cannot be made. */
static int run_poor(void *arg)
{
    struct rlimit limit = {14, 14};

    setrlimit(RLIMIT_NOFILE, &limit);
    return gyre_run_sharded(40, count_up, arg, .quiet = GYRE_YES);
}

static void test_too_few_descriptors(void **state)
{
    const char *words;
    int status = in_child(run_poor, NULL, &words);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_non_null(strstr(words, "gyre: the shards cannot be started: "));
    assert_non_null(strstr(words, "Too many open files"));
}

static void test_too_many_shards(void **state)
{
    catch_stderr();
    assert_int_equal(gyre_run_sharded(100000, get_id, NULL, .quiet = GYRE_YES), 1);
    assert_non_null(strstr(take_stderr(), "100000 shards are more than"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_main_on_each, reset),
        cmocka_unit_test_setup(test_all_are_up_before_any_main, reset),
        cmocka_unit_test_setup(test_a_shard_serves_after_its_main, reset),
        cmocka_unit_test_setup(test_a_failure_cancels_the_others, reset),
        cmocka_unit_test_setup(test_the_first_failure_is_the_result, reset),
        cmocka_unit_test_setup(test_leftover_tasks_are_awaited, reset),
        cmocka_unit_test_setup(test_tasks_begun_at_the_end_are_unwound, reset),
        cmocka_unit_test_setup(test_a_stopped_loop_fails, reset),
        cmocka_unit_test_setup(test_one_executor_for_all, reset),
        cmocka_unit_test_setup(test_one_shard_shuts_its_executor_down, reset),
        cmocka_unit_test_setup(test_the_program_brings_its_executor, reset),
        cmocka_unit_test_setup(test_pinned_and_released, reset),
        cmocka_unit_test_setup(test_pools_of_pinned_shards, reset),
        cmocka_unit_test_setup(test_too_many_to_pin, reset),
        cmocka_unit_test_setup(test_the_line_at_the_start, reset),
        cmocka_unit_test_setup(test_only_one_run_at_a_time, reset),
        cmocka_unit_test_setup(test_outside, reset),
        cmocka_unit_test_setup(test_too_few_descriptors, reset),
        cmocka_unit_test_setup(test_too_many_shards, reset),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
