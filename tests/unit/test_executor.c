/* The callers' side of a pool: options, order, bounds, cancelling, references, counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "executor/pool.h"
#include "tests/unit/executor_probe.h"

enum { MANY = 64 };

static void a_job_runs_once_and_is_told_done_once(void **state)
{
    gyre_executor *executor = gyre_executor_new();
    struct probe probe;

    probe_open(&probe, NULL);
    assert_int_equal(gyre_executor_submit(executor, &probe.job), 0);
    sem_wait(&probe.done);
    probe_end_pool(executor);
    probe_check(&probe, 1, 1);
    assert_false(probe.dropped);
    assert_false(pthread_equal(probe.done_on, pthread_self()));
}

static void wrong_options_are_refused(void **state)
{
    errno = 0;
    assert_null((gyre_executor_new)(&(gyre_executor_options){.size = 3}));
    assert_int_equal(errno, EINVAL);
    errno = 0;
    assert_null(gyre_executor_new(.spin = 7));
    assert_int_equal(errno, EINVAL);
}

/* test_thread_pool.py::ThreadPoolExecutorTest::test_default_workers */
static void defaults_are_those_of_concurrent_futures(void **state)
{
    gyre_executor *executor = (gyre_executor_new)(NULL);
    gyre_cpus cpus;

    gyre_count_cpus(&cpus);
    assert_int_equal(executor->limit, cpus.usable + 4 < 32 ? cpus.usable + 4 : 32);
    assert_int_equal(executor->queue_limit, 65536);
    gyre_executor_unref(executor);
}

static struct probe *next_expected;
static unsigned out_of_order;

static void expect_next(gyre_job *job)
{
    out_of_order += job != &next_expected->job;
    next_expected++;
}

static void one_thread_runs_jobs_in_the_order_of_submission(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe probe[MANY];

    next_expected = probe;
    for (int i = 0; i < MANY; i++) {
        probe_open(&probe[i], NULL);
        probe[i].job.fn = expect_next;
        assert_int_equal(gyre_executor_submit(executor, &probe[i].job), 0);
    }
    probe_end_pool(executor);
    assert_int_equal(out_of_order, 0);
    assert_ptr_equal(next_expected, probe + MANY);
}

static void a_full_queue_refuses_until_there_is_room(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1, .queue_limit = 2);
    struct probe busy, probe[3];
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    for (int i = 0; i < 3; i++)
        probe_open(&probe[i], NULL);
    assert_int_equal(gyre_executor_submit(executor, &probe[0].job), 0);
    assert_int_equal(gyre_executor_submit(executor, &probe[1].job), 0);
    assert_int_equal(gyre_executor_submit(executor, &probe[2].job), -EAGAIN);
    assert_true(gyre_executor_cancel(executor, &probe[0].job));
    assert_int_equal(gyre_executor_submit(executor, &probe[2].job), 0);
    sem_post(&hold);
    probe_end_pool(executor);
    probe_check(&probe[0], 0, 0);
    probe_check(&probe[1], 1, 1);
    probe_check(&probe[2], 1, 1);
}

static void a_job_without_fn_or_done_is_refused(void **state)
{
    gyre_executor *executor = gyre_executor_new();
    gyre_job no_fn = {.done = probe_end}, no_done = {.fn = probe_run};

    assert_int_equal(gyre_executor_submit(executor, &no_fn), -EINVAL);
    assert_int_equal(gyre_executor_submit(executor, &no_done), -EINVAL);
    gyre_executor_unref(executor);
}

static void a_queued_or_running_job_cannot_be_submitted_again(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe running, queued;
    sem_t hold;

    probe_occupy(executor, &running, &hold);
    probe_open(&queued, NULL);
    assert_int_equal(gyre_executor_submit(executor, &queued.job), 0);
    assert_int_equal(gyre_executor_submit(executor, &queued.job), -EBUSY);
    assert_int_equal(gyre_executor_submit(executor, &running.job), -EBUSY);
    sem_post(&hold);
    probe_end_pool(executor);
    probe_check(&running, 1, 1);
    probe_check(&queued, 1, 1);
}

