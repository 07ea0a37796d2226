/* run.c - gyre_run_sharded: counts, starts a thread for each shard but the first, joins them, and tells what
 * came of it.
 *
 * The caller's thread is shard 0. Everything that was set up here is taken down here, in the opposite order.
 */
#include "run.h"
#include "base/check.h"
#include "base/memory.h"
#include "base/options.h"
#include "group.h"
#include "outbox.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SHARDS = 1024 };

static void *run_shard(void *shard)
{
    gyre__shard_live(shard);
    return NULL;
}

static void name_thread(struct gyre__shard *shard)
{
    char name[16];

    snprintf(name, sizeof name, "shard-%d", shard->id);
    pthread_setname_np(shard->thread, name);
}

/* The shards that come up are fewer, and must know that they will fail. */
static void start_failed(struct gyre__run *run, int started, int err)
{
    pthread_mutex_lock(&run->lock);
    run->expected = started;
    run->code = -err;
    run->text = gyre__strdup(strerror(err));
    pthread_mutex_unlock(&run->lock);
}

static void start_threads(struct gyre__run *run)
{
    for (int i = 1; i < run->count; i++) {
        int err = pthread_create(&run->shards[i].thread, NULL, run_shard, &run->shards[i]);

        if (err) {
            start_failed(run, i, err);
            return;
        }
        name_thread(&run->shards[i]);
    }
}

static void join_threads(struct gyre__run *run)
{
    for (int i = 1; i < run->expected; i++)
        pthread_join(run->shards[i].thread, NULL);
}

/* One CPU each, if all of the mask is used: in a part of it, other programs like this one would sit on the
 * same CPUs. */
static bool decide_pin(const struct gyre__run *run)
{
    int cpus = CPU_COUNT(&run->mask);

    if (run->options.pin == GYRE_YES)
        return run->count <= cpus;
    return run->options.pin != GYRE_NO && run->count == cpus;
}

static gyre_executor *make_executor(const struct gyre__run *run)
{
    int spin = (unsigned)run->count >= run->cpus.usable ? -1 : 0;

    if (run->options.executor)
        return gyre_executor_ref(run->options.executor);
    return gyre_executor_new(.threads = run->options.executor_threads, .spin = spin);
}

static void make_shards(struct gyre__run *run)
{
    size_t size = (size_t)run->count * sizeof *run->shards;

    run->shards = aligned_alloc(_Alignof(struct gyre__shard), size);
    GYRE__CHECK(run->shards, "out of memory");
    memset(run->shards, 0, size);
    for (int i = 0; i < run->count; i++) {
        run->shards[i].run = run;
        run->shards[i].id = i;
    }
}

static int open_run(struct gyre__run *run)
{
    if (sched_getaffinity(0, sizeof run->mask, &run->mask))
        CPU_ZERO(&run->mask);
    run->pin = decide_pin(run);
    run->executor = make_executor(run);
    if (!run->executor)
        return gyre_error_set(-errno, "no executor can be made: %s", strerror(errno));
    pthread_mutex_init(&run->lock, NULL);
    pthread_cond_init(&run->changed, NULL);
    gyre__list_init(&run->groups);
    run->expected = run->mains = run->busy = run->count;
    make_shards(run);
    return 0;
}

static void end_executor(struct gyre__run *run)
{
    if (!run->options.executor)
        gyre_executor_shutdown(run->executor, !run->impatient, false);
    gyre_executor_unref(run->executor);
}

static void close_run(struct gyre__run *run)
{
    end_executor(run);
    for (int i = 0; i < run->count; i++) {
        gyre_loop_unref(run->shards[i].loop);
        gyre__outboxes_free(&run->shards[i]);
    }
    gyre__groups_clear(run);
    if (run->pin)
        gyre__unpin(&run->mask);
    pthread_cond_destroy(&run->changed);
    pthread_mutex_destroy(&run->lock);
    free(run->shards);
    free(run->text);
}

static void announce(const struct gyre__run *run, bool asked)
{
    char quota[40] = "no quota";

    if (run->options.quiet == GYRE_YES)
        return;
    if (run->cpus.quota > 0)
        snprintf(quota, sizeof quota, "a quota of %.2g", run->cpus.quota);
    fprintf(stderr, "gyre: %d shard%s, %s (%u CPUs online, %u in the affinity mask, %s)\n", run->count,
            run->count == 1 ? "" : "s", asked ? "as asked" : "one for each usable CPU", run->cpus.online,
            run->cpus.affinity, quota);
}

static int check(unsigned shards)
{
    if (gyre__running_loop())
        return gyre_error_set(GYRE_ERUNTIME, "gyre_run_sharded() cannot be called from a running event loop");
    if (shards > MOST_SHARDS)
        return gyre_error_set(GYRE_EVALUE, "%u shards are more than %d", shards, MOST_SHARDS);
    return 0;
}

static int refuse(const char *text)
{
    fprintf(stderr, "gyre: the shards cannot be started: %s\n", text);
    return 1;
}

/* Not all came up: no main has run. */
static int start_error(const struct gyre__run *run)
{
    return refuse(run->text && *run->text ? run->text : gyre_strerror(run->code));
}

static int exit_status(const struct gyre__run *run)
{
    int code = run->code || !run->obeyed ? run->code : GYRE_ECANCELLED;

    if (run->text)
        gyre_error_set(code, "%s", run->text);
    return gyre__exit_status(code, run->interrupt.signal);
}

static int run_all(struct gyre__run *run)
{
    int status;

    start_threads(run);
    gyre__shard_live(&run->shards[0]);
    join_threads(run);
    gyre__run_withdraw();
    status = run->up ? exit_status(run) : start_error(run);
    close_run(run);
    return status;
}

static int run_claimed(struct gyre__run *run, bool asked)
{
    int err = open_run(run);

    if (err) {
        gyre__run_withdraw();
        return refuse(gyre_error_text());
    }
    announce(run, asked);
    return run_all(run);
}

int(gyre_run_sharded)(unsigned shards, gyre_coroutine fn, void *arg, const gyre_sharded_options *options)
{
    struct gyre__run run = {.fn = fn, .arg = arg};

    if (check(shards))
        return refuse(gyre_error_text());
    if (!gyre__run_claim())
        return refuse("another sharded run is under way");
    gyre__options_fill(&run.options, sizeof run.options, options);
    gyre_count_cpus(&run.cpus);
    run.count = (int)(shards == GYRE_ALL_CORES ? run.cpus.usable : shards);
    return run_claimed(&run, shards != GYRE_ALL_CORES);
}
