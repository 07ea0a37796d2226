/* stats.c - what the shards are doing, for anyone who asks. */
#include "net/hooks.h"
#include "run.h"

static uint64_t read_count(const atomic_uint_fast64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

static void read_stats(const struct gyre__shard *shard, gyre_shard_stats *stats)
{
    *stats = (gyre_shard_stats){
        .connections = gyre__net_served(shard->loop),
        .accepted = gyre__net_accepted(shard->loop),
        .handed_off = read_count(&shard->handed_off),
        .handed_over = read_count(&shard->handed_over),
        .posted = read_count(&shard->posted),
    };
    gyre_loop_get_stats(shard->loop, &stats->loop);
}

int gyre_shard_get_stats(int shard, gyre_shard_stats *stats)
{
    struct gyre__run *run = gyre__run_hold();
    bool found = run && shard >= 0 && shard < run->count;

    if (found)
        read_stats(&run->shards[shard], stats);
    if (run)
        gyre__run_let_go();
    return found ? 0 : gyre_error_set(GYRE_EVALUE, "there is no shard %d", shard);
}

static double imbalance(const struct gyre__run *run)
{
    size_t most = 0, sum = 0;

    for (int i = 0; i < run->count; i++) {
        size_t connections = gyre__net_served(run->shards[i].loop);

        sum += connections;
        most = connections > most ? connections : most;
    }
    return sum ? (double)most * run->count / (double)sum : 1;
}

double gyre_shard_imbalance(void)
{
    struct gyre__run *run = gyre__run_hold();
    double value = run ? imbalance(run) : 1;

    if (run)
        gyre__run_let_go();
    return value;
}
