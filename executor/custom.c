/* custom.c - an executor of the user's own: his class decides when and where, the life of its jobs is kept
 * here. */
#include "pool.h"

#include <errno.h>
#include <stdlib.h>

gyre_executor *gyre_executor_new_custom(const gyre_executor_class *kind, void *self)
{
    gyre_executor *executor;

    if (!kind || !kind->submit) {
        errno = EINVAL;
        return NULL;
    }
    executor = calloc(1, sizeof *executor);
    if (!executor)
        return NULL;
    executor->class = kind;
    executor->self = self;
    atomic_init(&executor->users, 1);
    return executor;
}

/* Marked before the class has it: its threads may be done with the job before this returns. */
int gyre__custom_submit(gyre_executor *executor, gyre_job *job)
{
    int err;

    if (gyre__job_busy(job))
        return -EBUSY;
    job->dropped = false;
    gyre__job_enter(job, GYRE__JOB_QUEUED);
    err = executor->class->submit(executor->self, job);
    if (err)
        gyre__job_release(job);
    return err;
}

bool gyre__custom_cancel(gyre_executor *executor, gyre_job *job)
{
    if (!executor->class->cancel || !gyre__job_busy(job) || !executor->class->cancel(executor->self, job))
        return false;
    gyre__job_release(job);
    return true;
}

int gyre__custom_shutdown(gyre_executor *executor, bool wait, bool drop)
{
    return executor->class->shutdown ? executor->class->shutdown(executor->self, wait, drop) : 0;
}

void gyre__custom_unref(gyre_executor *executor)
{
    if (atomic_fetch_sub_explicit(&executor->users, 1, memory_order_acq_rel) != 1)
        return;
    if (executor->class->destroy)
        executor->class->destroy(executor->self);
    free(executor);
}

void gyre_job_run(gyre_job *job)
{
    gyre__job_enter(job, GYRE__JOB_RUNNING);
    job->fn(job);
    gyre__job_release(job);
    job->done(job);
}

void gyre_job_drop(gyre_job *job)
{
    job->dropped = true;
    gyre__job_release(job);
    job->done(job);
}
