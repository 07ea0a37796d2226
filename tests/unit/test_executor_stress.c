/* Many producers submit and cancel at once: every accepted job has exactly one fate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <stdlib.h>

#include "tests/unit/executor_probe.h"

enum { PRODUCERS = 4, STRESS = 4000 };

/* What producers, cancellers and droppers share in the stress tests. */
struct stress {
    gyre_executor *executor;
    struct probe *probes;
    atomic_uint submitted;
    bool accepted[STRESS];
};

static void *produce(void *arg)
{
    struct stress *stress = arg;
    unsigned i;

    while ((i = atomic_fetch_add(&stress->submitted, 1)) < STRESS) {
        struct probe *probe = &stress->probes[i];

        stress->accepted[i] = gyre_executor_submit(stress->executor, &probe->job) == 0;
        if (i % 3 == 0)
            sched_yield();
        if (i % 2 == 0)
            probe->flag = gyre_executor_cancel(stress->executor, &probe->job);
    }
    return NULL;
}

static void count_done(gyre_job *job)
{
    struct probe *probe = (struct probe *)job;

    probe->dropped = job->dropped;
    atomic_fetch_add(&probe->dones, 1);
}

static void open_stress(struct stress *stress)
{
    *stress = (struct stress){.executor = gyre_executor_new(.threads = 3)};
    stress->probes = calloc(STRESS, sizeof *stress->probes);
    for (int i = 0; i < STRESS; i++) {
        probe_open(&stress->probes[i], NULL);
        stress->probes[i].job.done = count_done;
    }
}

static void start_producers(pthread_t *thread, struct stress *stress)
{
    for (int i = 0; i < PRODUCERS; i++)
        pthread_create(&thread[i], NULL, produce, stress);
}

static void join_producers(const pthread_t *thread)
{
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(thread[i], NULL);
}

/* Every accepted job ran, was dropped, or was cancelled: exactly one of them. */
static void check_fates(const struct stress *stress)
{
    for (int i = 0; i < STRESS; i++) {
        struct probe *probe = &stress->probes[i];
        bool told = stress->accepted[i] && !probe->flag;

        probe_check(probe, told && !probe->dropped, told);
    }
}

static void a_job_either_runs_or_is_cancelled_never_both(void **state)
{
    static struct stress stress;
    pthread_t thread[PRODUCERS];

    open_stress(&stress);
    start_producers(thread, &stress);
    join_producers(thread);
    probe_end_pool(stress.executor);
    check_fates(&stress);
    free(stress.probes);
}

static void a_drop_under_load_ends_every_accepted_job_once(void **state)
{
    static struct stress stress;
    pthread_t thread[PRODUCERS];

    open_stress(&stress);
    start_producers(thread, &stress);
    while (atomic_load(&stress.submitted) < STRESS / 2)
        sched_yield();
    assert_int_equal(gyre_executor_shutdown(stress.executor, true, true), 0);
    join_producers(thread);
    gyre_executor_unref(stress.executor);
    check_fates(&stress);
    free(stress.probes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_either_runs_or_is_cancelled_never_both),
        cmocka_unit_test(a_drop_under_load_ends_every_accepted_job_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
