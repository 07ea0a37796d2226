/* call.c - gyre_shard_call and gyre_shard_submit: who may call, and how the caller waits. */
#include "call.h"
#include "base/check.h"
#include "base/memory.h"
#include <stdlib.h>

int gyre__call_allowed(int shard, struct gyre__outbox **outbox)
{
    int err = gyre__outbox_find(shard, outbox);

    if (!err && (*outbox)->from->stage != GYRE__SERVING)
        err = gyre_error_set(GYRE_ELOOPCLOSED, "the shards are closing");
    return err;
}

/* Somewhere else it would not be us who waits. */
static int check_task(void)
{
    if (!gyre__task_current())
        return gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    return 0;
}

/* The shard may begin to close meanwhile. */
static int wait_for_room(int shard, struct gyre__outbox **outbox)
{
    int err = gyre__call_allowed(shard, outbox);

    if (!err)
        err = check_task();
    if (!err)
        err = gyre__outbox_wait(*outbox);
    return err ? err : gyre__call_allowed(shard, outbox);
}

int gyre__call_await(gyre_future *future)
{
    int err = gyre_await(future, NULL);

    GYRE__CHECK(gyre_future_done(future), "a call to a shard was left before it came home");
    gyre_future_unref(future);
    return err;
}

int(gyre_shard_call)(int shard, gyre_coroutine fn, void *arg, const gyre_shard_call_options *options)
{
    struct gyre__envelope envelope = {.fn = fn, .arg = arg};
    int err = wait_for_room(shard, &envelope.outbox);

    if (err)
        return err;
    envelope.run_inline = options && options->run_inline == GYRE_YES;
    return gyre__call_await(gyre__envelope_send(&envelope));
}

static int check_submit(int shard, struct gyre__outbox **outbox)
{
    int err = gyre__call_allowed(shard, outbox);

    if (!err && !gyre__outbox_has_room(*outbox))
        err = gyre_error_set(GYRE_EQUEUEFULL, "too many messages to shard %d are under way", shard);
    return err;
}

static gyre_future *submit(struct gyre__envelope filled)
{
    struct gyre__envelope *envelope = gyre__malloc(sizeof *envelope);

    *envelope = filled;
    return gyre__envelope_send(envelope);
}

int(gyre_shard_submit)(int shard, gyre_future **future, gyre_coroutine fn, void *arg,
                       const gyre_call_options *options)
{
    struct gyre__envelope envelope = {.fn = fn, .arg = arg, .heap = true};
    gyre_future *made;
    int err = check_submit(shard, &envelope.outbox);

    envelope.release = options ? options->release : NULL;
    if (err) {
        if (envelope.release)
            envelope.release(arg);
        return err;
    }
    made = submit(envelope);
    if (future)
        *future = made;
    else
        gyre_future_unref(made);
    return 0;
}
