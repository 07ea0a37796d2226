/* sync/places.c - the memory of a queue's items: as many places as they need, and never more than its limit.
 */
#include "base/error.h"
#include "sync/queue.h"
#include <stdlib.h>
#include <string.h>

enum {
    FEW_PLACES = 8,    /* the first allocation */
    MANY_PLACES = 1024 /* what a queue keeps for good once it had them */
};

/* Moves the items to so many places, the first one to the first. */
static int resize(gyre_queue *queue, size_t capacity)
{
    void **items = capacity <= SIZE_MAX / sizeof *items ? malloc(capacity * sizeof *items) : NULL;
    size_t straight = queue->capacity - queue->head;

    if (!items)
        return gyre_error_set(-ENOMEM, "No memory for a queue of %zu places", capacity);
    if (straight > queue->count)
        straight = queue->count;
    if (queue->count > 0) {
        memcpy(items, queue->items + queue->head, straight * sizeof *items);
        memcpy(items + straight, queue->items, (queue->count - straight) * sizeof *items);
    }
    free(queue->items);
    queue->items = items;
    queue->capacity = capacity;
    queue->head = 0;
    return 0;
}

int gyre__queue_grow(gyre_queue *queue)
{
    size_t capacity = queue->capacity ? queue->capacity * 2 : FEW_PLACES;

    return resize(queue, capacity < queue->limit ? capacity : queue->limit);
}

/* A refusal to give memory is no matter here. */
void gyre__queue_shrink(gyre_queue *queue)
{
    if (queue->capacity > MANY_PLACES && queue->count < queue->capacity / 8)
        resize(queue, queue->capacity / 2);
}
