/* The life of worker threads: when they start and how many, what they inherit, that none sleeps while jobs
 * wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "executor/pool.h"

enum { MOST = 4, ROUNDS = 3000 };

/* A job that reports when it starts, and waits for leave to end. */
struct visit {
    gyre_job job;
    sem_t started;
    sem_t leave;
    sem_t done;
};

static void stay(gyre_job *job)
{
    struct visit *visit = (struct visit *)job;

    sem_post(&visit->started);
    sem_wait(&visit->leave);
}

static void pass(gyre_job *job)
{
}

static void report(gyre_job *job)
{
    sem_post(&((struct visit *)job)->done);
}

static void open_visit(struct visit *visit, void (*fn)(gyre_job *))
{
    *visit = (struct visit){.job = {.fn = fn, .done = report}};
    sem_init(&visit->started, 0, 0);
    sem_init(&visit->leave, 0, 0);
    sem_init(&visit->done, 0, 0);
}

static void run_one(gyre_executor *executor, void (*fn)(gyre_job *), void *arg)
{
    struct visit visit;

    open_visit(&visit, fn);
    visit.job.arg = arg;
    assert_int_equal(gyre_executor_submit(executor, &visit.job), 0);
    sem_wait(&visit.done);
}

static void end(gyre_executor *executor)
{
    assert_int_equal(gyre_executor_shutdown(executor, true, false), 0);
    gyre_executor_unref(executor);
}

static unsigned count_threads(gyre_executor *executor)
{
    gyre_executor_stats stats;

    gyre_executor_get_stats(executor, &stats);
    return stats.threads;
}

static void await_parked(gyre_executor *executor, unsigned wanted)
{
    unsigned parked = 0;

    while (parked != wanted) {
        usleep(100);
        pthread_mutex_lock(&executor->lock);
        parked = executor->parked;
        pthread_mutex_unlock(&executor->lock);
    }
}

static void no_thread_starts_before_there_is_work(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = MOST);

    assert_int_equal(count_threads(executor), 0);
    run_one(executor, pass, NULL);
    assert_int_equal(count_threads(executor), 1);
    end(executor);
}

/* test_thread_pool.py::ThreadPoolExecutorTest::test_idle_thread_reuse */
static void an_idle_worker_is_used_again(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = MOST, .spin = -1);

    for (int i = 0; i < 20; i++) {
        run_one(executor, pass, NULL);
        await_parked(executor, 1);
    }
    assert_int_equal(count_threads(executor), 1);
    end(executor);
}

/* test_thread_pool.py::ThreadPoolExecutorTest::test_saturation */
static void blocking_jobs_get_a_thread_each_up_to_the_limit(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = MOST);
    struct visit visit[MOST + 1];
    gyre_executor_stats stats;

    for (int i = 0; i <= MOST; i++) {
        open_visit(&visit[i], stay);
        gyre_executor_submit(executor, &visit[i].job);
    }
    for (int i = 0; i < MOST; i++)
        sem_wait(&visit[i].started);
    gyre_executor_get_stats(executor, &stats);
    assert_int_equal(stats.threads, MOST);
    assert_int_equal(stats.running, MOST);
    assert_int_equal(stats.queued, 1);
    for (int i = 0; i <= MOST; i++)
        sem_post(&visit[i].leave);
    for (int i = 0; i <= MOST; i++)
        sem_wait(&visit[i].done);
    end(executor);
}

static void parked_workers_all_get_up_for_a_burst(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = MOST, .spin = -1);

    for (int round = 0; round < 50; round++) {
        struct visit visit[MOST];

        for (int i = 0; i < MOST; i++) {
            open_visit(&visit[i], stay);
            gyre_executor_submit(executor, &visit[i].job);
        }
        for (int i = 0; i < MOST; i++)
            sem_wait(&visit[i].started);
        for (int i = 0; i < MOST; i++)
            sem_post(&visit[i].leave);
        for (int i = 0; i < MOST; i++)
            sem_wait(&visit[i].done);
        await_parked(executor, MOST);
    }
    end(executor);
}

static void a_blocked_job_stops_nobody_else(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 2);
    struct visit blocked;

    open_visit(&blocked, stay);
    gyre_executor_submit(executor, &blocked.job);
    for (int i = 0; i < 100; i++)
        run_one(executor, pass, NULL);
    sem_post(&blocked.leave);
    sem_wait(&blocked.done);
    end(executor);
}

