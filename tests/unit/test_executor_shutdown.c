/* The ways in which a pool ends: waited for or not, dropping its jobs or not, by whoever gives the last
 * reference back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "tests/unit/executor_probe.h"

enum { MANY = 64, WAITERS = 4 };

static void await_end_of_thread(const char *name)
{
    while (probe_thread_exists(name))
        usleep(1000);
}

/* test_shutdown.py::ExecutorShutdownTest::test_run_after_shutdown */
static void a_pool_that_was_shut_down_takes_no_jobs(void **state)
{
    gyre_executor *executor = gyre_executor_new();
    struct probe probe;

    probe_open(&probe, NULL);
    assert_int_equal(gyre_executor_shutdown(executor, false, false), 0);
    assert_int_equal(gyre_executor_submit(executor, &probe.job), -ESHUTDOWN);
    assert_int_equal(gyre_executor_shutdown(executor, true, true), 0);
    gyre_executor_unref(executor);
    probe_check(&probe, 0, 0);
}

static void submit_many(gyre_executor *executor, struct probe *probe)
{
    for (int i = 0; i < MANY; i++) {
        probe_open(&probe[i], NULL);
        assert_int_equal(gyre_executor_submit(executor, &probe[i].job), 0);
    }
}

static void *post_later(void *hold)
{
    usleep(20000);
    sem_post(hold);
    return NULL;
}

/* test_shutdown.py::ThreadPoolShutdownTest::test_threads_terminate,
 * test_shutdown.py::ExecutorShutdownTest::test_hang_issue12364 */
static void shutdown_with_wait_returns_when_all_jobs_ran_and_the_threads_left(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1, .name = "waited");
    struct probe busy, probe[MANY];
    gyre_executor_stats stats;
    pthread_t thread;
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    submit_many(executor, probe);
    pthread_create(&thread, NULL, post_later, &hold);
    assert_int_equal(gyre_executor_shutdown(executor, true, false), 0);
    for (int i = 0; i < MANY; i++)
        probe_check(&probe[i], 1, 1);
    gyre_executor_get_stats(executor, &stats);
    assert_int_equal(stats.threads, 0);
    assert_int_equal(stats.done, MANY + 1);
    assert_false(probe_thread_exists("waited-0"));
    pthread_join(thread, NULL);
    gyre_executor_unref(executor);
}

/* test_shutdown.py::ThreadPoolShutdownTest::test_shutdown_no_wait */
static void shutdown_without_wait_returns_at_once_and_queued_jobs_still_run(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe busy, probe[MANY];
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    submit_many(executor, probe);
    assert_int_equal(gyre_executor_shutdown(executor, false, false), 0);
    probe_check(&busy, 1, 0);
    sem_post(&hold);
    sem_wait(&probe[MANY - 1].done);
    for (int i = 0; i < MANY; i++)
        probe_check(&probe[i], 1, 1);
    probe_end_pool(executor);
}

/* test_shutdown.py::ExecutorShutdownTest::test_cancel_futures */
static void a_drop_ends_queued_jobs_unrun_while_the_running_one_goes_on(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe busy, probe[MANY];
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    submit_many(executor, probe);
    assert_int_equal(gyre_executor_shutdown(executor, false, true), 0);
    for (int i = 0; i < MANY; i++) {
        probe_check(&probe[i], 0, 1);
        assert_true(probe[i].dropped);
    }
    probe_check(&busy, 1, 0);
    sem_post(&hold);
    sem_wait(&busy.done);
    assert_false(busy.dropped);
    probe_end_pool(executor);
}

static void let_the_worker_go(gyre_job *job)
{
    struct probe *busy = job->arg;

    sem_post(busy->hold);
    sem_wait(&busy->done);
    await_end_of_thread("greedy-0");
    probe_end(job);
}

static void a_worker_that_gets_free_during_a_drop_takes_no_dropped_job(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1, .name = "greedy");
    struct probe busy, first, second;
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    probe_open(&first, NULL);
    first.job.done = let_the_worker_go;
    first.job.arg = &busy;
    probe_open(&second, NULL);
    gyre_executor_submit(executor, &first.job);
    gyre_executor_submit(executor, &second.job);
    gyre_executor_shutdown(executor, true, true);
    probe_check(&first, 0, 1);
    probe_check(&second, 0, 1);
    gyre_executor_unref(executor);
}

static void cancel_next(gyre_job *job)
{
    struct probe *probe = (struct probe *)job;
    struct probe *following = probe + 1;

    following->flag = gyre_executor_cancel(job->arg, &following->job);
    probe_end(job);
}

static void a_drop_can_be_met_by_a_cancel(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe busy, probe[2];
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    for (int i = 0; i < 2; i++) {
        probe_open(&probe[i], NULL);
        gyre_executor_submit(executor, &probe[i].job);
    }
    probe[0].job.done = cancel_next;
    probe[0].job.arg = executor;
    gyre_executor_shutdown(executor, false, true);
    assert_true(probe[1].flag);
    probe_check(&probe[0], 0, 1);
    probe_check(&probe[1], 0, 0);
    sem_post(&hold);
    probe_end_pool(executor);
}

static void *shut_down(void *executor)
{
    gyre_executor_shutdown(executor, true, false);
    return NULL;
}

