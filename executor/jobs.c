/* jobs.c - the queue of a pool; jobs.h tells its rules.
 *
 * A mutex and a list, measured against lock-free queues: the pool's lock must be taken anyway to park and to
 * wake exactly, and only a list lets a job in the middle leave at once.
 */
#include "jobs.h"

#include <ck_pr.h>
#include <time.h>

bool gyre__job_busy(const gyre_job *job)
{
    return __atomic_load_n(&job->state, __ATOMIC_RELAXED) != GYRE__JOB_IDLE;
}

void gyre__job_enter(gyre_job *job, uint32_t state)
{
    __atomic_store_n(&job->state, state, __ATOMIC_RELAXED);
}

void gyre__job_release(gyre_job *job)
{
    gyre__job_enter(job, GYRE__JOB_IDLE);
}

/* Only holders of the lock write the count, so no read-modify-write is needed. */
static void add(struct gyre__jobs *jobs, size_t change)
{
    atomic_store_explicit(&jobs->count, gyre__jobs_count(jobs) + change, memory_order_relaxed);
}

void gyre__jobs_push(struct gyre__jobs *jobs, gyre_job *job, uint64_t now)
{
    job->dropped = false;
    job->submitted = now;
    job->next = NULL;
    job->previous = jobs->last;
    if (jobs->last)
        jobs->last->next = job;
    else
        jobs->first = job;
    jobs->last = job;
    gyre__job_enter(job, GYRE__JOB_QUEUED);
    add(jobs, 1);
}

static void unlink_job(struct gyre__jobs *jobs, gyre_job *job)
{
    if (job->previous)
        job->previous->next = job->next;
    else
        jobs->first = job->next;
    if (job->next)
        job->next->previous = job->previous;
    else
        jobs->last = job->previous;
    add(jobs, (size_t)-1);
}

gyre_job *gyre__jobs_pop(struct gyre__jobs *jobs)
{
    gyre_job *job = jobs->first;

    if (job) {
        unlink_job(jobs, job);
        gyre__job_enter(job, GYRE__JOB_RUNNING);
    }
    return job;
}

bool gyre__jobs_remove(struct gyre__jobs *jobs, gyre_job *job)
{
    if (__atomic_load_n(&job->state, __ATOMIC_RELAXED) != GYRE__JOB_QUEUED)
        return false;
    unlink_job(jobs, job);
    gyre__job_release(job);
    return true;
}

size_t gyre__jobs_count(const struct gyre__jobs *jobs)
{
    return atomic_load_explicit(&jobs->count, memory_order_relaxed);
}

void gyre__jobs_spin(const struct gyre__jobs *jobs, uint64_t nanoseconds)
{
    uint64_t end = gyre__jobs_clock() + nanoseconds;

    while (!gyre__jobs_count(jobs) && gyre__jobs_clock() < end)
        ck_pr_stall();
}

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t gyre__jobs_clock(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t gyre__jobs_coarse_clock(void)
{
#if defined CLOCK_MONOTONIC_COARSE
    return read_clock(CLOCK_MONOTONIC_COARSE);
#else
    return gyre__jobs_clock();
#endif
}
