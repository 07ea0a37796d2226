/* shutdown.c - the end of a pool: close it, drop its jobs, wait for its threads, free it.
 *
 * Threads end in a chain (worker.c): to wait for all is to see `threads` at 0 and then to join the last one,
 * so that also its stack is out of use.
 */
#include "pool.h"

#include <errno.h>
#include <stdlib.h>

void gyre__pool_close(gyre_executor *executor)
{
    executor->closed = true;
    pthread_cond_broadcast(&executor->work);
}

static void join_last(gyre_executor *executor)
{
    if (!executor->has_left)
        return;
    if (pthread_equal(executor->left, pthread_self()))
        pthread_detach(executor->left);
    else
        pthread_join(executor->left, NULL);
}

void gyre__pool_free(gyre_executor *executor)
{
    join_last(executor);
    pthread_cond_destroy(&executor->gone);
    pthread_cond_destroy(&executor->work);
    pthread_mutex_destroy(&executor->lock);
    CPU_FREE(executor->cpus);
    free(executor);
}

/* Called with the lock, which it gives up for each `done`. */
static void drop_jobs(gyre_executor *executor)
{
    gyre_job *job;

    executor->dropping = true;
    while ((job = gyre__jobs_pop(&executor->jobs))) {
        pthread_mutex_unlock(&executor->lock);
        job->dropped = true;
        gyre__job_release(job);
        job->done(job);
        pthread_mutex_lock(&executor->lock);
    }
}

/* Called with the lock, which it gives up to wait. */
static void await_threads(gyre_executor *executor)
{
    while (executor->threads || executor->joining)
        pthread_cond_wait(&executor->gone, &executor->lock);
    executor->joining = true;
    pthread_mutex_unlock(&executor->lock);
    join_last(executor);
    pthread_mutex_lock(&executor->lock);
    executor->joining = executor->has_left = false;
    pthread_cond_broadcast(&executor->gone);
}

int gyre_executor_shutdown(gyre_executor *executor, bool wait, bool drop)
{
    if (executor->class)
        return gyre__custom_shutdown(executor, wait, drop);
    if (wait && gyre__pool_is_worker(executor))
        return -EDEADLK;
    pthread_mutex_lock(&executor->lock);
    executor->users++;
    gyre__pool_close(executor);
    if (drop)
        drop_jobs(executor);
    if (wait)
        await_threads(executor);
    pthread_mutex_unlock(&executor->lock);
    gyre_executor_unref(executor);
    return 0;
}
