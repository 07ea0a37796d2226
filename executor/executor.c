/* executor.c - the callers' side of a pool: make, hold, submit, cancel, shut down, count.
 *
 * Users and worker threads hold the pool in two counts; whoever brings both to zero, under its lock, frees
 * it. Each accepted job is held by the workers: none leaves while jobs are queued, and a job is accepted only
 * when there is a worker.
 */
#include "pool.h"

#include "cpus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#undef gyre_executor_new

enum { QUEUE_LIMIT = 65536, MOST_THREADS = 32, MORE_THREADS_THAN_CPUS = 4 };

static bool valid(const gyre_executor_options *options)
{
    return options->size == sizeof *options && (options->spin == 0 || options->spin == -1);
}

static unsigned default_threads(unsigned cpus)
{
    unsigned threads = cpus + MORE_THREADS_THAN_CPUS;

    return threads < MOST_THREADS ? threads : MOST_THREADS;
}

static void configure(gyre_executor *executor, const gyre_executor_options *options)
{
    gyre_cpus cpus;

    gyre_count_cpus(&cpus);
    executor->limit = options->threads ? options->threads : default_threads(cpus.usable);
    executor->queue_limit = options->queue_limit ? options->queue_limit : QUEUE_LIMIT;
    executor->spins = options->spin == 0 && cpus.usable > 1;
    executor->cpus = gyre__cpus_affinity(&executor->cpus_size);
}

/* It is held for a few dozen instructions: who finds it taken had better look again than sleep. */
static void init_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
    pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

static gyre_executor *make(const gyre_executor_options *options)
{
    const char *name = options->name ? options->name : "gyre";
    gyre_executor *executor = calloc(1, sizeof *executor + strlen(name) + 1);

    if (!executor)
        return NULL;
    strcpy(executor->name, name);
    atomic_init(&executor->users, 1);
    init_lock(&executor->lock);
    pthread_cond_init(&executor->work, NULL);
    pthread_cond_init(&executor->gone, NULL);
    configure(executor, options);
    return executor;
}

gyre_executor *gyre_executor_new(const gyre_executor_options *options)
{
    static const gyre_executor_options defaults = {.size = sizeof defaults};

    if (!options)
        options = &defaults;
    if (!valid(options)) {
        errno = EINVAL;
        return NULL;
    }
    return make(options);
}

gyre_executor *gyre_executor_ref(gyre_executor *executor)
{
    if (executor)
        atomic_fetch_add_explicit(&executor->users, 1, memory_order_relaxed);
    return executor;
}

/* Each job of a loop has a reference: only the last one is worth the lock. */
static bool drop_one_of_many(gyre_executor *executor)
{
    unsigned users = atomic_load_explicit(&executor->users, memory_order_relaxed);

    while (users > 1)
        if (atomic_compare_exchange_weak_explicit(&executor->users, &users, users - 1, memory_order_release,
                                                  memory_order_relaxed))
            return true;
    return false;
}

void gyre_executor_unref(gyre_executor *executor)
{
    bool last, owner;

    if (!executor || drop_one_of_many(executor))
        return;
    if (executor->class) {
        gyre__custom_unref(executor);
        return;
    }
    pthread_mutex_lock(&executor->lock);
    last = atomic_fetch_sub_explicit(&executor->users, 1, memory_order_acq_rel) == 1;
    if (last)
        gyre__pool_close(executor);
    owner = last && !executor->threads;
    pthread_mutex_unlock(&executor->lock);
    if (owner)
        gyre__pool_free(executor);
}

/* The first worker is started before its job is accepted, so that a job in the queue always has somebody to
 * run it. */
static int admit(gyre_executor *executor, const gyre_job *job)
{
    if (gyre__job_busy(job))
        return -EBUSY;
    if (executor->closed)
        return -ESHUTDOWN;
    if (gyre__jobs_count(&executor->jobs) >= executor->queue_limit)
        return -EAGAIN;
    return executor->threads ? 0 : gyre__pool_start_worker(executor);
}

int gyre_executor_submit(gyre_executor *executor, gyre_job *job)
{
    uint64_t now = gyre__jobs_coarse_clock();
    bool wake = false;
    int err;

    if (!job->fn || !job->done)
        return -EINVAL;
    if (executor->class)
        return gyre__custom_submit(executor, job);
    pthread_mutex_lock(&executor->lock);
    err = admit(executor, job);
    if (!err) {
        gyre__jobs_push(&executor->jobs, job, now);
        wake = gyre__pool_call_worker(executor);
    }
    pthread_mutex_unlock(&executor->lock);
    if (wake)
        gyre__pool_wake(executor);
    return err;
}

bool gyre_executor_cancel(gyre_executor *executor, gyre_job *job)
{
    bool removed;

    if (executor->class)
        return gyre__custom_cancel(executor, job);
    pthread_mutex_lock(&executor->lock);
    removed = gyre__jobs_remove(&executor->jobs, job);
    pthread_mutex_unlock(&executor->lock);
    return removed;
}

/* No job starts under the lock, so the moment is the one in which `finished` is read. */
void gyre_executor_get_stats(gyre_executor *executor, gyre_executor_stats *stats)
{
    *stats = (gyre_executor_stats){0};
    if (executor->class)
        return;
    pthread_mutex_lock(&executor->lock);
    stats->threads = executor->threads;
    stats->queued = gyre__jobs_count(&executor->jobs);
    stats->done = atomic_load(&executor->finished);
    stats->running = (size_t)(executor->started - stats->done);
    pthread_mutex_unlock(&executor->lock);
    stats->longest_wait = (double)atomic_load(&executor->longest_wait) / 1e9;
}
