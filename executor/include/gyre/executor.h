/* gyre/executor.h - a pool of threads that may block, or an executor of your own. It knows no loops.
 *
 * Python: concurrent.futures.Executor and ThreadPoolExecutor. A loop hands its blocking work here
 * (gyre_loop_run_in_executor); the pool may also be used alone. Errors are plain -errno.
 */
#ifndef GYRE_EXECUTOR_H
#define GYRE_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* counted: a pool of worker threads, or what stands for one. The maker holds one reference; every job
 * that a pool accepted holds it until its `done` returned, so that fn and done may use it, and may give the
 * last reference back. */
typedef struct gyre_executor gyre_executor;

/* yours: one piece of work, in your memory. Fill fn, done and arg; leave the rest zero. It must live until
 * `done` is called, until gyre_executor_cancel returned true, or for good when submit failed. */
typedef struct gyre_job gyre_job;
struct gyre_job {
    void (*fn)(gyre_job *job);   /* the work; runs on a worker thread and may block */
    void (*done)(gyre_job *job); /* told once: after fn on its thread, or by the shutdown that drops the job,
                                  * which is yours again */
    void *arg;                   /* for you */
    bool dropped;                /* set before `done` when the pool shut down before fn could run */
    gyre_job *next;              /* the executor's: link in its queue */
    gyre_job *previous;          /* the executor's: link in its queue */
    uint64_t submitted;          /* the pool's: when it was queued, in monotonic nanoseconds */
    uint32_t state;              /* the pool's: idle, queued, running */
};

/* How a pool is made. Zero means the default everywhere. */
typedef struct gyre_executor_options {
    size_t size;        /* sizeof this struct, filled in by the macro */
    unsigned threads;   /* most threads, started as work comes; default min(32, usable CPUs + 4) */
    size_t queue_limit; /* most jobs queued and not started; default 65536 */
    const char *name;   /* thread name prefix, copied; default "gyre" (threads are "gyre-0", "gyre-1", ...) */
    int spin;           /* 0: one idle worker may spin briefly, where that pays; -1: never */
} gyre_executor_options;

/* What a pool is doing. */
typedef struct gyre_executor_stats {
    unsigned threads;    /* threads alive */
    size_t queued;       /* jobs accepted and not started */
    size_t running;      /* jobs inside fn now */
    uint64_t done;       /* jobs whose fn returned, since the pool was made */
    double longest_wait; /* the longest time that a job stayed queued, in seconds, to a few milliseconds */
} gyre_executor_stats;

/* Makes a pool. Its threads block all signals and run on the CPUs that the calling thread may use now; in a
 * shard that has a CPU of its own, on all that the run may use. NULL with errno set when the options are
 * wrong (EINVAL) or memory is short. [any thread] [new ref] concurrent.futures:
 * ThreadPoolExecutor(max_workers, thread_name_prefix) */
gyre_executor *gyre_executor_new(const gyre_executor_options *options);
#define gyre_executor_new(...) \
    gyre_executor_new(&(gyre_executor_options){.size = sizeof(gyre_executor_options), __VA_ARGS__})

/* What an executor of your own does. Any thread may call these, several at once. A thread of yours that runs
 * jobs had better hold a reference to the executor, given back as its last act. */
typedef struct gyre_executor_class {
    int (*submit)(void *self, gyre_job *job);  /* takes the job: 0, and gyre_job_run or gyre_job_drop comes
                                                * once, now or later, on whatever thread; or -EAGAIN (full),
                                                * -ESHUTDOWN, another -errno: the job is not taken */
    bool (*cancel)(void *self, gyre_job *job); /* takes a job back that has not started: true, and it is not
                                                * run; NULL: no job is ever taken back */
    int (*shutdown)(void *self, bool wait, bool drop); /* as gyre_executor_shutdown; NULL: nothing to do */
    void (*destroy)(void *self); /* frees self when the last reference is gone; NULL: nothing to do */
} gyre_executor_class;

/* Makes an executor of your own: `kind`, which must stay, says what it does with `self`. NULL with errno set
 * when it has no submit (EINVAL) or memory is short; self is yours then. [any thread] [new ref]
 * concurrent.futures: Executor */
gyre_executor *gyre_executor_new_custom(const gyre_executor_class *kind, void *self);

/* Runs a job that an executor of your own has taken: its fn and its done, here and now. [any thread] */
void gyre_job_run(gyre_job *job);

/* Ends such a job unrun: its done, with `dropped` set. [any thread] */
void gyre_job_drop(gyre_job *job);

/* Takes one more reference and returns the pool; NULL stays NULL. [any thread] [new ref] */
gyre_executor *gyre_executor_ref(gyre_executor *executor);

/* Gives a reference back; NULL is fine. The last one shuts the pool down without waiting: queued jobs still
 * run, then the threads leave, and the last of them frees the pool. [any thread] */
void gyre_executor_unref(gyre_executor *executor);

/* Queues a job, without allocating. -EAGAIN: the queue is full; -ESHUTDOWN: the pool was shut down; -EINVAL:
 * fn or done is NULL; -EBUSY: the job is queued or running; or what the system says when it cannot even start
 * the first thread. Jobs start in the order of submission. While jobs wait and the limit allows, threads are
 * started, one after the other. [any thread] concurrent.futures: Executor.submit */
int gyre_executor_submit(gyre_executor *executor, gyre_job *job);

/* Takes a job back that has not started: true, and neither fn nor done will be called. False when it runs,
 * has run, or was never queued. [any thread] concurrent.futures: Future.cancel */
bool gyre_executor_cancel(gyre_executor *executor, gyre_job *job);

/* Refuses new jobs from now on. `drop` ends every queued job at once, unrun: `done` is called here, with
 * `dropped` set; otherwise they still run. `wait` returns only when all threads have left; from a worker of
 * the same pool it is -EDEADLK, and nothing is done. Idempotent. [any thread] concurrent.futures:
 * Executor.shutdown(wait, cancel_futures) */
int gyre_executor_shutdown(gyre_executor *executor, bool wait, bool drop);

/* Reads the counters, at one moment; of an executor of your own all are zero. [any thread] */
void gyre_executor_get_stats(gyre_executor *executor, gyre_executor_stats *stats);

/* Where the number of CPUs comes from. */
typedef struct gyre_cpus {
    unsigned usable; /* what a program should use: min(affinity, ceil(quota)), at least 1 */
    unsigned
        affinity;    /* CPUs in this thread's affinity mask; of a shard that has one of its own, the run's */
    unsigned online; /* CPUs of the machine that are online */
    double quota; /* the cgroup's CPU quota in CPUs (v2 cpu.max, v1 cpu.cfs_quota_us / cpu.cfs_period_us), 0
                     when there is none */
} gyre_cpus;

/* Counts the CPUs that this process may use. [any thread] */
void gyre_count_cpus(gyre_cpus *cpus);

#ifdef __cplusplus
}
#endif

#endif
