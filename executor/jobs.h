/* jobs.h - the queue of a pool: jobs in the order in which they came.
 *
 * A doubly linked list through the jobs themselves, so that nothing is allocated and any job leaves in O(1).
 * Everything but gyre__jobs_spin and gyre__job_ is called with the pool's lock held. A job is on a
 * list exactly when its state is GYRE__JOB_QUEUED.
 */
#ifndef GYRE_EXECUTOR_JOBS_H
#define GYRE_EXECUTOR_JOBS_H

#include <gyre/executor.h>

#include <stdatomic.h>

enum {
    GYRE__JOB_IDLE,    /* its owner's: in no pool */
    GYRE__JOB_QUEUED,  /* on the list */
    GYRE__JOB_RUNNING, /* taken off the list by a worker or by a shutdown, `done` not yet called */
};

struct gyre__jobs {
    gyre_job *first;      /* the next to run */
    gyre_job *last;       /* the newest */
    _Atomic size_t count; /* how many; written under the lock, watched by the spinning worker without it */
};

/* True if the job waits on a list, or runs. */
bool gyre__job_busy(const gyre_job *job);

/* The job is in this state now. [any thread] */
void gyre__job_enter(gyre_job *job, uint32_t state);

/* Gives the job back to its owner, who may free or submit it from here on. [any thread] */
void gyre__job_release(gyre_job *job);

/* Appends a job; `now` is kept as its time of submission. */
void gyre__jobs_push(struct gyre__jobs *jobs, gyre_job *job, uint64_t now);

/* Takes the oldest job, now GYRE__JOB_RUNNING; NULL when there is none. */
gyre_job *gyre__jobs_pop(struct gyre__jobs *jobs);

/* Takes this job out and releases it; false if it is not queued. */
bool gyre__jobs_remove(struct gyre__jobs *jobs, gyre_job *job);

/* The number of jobs on the list. [any thread] */
size_t gyre__jobs_count(const struct gyre__jobs *jobs);

/* Burns CPU until a job is there or the nanoseconds are over. Needs no lock, promises nothing: the caller
 * looks again. */
void gyre__jobs_spin(const struct gyre__jobs *jobs, uint64_t nanoseconds);

/* The monotonic clock in nanoseconds. [any thread] */
uint64_t gyre__jobs_clock(void);

/* The same as of the last tick, some milliseconds ago at most: for what happens with every job. */
uint64_t gyre__jobs_coarse_clock(void);

#endif
