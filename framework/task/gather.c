/* task/gather.c - one future for many: done when all are, or when one of them fails. */
#include "base/error.h"
#include "base/memory.h"
#include "task/task.h"
#include <gyre/combine.h>
#include <stdlib.h>
#include <string.h>

struct gathering {
    gyre_future future;     /* must stay first */
    struct gyre__list link; /* in tasks->gatherings */
    bool return_exceptions; /* failures count as results */
    bool cancel_requested;  /* ends cancelled when all children have ended */
    bool cancelling;        /* in cancel_gathering: a child waits for this very gathering */
    size_t left;            /* children that have not told that they are done */
    size_t count;           /* children */
    gyre_future *children[];
};

static bool cancel_gathering(gyre_future *future, const char *msg)
{
    struct gathering *gathering = (struct gathering *)future;
    bool any = false;

    if (gathering->cancelling)
        return false;
    gathering->cancelling = true;
    for (size_t i = 0; i < gathering->count; i++)
        any |= gyre__future_request(gathering->children[i], msg);
    gathering->cancelling = false;
    gathering->cancel_requested |= any;
    return any;
}

static void free_gathering(gyre_future *future)
{
    struct gathering *gathering = (struct gathering *)future;

    gyre__list_remove(&gathering->link);
    for (size_t i = 0; i < gathering->count; i++)
        gyre_future_unref(gathering->children[i]);
    free(gathering);
}

static const struct gyre__future_class gathering_class = {
    .never_retrieved = "_GatheringFuture exception was never retrieved",
    .cancel = cancel_gathering,
    .destroy = free_gathering,
};

static void fail(struct gathering *gathering, gyre_future *child)
{
    if (child->text)
        gathering->future.text = gyre__strdup(child->text);
    gyre__future_finish(&gathering->future, child->code);
}

static void child_done(gyre_future *child, void *arg)
{
    struct gathering *gathering = arg;

    gathering->left--;
    /* Whoever gathers has seen it, also after the first failure. */
    child->unseen = false;
    if (gyre_future_done(&gathering->future))
        return;
    if (child->code < 0 && !gathering->return_exceptions)
        fail(gathering, child);
    else if (gathering->left == 0)
        gyre__future_finish(&gathering->future, gathering->cancel_requested ? GYRE_ECANCELLED : 0);
}

static void let_go(void *gathering)
{
    gyre_future_unref(gathering);
}

static void listen_to(struct gathering *gathering, gyre_future *child)
{
    if (!gyre_future_done(child) && !gyre_loop_is_closed(child->loop))
        gyre_future_add_done_callback(child, child_done, gyre_future_ref(&gathering->future),
                                      .release = let_go);
}

static void stop_listening(struct gathering *gathering)
{
    gyre_future_ref(&gathering->future);
    for (size_t i = 0; i < gathering->count; i++)
        gyre_future_remove_done_callback(gathering->children[i], child_done, gathering);
    gyre_future_unref(&gathering->future);
}

/* A gathering and its pending children hold each other: somebody must let go. */
void gyre__gatherings_close(struct gyre__tasks *tasks)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(&tasks->gatherings)))
        stop_listening(GYRE__OF(link, struct gathering, link));
}

/* A child that stands in the list twice counts, and tells, twice. */
static void listen_to_all(struct gathering *gathering)
{
    gathering->left = gathering->count;
    for (size_t i = 0; i < gathering->count; i++)
        listen_to(gathering, gathering->children[i]);
}

/* Children that are done already settle it now, without a turn. */
static void settle_early(struct gathering *gathering)
{
    for (size_t i = 0; i < gathering->count; i++)
        if (gyre_future_done(gathering->children[i]))
            child_done(gathering->children[i], gathering);
}

static struct gathering *make(gyre_loop *loop, gyre_future *const *futures, size_t count)
{
    struct gathering *gathering = gyre__calloc(sizeof *gathering + count * sizeof *futures);

    gyre__future_init(&gathering->future, loop, &gathering_class);
    gyre__list_append(&gyre__tasks_of(loop)->gatherings, &gathering->link);
    gathering->count = count;
    for (size_t i = 0; i < count; i++)
        gathering->children[i] = gyre_future_ref(futures[i]);
    return gathering;
}

static int check(gyre_future *const *futures, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (futures[i]->loop != futures[0]->loop)
            return gyre_error_set(GYRE_EVALUE, "The futures belong to different loops");
    return 0;
}

int(gyre_gather)(gyre_future **gathered, gyre_future *const *futures, size_t count,
                 const gyre_gather_options *options)
{
    struct gathering *gathering;
    int err = check(futures, count);

    if (err)
        return err;
    gathering = make(count ? futures[0]->loop : gyre_get_event_loop(), futures, count);
    gathering->return_exceptions = options && options->return_exceptions == GYRE_YES;
    listen_to_all(gathering);
    settle_early(gathering);
    if (count == 0)
        gyre__future_finish(&gathering->future, 0);
    *gathered = &gathering->future;
    return 0;
}
