/* task/shield.c - a future that ends as another does, and can be cancelled without it.
 *
 * While both are pending the inner one's callback holds the outer one, and the outer one only points back: so
 * neither keeps the other from being freed. Turn for turn as asyncio: the outer one takes its callback off
 * the inner one in a callback of its own.
 */
#include "base/memory.h"
#include "task/future.h"
#include <gyre/combine.h>
#include <stdlib.h>

struct shielded {
    gyre_future future; /* must stay first */
    gyre_future *inner; /* lent, while its callback stands */
    gyre_future *ended; /* the inner one again, owned: its value is ours too */
};

static void free_shielded(gyre_future *future)
{
    struct shielded *shielded = (struct shielded *)future;

    gyre_future_unref(shielded->ended);
    free(shielded);
}

static const struct gyre__future_class shielded_class = {
    .never_retrieved = "Future exception was never retrieved",
    .cancel = gyre__future_cancel,
    .destroy = free_shielded,
};

static void end_as(struct shielded *shielded, gyre_future *inner)
{
    shielded->ended = gyre_future_ref(inner);
    shielded->future.value = inner->value;
    shielded->future.text = gyre__strdup(inner->text);
    gyre__future_finish(&shielded->future, inner->code);
}

static void inner_done(gyre_future *inner, void *arg)
{
    struct shielded *shielded = arg;

    inner->unseen = false;
    if (gyre_future_done(&shielded->future))
        return;
    if (gyre_future_cancelled(inner))
        gyre__future_cancel(&shielded->future, NULL);
    else
        end_as(shielded, inner);
}

/* The callback is off the inner one: called, removed, or freed with it. */
static void inner_gone(void *arg)
{
    struct shielded *shielded = arg;

    shielded->inner = NULL;
    gyre_future_unref(&shielded->future);
}

static void outer_done(gyre_future *outer, void *arg)
{
    gyre_future *inner = ((struct shielded *)outer)->inner;

    if (inner && !gyre_future_done(inner))
        gyre_future_remove_done_callback(inner, inner_done, outer);
}

int gyre_shield(gyre_future **outer, gyre_future *inner)
{
    struct shielded *shielded;

    if (gyre_future_done(inner)) {
        *outer = gyre_future_ref(inner);
        return 0;
    }
    shielded = gyre__malloc(sizeof *shielded);
    gyre__future_init(&shielded->future, inner->loop, &shielded_class);
    shielded->inner = inner;
    shielded->ended = NULL;
    gyre__future_listen(inner, inner_done, gyre_future_ref(&shielded->future), inner_gone, &shielded->future);
    gyre__future_listen(&shielded->future, outer_done, NULL, NULL, NULL);
    *outer = &shielded->future;
    return 0;
}
