/* map.c - gyre_shard_map: one call to every shard at once. */
#include "base/memory.h"
#include "call.h"
#include <gyre/combine.h>
#include <stdlib.h>

/* One shard's share. */
struct share {
    struct gyre__envelope envelope; /* the call */
    gyre_shard_part fn;             /* what to call there */
    void *arg;                      /* for it */
    void *part;                     /* its place in the caller's array */
};

/* All of them. */
struct map {
    int count;             /* calls that were sent */
    gyre_future **futures; /* theirs */
    struct share *shares;  /* theirs */
};

static int run_share(void *arg)
{
    struct share *share = arg;

    return share->fn(share->arg, share->part);
}

static int send_share(struct map *map, int shard)
{
    struct share *share = &map->shares[shard];
    int err = gyre__call_allowed(shard, &share->envelope.outbox);

    if (!err)
        err = gyre__outbox_wait(share->envelope.outbox);
    if (!err)
        err = gyre__call_allowed(shard, &share->envelope.outbox);
    if (err)
        return err;
    share->envelope.fn = run_share;
    share->envelope.arg = share;
    map->futures[map->count++] = gyre__envelope_send(&share->envelope);
    return 0;
}

/* A cancellation goes to all that are out, and waits for all. */
static int await_all(struct map *map, int err)
{
    gyre_future *all;
    int outcome;

    gyre_gather(&all, map->futures, (size_t)map->count, .return_exceptions = GYRE_YES);
    if (err == GYRE_ECANCELLED)
        gyre_future_cancel(all);
    outcome = gyre_await(all, NULL);
    gyre_future_unref(all);
    return err ? err : outcome;
}

/* From the last to the first, so that the sentence that stays is the first one's. */
static int first_failure(struct map *map, int err)
{
    int failure = 0;

    for (int i = map->count - 1; i >= 0; i--) {
        int code = gyre__call_await(map->futures[i]);

        if (code < 0)
            failure = code;
    }
    return failure && err != GYRE_ECANCELLED ? failure : err;
}

static int run_map(struct map *map, void *parts, size_t part_size, gyre_shard_part fn, void *arg)
{
    int shards = gyre_shard_count();
    int err = 0;

    for (int i = 0; i < shards; i++) {
        map->shares[i].fn = fn;
        map->shares[i].arg = arg;
        map->shares[i].part = (char *)parts + (size_t)i * part_size;
    }
    for (int i = 0; i < shards && !err; i++)
        err = send_share(map, i);
    return first_failure(map, await_all(map, err));
}

int gyre_shard_map(void *parts, size_t part_size, gyre_shard_part fn, void *arg)
{
    size_t shards = (size_t)gyre_shard_count();
    struct gyre__outbox *outbox;
    struct map map = {0};
    int err = gyre__call_allowed(0, &outbox);

    if (!err && !gyre__task_current())
        err = gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    if (err)
        return err;
    map.futures = gyre__calloc(shards * sizeof *map.futures);
    map.shares = gyre__calloc(shards * sizeof *map.shares);
    err = run_map(&map, parts, part_size, fn, arg);
    free(map.futures);
    free(map.shares);
    return err;
}
