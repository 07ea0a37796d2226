/* here.c - which shard this thread is, and which run the process has.
 *
 * A run is withdrawn before its memory goes; whoever is no shard of it holds a lock while he looks.
 */
#include "run.h"

static __thread struct gyre__shard *here;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static bool claimed;
static struct gyre__run *current;

struct gyre__shard *gyre__shard_here(void)
{
    return here;
}

void gyre__shard_set_here(struct gyre__shard *shard)
{
    here = shard;
}

bool gyre__run_claim(void)
{
    bool alone;

    pthread_rwlock_wrlock(&lock);
    alone = !claimed;
    claimed = true;
    pthread_rwlock_unlock(&lock);
    return alone;
}

void gyre__run_publish(struct gyre__run *run)
{
    pthread_rwlock_wrlock(&lock);
    current = run;
    pthread_rwlock_unlock(&lock);
}

void gyre__run_withdraw(void)
{
    pthread_rwlock_wrlock(&lock);
    claimed = false;
    current = NULL;
    pthread_rwlock_unlock(&lock);
}

struct gyre__run *gyre__run_hold(void)
{
    struct gyre__run *run;

    pthread_rwlock_rdlock(&lock);
    run = current;
    if (!run)
        pthread_rwlock_unlock(&lock);
    return run;
}

void gyre__run_let_go(void)
{
    pthread_rwlock_unlock(&lock);
}

int gyre_shard_id(void)
{
    return here ? here->id : -1;
}

int gyre_shard_count(void)
{
    struct gyre__run *run;
    int count;

    if (here)
        return here->run->count;
    run = gyre__run_hold();
    if (!run)
        return 0;
    count = run->count;
    gyre__run_let_go();
    return count;
}

gyre_executor *gyre_shard_executor(void)
{
    struct gyre__run *run;
    gyre_executor *executor;

    if (here)
        return here->run->executor;
    run = gyre__run_hold();
    if (!run)
        return NULL;
    executor = run->executor;
    gyre__run_let_go();
    return executor;
}