static void several_threads_may_wait_for_the_end(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 3);
    pthread_t thread[WAITERS];
    struct probe busy;
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    for (int i = 0; i < WAITERS; i++)
        pthread_create(&thread[i], NULL, shut_down, executor);
    usleep(1000);
    sem_post(&hold);
    for (int i = 0; i < WAITERS; i++)
        pthread_join(thread[i], NULL);
    probe_check(&busy, 1, 1);
    probe_end_pool(executor);
}

static void try_to_wait(gyre_job *job)
{
    struct probe *probe = (struct probe *)job;

    probe->flag = gyre_executor_shutdown(job->arg, true, true) == -EDEADLK;
}

static void a_worker_that_waits_for_its_own_pool_is_refused_and_nothing_changes(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe probe, after;

    probe_open(&probe, NULL);
    probe.job.fn = try_to_wait;
    probe.job.arg = executor;
    gyre_executor_submit(executor, &probe.job);
    sem_wait(&probe.done);
    assert_true(probe.flag);
    probe_open(&after, NULL);
    assert_int_equal(gyre_executor_submit(executor, &after.job), 0);
    probe_end_pool(executor);
    probe_check(&after, 1, 1);
}

static void shut_down_here(gyre_job *job)
{
    gyre_executor_shutdown(job->arg, false, true);
}

static void a_worker_may_shut_its_pool_down_without_waiting(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    struct probe busy, probe, queued;
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    probe_open(&probe, NULL);
    probe.job.fn = shut_down_here;
    probe.job.arg = executor;
    probe_open(&queued, NULL);
    gyre_executor_submit(executor, &probe.job);
    gyre_executor_submit(executor, &queued.job);
    sem_post(&hold);
    sem_wait(&queued.done);
    probe_end_pool(executor);
    probe_check(&probe, 0, 1);
    probe_check(&queued, 0, 1);
    assert_true(queued.dropped);
}

/* test_shutdown.py::ThreadPoolShutdownTest::test_del_shutdown */
static void the_last_unref_lets_queued_jobs_run_and_the_threads_leave(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1, .name = "orphan");
    struct probe busy, probe[MANY];
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    submit_many(executor, probe);
    gyre_executor_unref(executor);
    sem_post(&hold);
    sem_wait(&probe[MANY - 1].done);
    await_end_of_thread("orphan-0");
    for (int i = 0; i < MANY; i++)
        probe_check(&probe[i], 1, 1);
}

static void unref_in_done(gyre_job *job)
{
    gyre_executor_unref(job->arg);
    probe_end(job);
}

static void done_may_give_the_last_reference_back(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1, .name = "suicide");
    struct probe probe;

    probe_open(&probe, NULL);
    probe.job.done = unref_in_done;
    probe.job.arg = executor;
    gyre_executor_submit(executor, &probe.job);
    sem_wait(&probe.done);
    await_end_of_thread("suicide-0");
    probe_check(&probe, 1, 1);
}

static void done_of_a_dropped_job_may_give_the_last_reference_back(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1, .name = "dropper");
    struct probe busy, probe;
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    probe_open(&probe, NULL);
    probe.job.done = unref_in_done;
    probe.job.arg = executor;
    gyre_executor_submit(executor, &probe.job);
    gyre_executor_shutdown(executor, false, true);
    probe_check(&probe, 0, 1);
    sem_post(&hold);
    sem_wait(&busy.done);
    await_end_of_thread("dropper-0");
}

static void ref_submit_unref(gyre_job *job)
{
    struct probe *probe = (struct probe *)job;
    struct probe other;

    probe_open(&other, NULL);
    gyre_executor_ref(job->arg);
    probe->flag = gyre_executor_submit(job->arg, &other.job) == -ESHUTDOWN;
    gyre_executor_unref(job->arg);
}

static void a_job_may_use_its_pool_after_the_last_unref(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1, .name = "late");
    struct probe busy, probe;
    sem_t hold;

    probe_occupy(executor, &busy, &hold);
    probe_open(&probe, NULL);
    probe.job.fn = ref_submit_unref;
    probe.job.arg = executor;
    gyre_executor_submit(executor, &probe.job);
    gyre_executor_unref(executor);
    sem_post(&hold);
    sem_wait(&probe.done);
    await_end_of_thread("late-0");
    assert_true(probe.flag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_that_was_shut_down_takes_no_jobs),
        cmocka_unit_test(shutdown_with_wait_returns_when_all_jobs_ran_and_the_threads_left),
        cmocka_unit_test(shutdown_without_wait_returns_at_once_and_queued_jobs_still_run),
        cmocka_unit_test(a_drop_ends_queued_jobs_unrun_while_the_running_one_goes_on),
        cmocka_unit_test(a_worker_that_gets_free_during_a_drop_takes_no_dropped_job),
        cmocka_unit_test(a_drop_can_be_met_by_a_cancel),
        cmocka_unit_test(several_threads_may_wait_for_the_end),
        cmocka_unit_test(a_worker_that_waits_for_its_own_pool_is_refused_and_nothing_changes),
        cmocka_unit_test(a_worker_may_shut_its_pool_down_without_waiting),
        cmocka_unit_test(the_last_unref_lets_queued_jobs_run_and_the_threads_leave),
        cmocka_unit_test(done_may_give_the_last_reference_back),
        cmocka_unit_test(done_of_a_dropped_job_may_give_the_last_reference_back),
        cmocka_unit_test(a_job_may_use_its_pool_after_the_last_unref),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
