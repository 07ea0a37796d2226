/* sync/priority_queue.c - the order of a binary heap, least item first.
 *
 * Equal items leave in the order in which Python's heapq lets them go: a hole sinks to the bottom along the
 * lesser children, the right one of two equals, and the last item rises from there.
 */
#include "sync/queue.h"

static bool before(const gyre_queue *queue, const void *a, const void *b)
{
    return queue->compare(a, b, queue->compare_arg) < 0;
}

/* Puts the item into the hole, or above it. */
static void rise(gyre_queue *queue, size_t hole, void *item)
{
    while (hole > 0) {
        size_t parent = (hole - 1) / 2;

        if (!before(queue, item, queue->items[parent]))
            break;
        queue->items[hole] = queue->items[parent];
        hole = parent;
    }
    queue->items[hole] = item;
}

/* Moves a hole at the top to the bottom, and returns where it is then. */
static size_t sink(gyre_queue *queue)
{
    size_t hole = 0, child;

    while ((child = 2 * hole + 1) < queue->count) {
        if (child + 1 < queue->count && !before(queue, queue->items[child], queue->items[child + 1]))
            child++;
        queue->items[hole] = queue->items[child];
        hole = child;
    }
    return hole;
}

static void put_by_rank(gyre_queue *queue, void *item)
{
    rise(queue, queue->count++, item);
}

static void *get_least(gyre_queue *queue)
{
    void *least = queue->items[0], *last = queue->items[--queue->count];

    if (queue->count > 0)
        rise(queue, sink(queue), last);
    return least;
}

void(gyre_priority_queue_init)(gyre_priority_queue *queue, gyre_queue_compare compare, void *arg,
                               const gyre_queue_options *options)
{
    static const struct gyre__queue_order least_first = {"PriorityQueue", put_by_rank, get_least};

    gyre__queue_init(queue, &least_first, options);
    queue->compare = compare;
    queue->compare_arg = arg;
}