static void submit_again(gyre_job *job)
{
    struct probe *probe = (struct probe *)job;

    if (atomic_fetch_add(&probe->dones, 1) + 1 == MANY || gyre_executor_submit(job->arg, job))
        sem_post(&probe->done);
}

static void done_may_submit_the_same_job_again(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1, .queue_limit = 1);
    struct probe probe;

    probe_open(&probe, NULL);
    probe.job.done = submit_again;
    probe.job.arg = executor;
    assert_int_equal(gyre_executor_submit(executor, &probe.job), 0);
    sem_wait(&probe.done);
    probe_check(&probe, MANY, MANY);
    probe_end_pool(executor);
}

/* test_future.py::FutureTests::test_cancel */
static void only_what_has_not_started_can_be_cancelled(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe running, queued;
    sem_t hold;

    probe_occupy(executor, &running, &hold);
    probe_open(&queued, NULL);
    assert_false(gyre_executor_cancel(executor, &queued.job));
    gyre_executor_submit(executor, &queued.job);
    assert_false(gyre_executor_cancel(executor, &running.job));
    assert_true(gyre_executor_cancel(executor, &queued.job));
    assert_false(gyre_executor_cancel(executor, &queued.job));
    sem_post(&hold);
    sem_wait(&running.done);
    assert_false(gyre_executor_cancel(executor, &running.job));
    probe_end_pool(executor);
    probe_check(&running, 1, 1);
    probe_check(&queued, 0, 0);
}

/* A cancelled job is freed at once: had the pool kept a pointer to it, AddressSanitizer would say so. */
static void the_memory_of_a_cancelled_job_is_its_owners_at_once(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe busy;
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    for (int i = 0; i < MANY; i++) {
        struct probe *probe = malloc(sizeof *probe);

        probe_open(probe, NULL);
        gyre_executor_submit(executor, &probe->job);
        assert_true(gyre_executor_cancel(executor, &probe->job));
        free(probe);
    }
    sem_post(&hold);
    probe_end_pool(executor);
}

static void a_reference_keeps_the_pool_open(void **state)
{
    gyre_executor *executor = gyre_executor_new();
    struct probe probe;

    assert_ptr_equal(gyre_executor_ref(executor), executor);
    gyre_executor_unref(executor);
    probe_open(&probe, NULL);
    assert_int_equal(gyre_executor_submit(executor, &probe.job), 0);
    probe_end_pool(executor);
    probe_check(&probe, 1, 1);
}

static void null_is_no_pool(void **state)
{
    assert_null(gyre_executor_ref(NULL));
    gyre_executor_unref(NULL);
}

static void counters_tell_what_the_pool_is_doing(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe busy, probe;
    gyre_executor_stats stats;
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    probe_open(&probe, NULL);
    gyre_executor_submit(executor, &probe.job);
    gyre_executor_get_stats(executor, &stats);
    assert_int_equal(stats.threads, 1);
    assert_int_equal(stats.running, 1);
    assert_int_equal(stats.queued, 1);
    assert_int_equal(stats.done, 0);
    usleep(20000);
    sem_post(&hold);
    sem_wait(&probe.done);
    gyre_executor_get_stats(executor, &stats);
    assert_int_equal(stats.running, 0);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(stats.done, 2);
    /* The clock behind it ticks every few milliseconds. */
    assert_true(stats.longest_wait >= 0.01);
    probe_end_pool(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_runs_once_and_is_told_done_once),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(defaults_are_those_of_concurrent_futures),
        cmocka_unit_test(one_thread_runs_jobs_in_the_order_of_submission),
        cmocka_unit_test(a_full_queue_refuses_until_there_is_room),
        cmocka_unit_test(a_job_without_fn_or_done_is_refused),
        cmocka_unit_test(a_queued_or_running_job_cannot_be_submitted_again),
        cmocka_unit_test(done_may_submit_the_same_job_again),
        cmocka_unit_test(only_what_has_not_started_can_be_cancelled),
        cmocka_unit_test(the_memory_of_a_cancelled_job_is_its_owners_at_once),
        cmocka_unit_test(a_reference_keeps_the_pool_open),
        cmocka_unit_test(null_is_no_pool),
        cmocka_unit_test(counters_tell_what_the_pool_is_doing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
