/* worker.c - the life of a worker thread: start, take jobs, spin, park, leave.
 *
 * Nobody joins a worker but the one that leaves after it; the last is joined by a waiting shutdown or by
 * whoever frees the pool, and detaches itself if it frees the pool. So threads end in a chain, and no list of
 * them is kept.
 */
#include "pool.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* How long an idle worker looks for the next job before it sleeps: about the price of waking it up. */
enum { SPIN_NANOSECONDS = 20000, LONGEST_SPIN_GAP = 255, NAME_SIZE = 16 };

static _Thread_local const gyre_executor *current;

bool gyre__pool_is_worker(const gyre_executor *executor)
{
    return current == executor;
}

/* The kernel cuts names at 15 bytes; the prefix gives way, so that the numbers still differ. */
static void name_thread(gyre_executor *executor)
{
    char name[NAME_SIZE];
    char number[sizeof "-4294967295"];
    size_t digits = (size_t)snprintf(number, sizeof number, "-%u", atomic_fetch_add(&executor->names, 1));
    size_t prefix = strnlen(executor->name, NAME_SIZE - 1 - digits);

    memcpy(name, executor->name, prefix);
    memcpy(name + prefix, number, digits + 1);
    pthread_setname_np(pthread_self(), name);
}

/* A thread inherits the CPUs of its starter, which may be a loop that is pinned to one. */
static void settle(gyre_executor *executor)
{
    current = executor;
    name_thread(executor);
    if (executor->cpus)
        sched_setaffinity(0, executor->cpus_size, executor->cpus);
}

static void note_wait(gyre_executor *executor, uint64_t submitted)
{
    uint64_t wait = gyre__jobs_coarse_clock() - submitted;
    uint64_t longest = atomic_load_explicit(&executor->longest_wait, memory_order_relaxed);

    while (wait > longest && !atomic_compare_exchange_weak(&executor->longest_wait, &longest, wait))
        ;
}

/* Called with the lock, which it gives up while the job runs. */
static void run(gyre_executor *executor, gyre_job *job)
{
    bool wake = gyre__pool_call_worker(executor);

    executor->started++;
    pthread_mutex_unlock(&executor->lock);
    if (wake)
        gyre__pool_wake(executor);
    note_wait(executor, job->submitted);
    job->fn(job);
    atomic_fetch_add(&executor->finished, 1);
    gyre__job_release(job);
    job->done(job);
    pthread_mutex_lock(&executor->lock);
}

/* Where the job's sender waits for this very CPU (virtual machines wake threads up where their waker runs),
 * spinning only keeps it waiting. So each spin in vain doubles the number of idle moments that pass without
 * one. */
static void judge_spin(gyre_executor *executor, bool found)
{
    executor->spin_gap = found ? 0 : 2 * executor->spin_gap + 1;
    if (executor->spin_gap > LONGEST_SPIN_GAP)
        executor->spin_gap = LONGEST_SPIN_GAP;
    executor->spin_due = executor->spin_gap;
}

static void spin(gyre_executor *executor)
{
    executor->coming = true;
    pthread_mutex_unlock(&executor->lock);
    gyre__jobs_spin(&executor->jobs, SPIN_NANOSECONDS);
    pthread_mutex_lock(&executor->lock);
    executor->coming = false;
    judge_spin(executor, gyre__jobs_count(&executor->jobs));
}

static bool may_spin(gyre_executor *executor)
{
    if (!executor->spins || executor->coming)
        return false;
    if (!executor->spin_due)
        return true;
    executor->spin_due--;
    return false;
}

static void park(gyre_executor *executor)
{
    executor->parked++;
    while (!executor->called && !executor->closed)
        pthread_cond_wait(&executor->work, &executor->lock);
    executor->parked--;
    if (executor->called)
        executor->called = executor->coming = false;
}

static void idle(gyre_executor *executor)
{
    if (may_spin(executor))
        spin(executor);
    if (!gyre__jobs_count(&executor->jobs) && !executor->closed)
        park(executor);
}

/* The next job to run, or NULL when it is time to leave. */
static gyre_job *next(gyre_executor *executor)
{
    while (!gyre__jobs_count(&executor->jobs) && !executor->closed)
        idle(executor);
    return executor->dropping ? NULL : gyre__jobs_pop(&executor->jobs);
}

/* Called with the lock and gives it up; from then on the pool is only there if this thread is the one to free
 * it. */
static void leave(gyre_executor *executor)
{
    pthread_t before = executor->left;
    bool follows = executor->has_left;
    bool last = --executor->threads == 0;
    bool owner = last && executor->users == 0;

    executor->left = pthread_self();
    executor->has_left = true;
    if (last)
        pthread_cond_broadcast(&executor->gone);
    pthread_mutex_unlock(&executor->lock);
    if (follows)
        pthread_join(before, NULL);
    if (owner)
        gyre__pool_free(executor);
}

static void *work(void *arg)
{
    gyre_executor *executor = arg;
    gyre_job *job;

    settle(executor);
    pthread_mutex_lock(&executor->lock);
    executor->coming = false;
    while ((job = next(executor)))
        run(executor, job);
    leave(executor);
    return NULL;
}

int gyre__pool_start_worker(gyre_executor *executor)
{
    sigset_t all, before;
    pthread_t thread;
    int err;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = pthread_create(&thread, NULL, work, executor);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (err)
        return -err;
    executor->threads++;
    executor->coming = true;
    return 0;
}

bool gyre__pool_call_worker(gyre_executor *executor)
{
    if (executor->coming || !gyre__jobs_count(&executor->jobs))
        return false;
    if (executor->parked)
        return executor->coming = executor->called = true;
    if (executor->threads < executor->limit)
        gyre__pool_start_worker(executor);
    return false;
}

void gyre__pool_wake(gyre_executor *executor)
{
    pthread_cond_signal(&executor->work);
}
