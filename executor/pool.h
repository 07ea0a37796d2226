/* pool.h - the inside of a gyre_executor, shared by executor.c (its callers' side) and worker.c (its
 * threads').
 *
 *   submit -> jobs -> a worker: fn, done         a worker: working -> spinning (at most one) -> parked
 *
 * What must always hold: while jobs wait and a further worker can be had, one is on its way (`coming`), and
 * never two; who arrives sends for the next if jobs still wait. So a burst costs one wake-up, and a blocking
 * job stops nobody.
 */
#ifndef GYRE_EXECUTOR_POOL_H
#define GYRE_EXECUTOR_POOL_H

#include "jobs.h"

#include <pthread.h>
#include <sched.h>

struct gyre_executor {
    const gyre_executor_class *class; /* constant: of an executor of the user's own, which has of the rest
                                         `users` alone; NULL for a pool */
    void *self;                       /* constant: for it */

    pthread_mutex_t lock;   /* guards all that is not atomic or constant */
    struct gyre__jobs jobs; /* accepted and not started */
    size_t queue_limit;     /* constant: most jobs in the queue */

    atomic_uint users; /* references that callers hold; gets 0 under the lock, and the pool is freed when
                          users and threads are 0 */
    unsigned threads;  /* workers that have not left */
    unsigned limit;    /* constant: most workers */
    unsigned parked;   /* workers asleep on `work` */
    bool coming;       /* a worker spins, starts or gets up, and has not looked at the jobs yet */
    bool called;       /* a parked worker is to get up */
    bool closed;       /* no new jobs; workers leave when there is nothing to do */
    bool dropping;     /* the queue belongs to a shutdown: workers take nothing from it */
    bool has_left;     /* `left` is set */
    bool joining;      /* somebody joins `left` now */
    pthread_t left;    /* the worker that left last; it joins the one before it */

    bool spins;        /* constant: an idle worker may spin */
    unsigned spin_gap; /* idle moments to pass without a spin after the next one in vain */
    unsigned spin_due; /* idle moments to pass until the next spin */

    uint64_t started;              /* jobs that a worker took */
    _Atomic uint64_t finished;     /* of these, the ones whose fn returned */
    _Atomic uint64_t longest_wait; /* in nanoseconds */
    atomic_uint names;             /* numbers given to threads */

    pthread_cond_t work; /* parked workers wait here to be called, or for `closed` */
    pthread_cond_t gone; /* a shutdown waits here until there are no threads, and for the end of `joining` */

    cpu_set_t *cpus;  /* constant: where workers run, the affinity of the pool's maker; NULL when unknown */
    size_t cpus_size; /* constant: bytes of `cpus` */
    char name[];      /* constant: prefix of the threads' names */
};

/* An executor of the user's own: submit, shutdown and unref of it. */
int gyre__custom_submit(gyre_executor *executor, gyre_job *job);
bool gyre__custom_cancel(gyre_executor *executor, gyre_job *job);
int gyre__custom_shutdown(gyre_executor *executor, bool wait, bool drop);
void gyre__custom_unref(gyre_executor *executor);

/* Starts a worker, or -errno. Call with the lock held. */
int gyre__pool_start_worker(gyre_executor *executor);

/* Sends for one more worker if jobs wait and none is coming. Call with the lock held; true: it was parked,
 * and is to be woken by gyre__pool_wake after the lock was given up. */
bool gyre__pool_call_worker(gyre_executor *executor);

/* Wakes the parked worker that was called. Call without the lock, as long as the pool is held. */
void gyre__pool_wake(gyre_executor *executor);

/* Refuses new jobs and lets idle workers leave. Call with the lock held. */
void gyre__pool_close(gyre_executor *executor);

/* True on a worker thread of this pool. */
bool gyre__pool_is_worker(const gyre_executor *executor);

/* Frees a pool without users and threads. Whoever brought both to 0 calls it, a leaving worker included. */
void gyre__pool_free(gyre_executor *executor);

#endif
