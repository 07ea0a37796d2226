/* sync/lifo_queue.c - the order of a stack. */
#include "sync/queue.h"

static void put_last(gyre_queue *queue, void *item)
{
    queue->items[queue->count++] = item;
}

static void *get_last(gyre_queue *queue)
{
    return queue->items[--queue->count];
}

void(gyre_lifo_queue_init)(gyre_lifo_queue *queue, const gyre_queue_options *options)
{
    static const struct gyre__queue_order last_in_first_out = {"LifoQueue", put_last, get_last};

    gyre__queue_init(queue, &last_in_first_out, options);
}
