/* mains.c - what the shards agree on: all are up, one has failed, all mains are done, all is quiet.
 *
 * Each of these happens once, under the run's lock; the orders that follow are letters, so that every shard
 * obeys on its own loop.
 */
#include "base/memory.h"
#include "run.h"
#include <stdlib.h>

static void keep_failure(struct gyre__run *run, int err)
{
    if (run->code)
        return;
    run->code = err;
    run->text = gyre__strdup(gyre_error_text());
}

static void all_arrived(struct gyre__run *run)
{
    run->up = !run->code;
    if (run->up)
        gyre__run_publish(run);
    pthread_cond_broadcast(&run->changed);
}

int gyre__run_arrive(struct gyre__run *run, int err)
{
    pthread_mutex_lock(&run->lock);
    if (err)
        keep_failure(run, err);
    if (++run->arrived == run->expected)
        all_arrived(run);
    while (run->arrived < run->expected)
        pthread_cond_wait(&run->changed, &run->lock);
    err = run->up ? 0 : run->code;
    pthread_mutex_unlock(&run->lock);
    return err;
}

/* A shard that has closed already has nothing to obey. */
void gyre__run_order(struct gyre__run *run, enum gyre__order order)
{
    for (int i = 0; i < run->count; i++)
        gyre__inbox_push(run->shards[i].loop->inbox, &run->shards[i].orders[order]);
}

/* True for whoever is the first to cancel the mains. Under the lock. */
static bool begin_cancel(struct gyre__run *run)
{
    bool first = !run->cancelling;

    run->cancelling = true;
    return first;
}

/* A main that was told to end and says so has not failed. True when the others are to end now. Under the
 * lock. */
static bool note_end(struct gyre__run *run, int code)
{
    if (code >= 0)
        return false;
    if (code == GYRE_ECANCELLED && run->cancelling) {
        run->obeyed = true;
        return false;
    }
    keep_failure(run, code);
    return begin_cancel(run);
}

void gyre__run_main_done(struct gyre__run *run, int code)
{
    bool cancel, last;

    pthread_mutex_lock(&run->lock);
    cancel = note_end(run, code);
    last = --run->mains == 0;
    pthread_mutex_unlock(&run->lock);
    if (last)
        gyre__run_order(run, GYRE__ORDER_FINISH);
    else if (cancel)
        gyre__run_order(run, GYRE__ORDER_CANCEL);
}

void gyre__run_interrupted(void *arg)
{
    struct gyre__run *run = arg;
    bool cancel;

    pthread_mutex_lock(&run->lock);
    cancel = begin_cancel(run);
    pthread_mutex_unlock(&run->lock);
    if (cancel)
        gyre__run_order(run, GYRE__ORDER_CANCEL);
}

void gyre__run_quiet(struct gyre__run *run)
{
    bool last;

    pthread_mutex_lock(&run->lock);
    last = --run->busy == 0;
    pthread_mutex_unlock(&run->lock);
    if (last)
        gyre__run_order(run, GYRE__ORDER_CLOSE);
}
