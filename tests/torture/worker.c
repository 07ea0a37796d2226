/* worker.c - an executor that has one job running and one more waiting, and refuses others. */
#include "worker.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

static struct {
    pthread_mutex_t lock;
    gyre_job *running, *queued;
    pthread_t thread;    /* ends jobs while the loop closes */
    atomic_bool leaving; /* it may leave when there are no more */
} worker = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int take(void *self, gyre_job *job)
{
    int err = 0;

    pthread_mutex_lock(&worker.lock);
    if (!worker.running)
        worker.running = job;
    else if (!worker.queued)
        worker.queued = job;
    else
        err = -EAGAIN;
    pthread_mutex_unlock(&worker.lock);
    return err;
}

static bool give_back(void *self, gyre_job *job)
{
    bool waits;

    pthread_mutex_lock(&worker.lock);
    waits = worker.queued == job;
    if (waits)
        worker.queued = NULL;
    pthread_mutex_unlock(&worker.lock);
    return waits;
}

gyre_executor *worker_new(void)
{
    static const gyre_executor_class kind = {.submit = take, .cancel = give_back};

    return gyre_executor_new_custom(&kind, &worker);
}

static gyre_job *look(void)
{
    gyre_job *job;

    pthread_mutex_lock(&worker.lock);
    job = worker.running;
    pthread_mutex_unlock(&worker.lock);
    return job;
}

static void start_next(void)
{
    pthread_mutex_lock(&worker.lock);
    worker.running = worker.queued;
    worker.queued = NULL;
    pthread_mutex_unlock(&worker.lock);
}

/* The next one starts first: what the end of this one makes ready finds it running. */
bool worker_finish_job(void)
{
    gyre_job *job = look();

    if (!job)
        return false;
    start_next();
    gyre_job_run(job);
    return true;
}

static void *end_jobs(void *arg)
{
    while (worker_finish_job() || !atomic_load(&worker.leaving))
        sched_yield();
    return NULL;
}

void worker_release(void)
{
    atomic_store(&worker.leaving, false);
    pthread_create(&worker.thread, NULL, end_jobs, NULL);
}

void worker_join(void)
{
    atomic_store(&worker.leaving, true);
    pthread_join(worker.thread, NULL);
}
