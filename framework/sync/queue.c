/* sync/queue.c - items and those who wait for them.
 *
 * A wake is a hint that the state has changed: who is woken looks again, since somebody may have been faster,
 * and who is woken but cannot go on wakes the next one, so that no wake is lost. Whoever is woken has left
 * the line already.
 */
#include "sync/queue.h"
#include "base/check.h"
#include "base/error.h"
#include "task/waiter.h"
#include <stdlib.h>

static void put_behind(gyre_queue *queue, void *item)
{
    size_t place = queue->head + queue->count++;

    queue->items[place < queue->capacity ? place : place - queue->capacity] = item;
}

static void *get_first(gyre_queue *queue)
{
    void *item = queue->items[queue->head];

    queue->head = queue->head + 1 < queue->capacity ? queue->head + 1 : 0;
    queue->count--;
    return item;
}

void gyre__queue_init(gyre_queue *queue, const struct gyre__queue_order *order,
                      const gyre_queue_options *options)
{
    *queue = (gyre_queue){.order = order, .limit = SIZE_MAX};
    if (!options)
        return;
    queue->maxsize = options->maxsize;
    queue->release = options->release;
    if (options->maxsize > 0)
        queue->limit = (size_t)options->maxsize;
}

void(gyre_queue_init)(gyre_queue *queue, const gyre_queue_options *options)
{
    static const struct gyre__queue_order first_in_first_out = {"Queue", put_behind, get_first};

    gyre__queue_init(queue, &first_in_first_out, options);
}

static void wake_next(struct gyre__waiter **line)
{
    while (*line) {
        struct gyre__waiter *oldest = *line;

        gyre__waiter_step_out(oldest);
        if (gyre__waiter_wake(oldest, 0))
            return;
    }
}

static void wake_all(struct gyre__waiter **line)
{
    while (*line)
        wake_next(line);
}

/* Waits in line; *woken says whether somebody has waked this one, also when the outcome is another. */
static int wait_in(gyre_queue *queue, struct gyre__waiter **line, bool *woken)
{
    struct gyre__waiter waiter;
    int err = gyre__waiter_bind(&queue->loop);

    *woken = false;
    if (err)
        return err;
    err = gyre__waiter_wait(&waiter, line, queue->loop);
    *woken = waiter.woken;
    return err;
}

/* What asyncio raises without words. */
static int refuse(int err)
{
    gyre__error_put(NULL);
    return err;
}

int gyre_queue_put_nowait(gyre_queue *queue, void *item)
{
    if (queue->is_shutdown)
        return refuse(GYRE_EQUEUESHUTDOWN);
    if (gyre_queue_full(queue))
        return refuse(GYRE_EQUEUEFULL);
    if (queue->count == queue->capacity && gyre__queue_grow(queue))
        return -ENOMEM;
    queue->order->put(queue, item);
    queue->unfinished++;
    wake_next(&queue->getters);
    return 0;
}

int gyre_queue_put(gyre_queue *queue, void *item)
{
    bool woken = false;
    int err = 0;

    while (!err && gyre_queue_full(queue) && !queue->is_shutdown)
        err = wait_in(queue, &queue->putters, &woken);
    if (!err)
        err = gyre_queue_put_nowait(queue, item);
    if (err && woken && !gyre_queue_full(queue))
        wake_next(&queue->putters);
    return err;
}

static void hand_out(gyre_queue *queue, void **item, void *taken)
{
    if (item)
        *item = taken;
    else if (queue->release)
        queue->release(taken);
}

int gyre_queue_get_nowait(gyre_queue *queue, void **item)
{
    void *taken;

    if (queue->count == 0)
        return refuse(queue->is_shutdown ? GYRE_EQUEUESHUTDOWN : GYRE_EQUEUEEMPTY);
    taken = queue->order->get(queue);
    gyre__queue_shrink(queue);
    wake_next(&queue->putters);
    hand_out(queue, item, taken);
    return 0;
}

int gyre_queue_get(gyre_queue *queue, void **item)
{
    bool woken = false;
    int err = 0;

    while (!err && queue->count == 0 && !queue->is_shutdown)
        err = wait_in(queue, &queue->getters, &woken);
    if (!err)
        return gyre_queue_get_nowait(queue, item);
    if (woken && queue->count > 0)
        wake_next(&queue->getters);
    return err;
}

size_t gyre_queue_qsize(const gyre_queue *queue)
{
    return queue->count;
}

bool gyre_queue_empty(const gyre_queue *queue)
{
    return queue->count == 0;
}

bool gyre_queue_full(const gyre_queue *queue)
{
    return queue->count >= queue->limit;
}

ptrdiff_t gyre_queue_maxsize(const gyre_queue *queue)
{
    return queue->maxsize;
}

int gyre_queue_task_done(gyre_queue *queue)
{
    if (queue->unfinished == 0)
        return gyre_error_set(GYRE_EVALUE, "task_done() called too many times");
    if (--queue->unfinished == 0)
        wake_all(&queue->joiners);
    return 0;
}

int gyre_queue_join(gyre_queue *queue)
{
    bool woken;

    return queue->unfinished > 0 ? wait_in(queue, &queue->joiners, &woken) : 0;
}

/* Takes all items and places out, into a queue for nothing but drop_all. */
static gyre_queue take_all(gyre_queue *queue)
{
    gyre_queue taken = *queue;

    queue->items = NULL;
    queue->capacity = queue->head = queue->count = 0;
    return taken;
}

/* A release may look at the queue that they were in. */
static void drop_all(gyre_queue *taken)
{
    while (taken->release && taken->count > 0)
        taken->release(taken->order->get(taken));
    free(taken->items);
}

void(gyre_queue_shutdown)(gyre_queue *queue, const gyre_queue_shutdown_options *options)
{
    bool immediate = options && options->immediate == GYRE_YES;
    gyre_queue taken = immediate ? take_all(queue) : (gyre_queue){0};

    queue->is_shutdown = true;
    queue->unfinished -= taken.count < queue->unfinished ? taken.count : queue->unfinished;
    if (immediate && queue->unfinished == 0)
        wake_all(&queue->joiners);
    wake_all(&queue->getters);
    wake_all(&queue->putters);
    drop_all(&taken);
}

void gyre_queue_destroy(gyre_queue *queue)
{
    gyre_queue taken;

    GYRE__CHECK(!queue->getters && !queue->putters && !queue->joiners,
                "a queue was destroyed while tasks wait in it");
    taken = take_all(queue);
    drop_all(&taken);
}
