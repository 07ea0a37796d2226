/* sync/queue.h - the inside of a queue: which item leaves first.
 *
 * queue.c has the places, the limit and those who wait; an order has where an item goes in, and which one
 * comes out. All orders but the plain queue's keep their items in items[0] to items[count - 1].
 */
#ifndef GYRE__QUEUE_H
#define GYRE__QUEUE_H

#include <gyre/queue.h>

struct gyre__queue_order {
    const char *name;                           /* asyncio's class */
    void (*put)(gyre_queue *queue, void *item); /* there is a place */
    void *(*get)(gyre_queue *queue);            /* there is an item */
};

/* Fills in an empty queue. */
void gyre__queue_init(gyre_queue *queue, const struct gyre__queue_order *order,
                      const gyre_queue_options *options);

/* Makes room for one more item, or -ENOMEM. */
int gyre__queue_grow(gyre_queue *queue);

/* Gives places back when most are empty. */
void gyre__queue_shrink(gyre_queue *queue);

#endif
