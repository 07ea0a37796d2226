/* post.c - gyre_shard_post: one way, from a shard with the turn, from any other thread at once. */
#include "base/memory.h"
#include "parcel.h"
#include <stdlib.h>

static int no_room(int shard)
{
    return gyre_error_set(GYRE_EQUEUEFULL, "too many messages to shard %d are under way", shard);
}

static int post_from_shard(int shard, struct gyre__post post)
{
    struct gyre__outbox *outbox;
    int err = gyre__outbox_find(shard, &outbox);

    if (err)
        return err;
    if (outbox->from->stage == GYRE__CLOSING)
        return gyre_error_set(GYRE_ELOOPCLOSED, "the shards are closing");
    if (!gyre__outbox_has_room(outbox))
        return no_room(shard);
    gyre__parcel_add(outbox, post);
    return 0;
}

/* A post of a thread that is no shard. */
struct outside_post {
    struct gyre__call letter; /* for the mailbox */
    struct gyre__shard *to;   /* counts those under way */
    struct gyre__post post;   /* what to call */
};

static void end_outside(void *arg)
{
    struct outside_post *outside = arg;

    if (outside->post.release)
        outside->post.release(outside->post.arg);
    atomic_fetch_sub_explicit(&outside->to->outside, 1, memory_order_relaxed);
    free(outside);
}

static void run_outside(void *arg)
{
    struct outside_post *outside = arg;

    outside->post.fn(outside->post.arg);
    end_outside(outside);
}

static int push_outside(struct gyre__shard *to, struct gyre__post post)
{
    struct outside_post *outside = gyre__malloc(sizeof *outside);

    *outside = (struct outside_post){.to = to, .post = post};
    outside->letter = (struct gyre__call){
        .fn = run_outside, .arg = outside, .release = end_outside, .kind = GYRE__CALL_EMBEDDED};
    if (gyre__inbox_push(to->loop->inbox, &outside->letter) == 0)
        return 0;
    atomic_fetch_sub_explicit(&to->outside, 1, memory_order_relaxed);
    free(outside);
    return gyre_error_set(GYRE_ELOOPCLOSED, "shard %d has closed", to->id);
}

static int post_to(struct gyre__run *run, int shard, struct gyre__post post)
{
    struct gyre__shard *to;

    if (shard < 0 || shard >= run->count)
        return gyre_error_set(GYRE_EVALUE, "there is no shard %d", shard);
    to = &run->shards[shard];
    if (atomic_fetch_add_explicit(&to->outside, 1, memory_order_relaxed) < GYRE__OUTBOX_LIMIT)
        return push_outside(to, post);
    atomic_fetch_sub_explicit(&to->outside, 1, memory_order_relaxed);
    return no_room(shard);
}

static int post_from_outside(int shard, struct gyre__post post)
{
    struct gyre__run *run = gyre__run_hold();
    int err;

    if (!run)
        return gyre_error_set(GYRE_EVALUE, "there is no shard %d", shard);
    err = post_to(run, shard, post);
    gyre__run_let_go();
    return err;
}

/* The short way of most posts: not the first of a turn. */
static bool join_parcel(int shard, struct gyre__post post)
{
    struct gyre__shard *here = gyre__shard_here();

    return here && shard >= 0 && shard < here->run->count &&
           gyre__parcel_extend(&here->outboxes[shard], post);
}

static __attribute__((noinline)) int post_slowly(int shard, struct gyre__post post)
{
    int err = gyre__shard_here() ? post_from_shard(shard, post) : post_from_outside(shard, post);

    if (err && post.release)
        post.release(post.arg);
    return err;
}

int(gyre_shard_post)(int shard, gyre_callback fn, void *arg, const gyre_call_options *options)
{
    struct gyre__post post = {.fn = fn, .arg = arg, .release = options ? options->release : NULL};

    return join_parcel(shard, post) ? 0 : post_slowly(shard, post);
}