/* A lost wake-up would hang here: the pauses move the submission across spinning and falling asleep. */
static void ping_pong(int spin)
{
    gyre_executor *executor = gyre_executor_new(.threads = 2, .spin = spin);

    for (int i = 0; i < ROUNDS; i++) {
        uint64_t pause = gyre__jobs_clock() + (uint64_t)(i % 40) * 1000;

        run_one(executor, pass, NULL);
        while (gyre__jobs_clock() < pause)
            sched_yield();
    }
    end(executor);
}

static void no_wake_up_is_lost_with_spinning(void **state)
{
    ping_pong(0);
}

static void no_wake_up_is_lost_without_spinning(void **state)
{
    ping_pong(-1);
}

static void spins_in_vain_become_rare(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);

    executor->spins = true;
    for (int i = 0; i < 20; i++) {
        run_one(executor, pass, NULL);
        await_parked(executor, 1);
    }
    assert_true(executor->spin_gap > 1);
    end(executor);
}

static void spin_minus_one_never_spins(void **state)
{
    gyre_executor *executor = gyre_executor_new(.spin = -1);

    assert_false(executor->spins);
    run_one(executor, pass, NULL);
    await_parked(executor, 1);
    assert_int_equal(executor->spin_gap, 0);
    end(executor);
}

static void read_mask(gyre_job *job)
{
    pthread_sigmask(SIG_SETMASK, NULL, job->arg);
}

static void workers_block_all_signals_and_their_starter_does_not(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    sigset_t mask, own;

    run_one(executor, read_mask, &mask);
    assert_true(sigismember(&mask, SIGINT));
    assert_true(sigismember(&mask, SIGTERM));
    assert_true(sigismember(&mask, SIGPIPE));
    assert_true(sigismember(&mask, SIGUSR1));
    pthread_sigmask(SIG_SETMASK, NULL, &own);
    assert_false(sigismember(&own, SIGTERM));
    end(executor);
}

static void read_name(gyre_job *job)
{
    pthread_getname_np(pthread_self(), job->arg, 16);
}

static void check_name(const char *prefix, const char *expected)
{
    gyre_executor *executor = gyre_executor_new(.name = prefix);
    char name[16] = "";

    run_one(executor, read_name, name);
    assert_string_equal(name, expected);
    end(executor);
}

/* test_shutdown.py::ThreadPoolShutdownTest::test_thread_names_assigned,
 * test_shutdown.py::ThreadPoolShutdownTest::test_thread_names_default */
static void threads_are_named_after_their_pool(void **state)
{
    check_name(NULL, "gyre-0");
    check_name("resolver", "resolver-0");
    check_name("", "-0");
    check_name("a name that is far too long", "a name that i-0");
}

static void threads_of_one_pool_have_different_names(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 2);
    struct visit blocked;
    char name[16] = "";

    open_visit(&blocked, stay);
    gyre_executor_submit(executor, &blocked.job);
    sem_wait(&blocked.started);
    run_one(executor, read_name, name);
    assert_string_equal(name, "gyre-1");
    sem_post(&blocked.leave);
    sem_wait(&blocked.done);
    end(executor);
}

static void read_affinity(gyre_job *job)
{
    sched_getaffinity(0, sizeof(cpu_set_t), job->arg);
}

static void pin_to_first(const cpu_set_t *allowed)
{
    cpu_set_t one;
    int cpu = 0;

    while (!CPU_ISSET(cpu, allowed))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

static void workers_run_where_the_maker_may_even_if_started_by_a_pinned_thread(void **state)
{
    gyre_executor *executor = gyre_executor_new(.threads = 1);
    cpu_set_t allowed, seen;

    sched_getaffinity(0, sizeof allowed, &allowed);
    CPU_ZERO(&seen);
    pin_to_first(&allowed);
    run_one(executor, read_affinity, &seen);
    sched_setaffinity(0, sizeof allowed, &allowed);
    assert_true(CPU_EQUAL(&allowed, &seen));
    end(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_starts_before_there_is_work),
        cmocka_unit_test(an_idle_worker_is_used_again),
        cmocka_unit_test(blocking_jobs_get_a_thread_each_up_to_the_limit),
        cmocka_unit_test(parked_workers_all_get_up_for_a_burst),
        cmocka_unit_test(a_blocked_job_stops_nobody_else),
        cmocka_unit_test(no_wake_up_is_lost_with_spinning),
        cmocka_unit_test(no_wake_up_is_lost_without_spinning),
        cmocka_unit_test(spins_in_vain_become_rare),
        cmocka_unit_test(spin_minus_one_never_spins),
        cmocka_unit_test(workers_block_all_signals_and_their_starter_does_not),
        cmocka_unit_test(threads_are_named_after_their_pool),
        cmocka_unit_test(threads_of_one_pool_have_different_names),
        cmocka_unit_test(workers_run_where_the_maker_may_even_if_started_by_a_pinned_thread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
