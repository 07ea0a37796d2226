/* task/gather.c - one future for many: done when all are, or when one of them fails.
 *
 * A gathering and its pending children hold each other: the children through their callback, so that a
 * gathering nobody holds still ends, and the gathering its children, so that it can cancel them.
 */
#include "base/memory.h"
#include "task/several.h"
#include "task/task.h"
#include <gyre/combine.h>
#include <stdlib.h>

struct gathering {
    gyre_future future;     /* must stay first */
    struct gyre__list link; /* in tasks->gatherings, then in tasks->dying */
    struct gyre__fan fan;   /* who is asked to end with it: ends cancelled if anybody heard */
    bool return_exceptions; /* failures count as results */
    bool early;             /* a child was done before it was gathered */
    size_t left;            /* different children that have not told that they are done */
    size_t count;           /* children, as often as they were given */
    gyre_future *children[];
};

static struct gyre__fan *fan_of(gyre_future *future)
{
    return &((struct gathering *)future)->fan;
}

static void bury(struct gathering *gathering)
{
    gyre__several_give_back(gathering->children, gathering->count);
    free(gathering);
}

/* Its children may be gatherings that only it held, and so on: one after the other, not one in the other. */
static void free_gathering(gyre_future *future)
{
    struct gathering *gathering = (struct gathering *)future;
    struct gyre__tasks *tasks = gyre__tasks_of(future->loop);
    struct gyre__list *link;

    gyre__list_remove(&gathering->link);
    gyre__list_append(&tasks->dying, &gathering->link);
    if (tasks->burying)
        return;
    tasks->burying = true;
    while ((link = gyre__list_pop(&tasks->dying)))
        bury(GYRE__OF(link, struct gathering, link));
    tasks->burying = false;
}

static const struct gyre__future_class gathering_class = {
    .never_retrieved = "_GatheringFuture exception was never retrieved",
    .cancel = gyre__cancel_walk,
    .fan = fan_of,
    .destroy = free_gathering,
};

static void fail(struct gathering *gathering, int code, const char *text)
{
    gathering->future.text = gyre__strdup(text);
    gyre__future_finish(&gathering->future, code);
}

/* It ends as asyncio's: with the message of the last child's cancellation, and not cancelled() itself. */
static void fail_cancelled(struct gathering *gathering)
{
    const gyre_future *last = gathering->children[gathering->count - 1];

    fail(gathering, GYRE_ECANCELLED, gyre_future_cancelled(last) ? last->text : NULL);
}

/* Who gathers the exceptions has seen them, now that they are all there. */
static void finish(struct gathering *gathering)
{
    for (size_t i = 0; i < gathering->count; i++)
        gathering->children[i]->unseen = false;
    if (gathering->fan.heard)
        fail_cancelled(gathering);
    else
        gyre__future_finish(&gathering->future, 0);
}

static void child_done(gyre_future *child, void *arg)
{
    struct gathering *gathering = arg;
    bool done = gyre_future_done(&gathering->future);

    gathering->left--;
    if (done || !gathering->return_exceptions)
        child->unseen = false;
    if (done)
        return;
    if (child->code < 0 && !gathering->return_exceptions)
        fail(gathering, child->code, child->text);
    else if (gathering->left == 0)
        finish(gathering);
}

static void let_go(void *gathering)
{
    gyre_future_unref(gathering);
}

static void listen_to(struct gathering *gathering, gyre_future *child)
{
    gathering->left++;
    if (gyre_future_done(child))
        gathering->early = true;
    else if (!gyre_loop_is_closed(child->loop))
        gyre__future_listen(child, child_done, gyre_future_ref(&gathering->future), let_go,
                            &gathering->future);
}

static void stop_listening(struct gathering *gathering)
{
    gyre_future_ref(&gathering->future);
    for (size_t i = 0; i < gathering->count; i++)
        gyre_future_remove_done_callback(gathering->children[i], child_done, gathering);
    gyre_future_unref(&gathering->future);
}

/* What a pending gathering and its children hold of each other, somebody must let go. */
void gyre__gatherings_close(struct gyre__tasks *tasks)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(&tasks->gatherings)))
        stop_listening(GYRE__OF(link, struct gathering, link));
}

/* Calls fn for each child once, though it may stand in the list twice. */
static void for_each(struct gathering *gathering, void (*fn)(struct gathering *gathering, gyre_future *child))
{
    uint32_t mark = gyre__future_new_mark(gathering->future.loop);

    for (size_t i = 0; i < gathering->count; i++) {
        if (gathering->children[i]->mark == mark)
            continue;
        gathering->children[i]->mark = mark;
        fn(gathering, gathering->children[i]);
    }
}

/* Children that are done already settle it now, without a turn. */
static void settle_early(struct gathering *gathering, gyre_future *child)
{
    if (gyre_future_done(child))
        child_done(child, gathering);
}

static struct gathering *make(gyre_loop *loop, gyre_future *const *futures, size_t count)
{
    struct gathering *gathering = gyre__malloc(sizeof *gathering + count * sizeof *futures);

    *gathering = (struct gathering){.count = count};
    gathering->fan =
        (struct gyre__fan){.future = &gathering->future, .children = gathering->children, .count = count};
    gyre__future_init(&gathering->future, loop, &gathering_class);
    gyre__list_append(&gyre__tasks_of(loop)->gatherings, &gathering->link);
    for (size_t i = 0; i < count; i++)
        gathering->children[i] = gyre_future_ref(futures[i]);
    return gathering;
}

int(gyre_gather)(gyre_future **gathered, gyre_future *const *futures, size_t count,
                 const gyre_gather_options *options)
{
    struct gathering *gathering;
    int err = gyre__several_check(futures, count);

    if (err)
        return err;
    gathering = make(count ? futures[0]->loop : gyre_get_event_loop(), futures, count);
    gathering->return_exceptions = options && options->return_exceptions == GYRE_YES;
    for_each(gathering, listen_to);
    if (gathering->early)
        for_each(gathering, settle_early);
    if (count == 0)
        gyre__future_finish(&gathering->future, 0);
    *gathered = &gathering->future;
    return 0;
}
