/* gyre/queue.h - queues between tasks: first in first out, last in first out, or by priority.
 *
 * asyncio: Queue, LifoQueue, PriorityQueue. All on one loop's thread; a queue is bound to the loop of the
 * first task that waits in it, and a wait from another one is GYRE_EWRONGLOOP. Who can go on at once does so
 * without a turn; who cannot waits in line, first come first served.
 */
#ifndef GYRE_QUEUE_H
#define GYRE_QUEUE_H

#include <gyre/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Compares two items: negative when a is to leave before b. It must not touch the queue. */
typedef int (*gyre_queue_compare)(const void *a, const void *b, void *arg);

/* yours: a queue of pointers; the fields are gyre's. It must not move while tasks wait in it. */
typedef struct gyre_queue {
    const struct gyre__queue_order *order; /* which item leaves first */
    void **items;                          /* a ring of places, grown as it fills */
    size_t capacity;                       /* places in it */
    size_t head;                           /* the place of the first item; 0 but in a plain queue */
    size_t count;                          /* items in it */
    size_t limit;                          /* the most there may be */
    ptrdiff_t maxsize;                     /* the limit as it was asked for */
    size_t unfinished;                     /* items that were put, less those done */
    struct gyre__waiter *getters;          /* who waits for an item, the oldest; NULL: nobody */
    struct gyre__waiter *putters;          /* who waits for a place */
    struct gyre__waiter *joiners;          /* who waits until all items are done */
    gyre_loop *loop;                       /* on which they wait; NULL until the first one did */
    gyre_release release;                  /* frees an item that nobody will get, or NULL */
    gyre_queue_compare compare;            /* a priority queue's order */
    void *compare_arg;                     /* for it */
    bool is_shutdown;                      /* nothing may be put any more */
} gyre_queue;

/* A queue whose last item leaves first; every gyre_queue_ function takes it. asyncio: LifoQueue */
typedef gyre_queue gyre_lifo_queue;

/* A queue whose least item leaves first; every gyre_queue_ function takes it. asyncio: PriorityQueue */
typedef gyre_queue gyre_priority_queue;

/* How a queue is made. */
typedef struct gyre_queue_options {
    size_t size;          /* sizeof this struct, filled in by the macro */
    ptrdiff_t maxsize;    /* the most items it holds; zero (the default) or less: no limit. It is a limit, not
                             an allocation */
    gyre_release release; /* frees an item that nobody will get: left at destroy, dropped by shutdown, got
                             into NULL; default: items are not the queue's to free */
} gyre_queue_options;

/* Makes an empty queue in the caller's memory; nothing is allocated. Needs no loop. asyncio: Queue */
void gyre_queue_init(gyre_queue *queue, const gyre_queue_options *options);
#define gyre_queue_init(...) \
    gyre_queue_init(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_queue_options, __VA_ARGS__))

/* The same for a queue that works as a stack. asyncio: LifoQueue */
void gyre_lifo_queue_init(gyre_lifo_queue *queue, const gyre_queue_options *options);
#define gyre_lifo_queue_init(...) \
    gyre_lifo_queue_init(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_queue_options, __VA_ARGS__))

/* The same for a queue whose least item leaves first; of equal ones any, so compare a number of your own
 * where that matters. `arg` goes to `compare`. asyncio: PriorityQueue */
void gyre_priority_queue_init(gyre_priority_queue *queue, gyre_queue_compare compare, void *arg,
                              const gyre_queue_options *options);
#define gyre_priority_queue_init(queue, compare, ...)                  \
    gyre_priority_queue_init(queue, compare, GYRE__FIRST(__VA_ARGS__), \
                             GYRE__OPTIONS(gyre_queue_options, __VA_ARGS__))

/* Releases the items that are left and frees the places. No task may be waiting in the queue. */
void gyre_queue_destroy(gyre_queue *queue);

/* Puts an item in, waiting while the queue is full. On failure the item stays the caller's:
 * GYRE_EQUEUESHUTDOWN; -ENOMEM: the system has no memory for one more place. [suspends] asyncio: Queue.put */
int gyre_queue_put(gyre_queue *queue, void *item);

/* The same without waiting: GYRE_EQUEUEFULL. asyncio: Queue.put_nowait */
int gyre_queue_put_nowait(gyre_queue *queue, void *item);

/* Takes the next item out into *item (NULL: releases it), waiting while the queue is empty.
 * GYRE_EQUEUESHUTDOWN once it was shut down and is empty. [suspends] asyncio: Queue.get */
int gyre_queue_get(gyre_queue *queue, void **item);

/* The same without waiting: GYRE_EQUEUEEMPTY. asyncio: Queue.get_nowait */
int gyre_queue_get_nowait(gyre_queue *queue, void **item);

/* How many items are in the queue. asyncio: Queue.qsize */
size_t gyre_queue_qsize(const gyre_queue *queue);

/* True when no item is in the queue. asyncio: Queue.empty */
bool gyre_queue_empty(const gyre_queue *queue);

/* True when there are maxsize items in the queue; never without a limit. asyncio: Queue.full */
bool gyre_queue_full(const gyre_queue *queue);

/* The .maxsize it was made with. asyncio: Queue.maxsize */
ptrdiff_t gyre_queue_maxsize(const gyre_queue *queue);

/* Says that an item which was got is done with. GYRE_EVALUE "task_done() called too many times" when that was
 * said for each item already. asyncio: Queue.task_done */
int gyre_queue_task_done(gyre_queue *queue);

/* Waits until every item that was put is done with; at once when there is none. [suspends] asyncio:
 * Queue.join */
int gyre_queue_join(gyre_queue *queue);

/* Options of a shutdown. */
typedef struct gyre_queue_shutdown_options {
    size_t size;   /* sizeof this struct, filled in by the macro */
    int immediate; /* GYRE_YES: the items in it are dropped and count as done; default GYRE_NO: they may still
                      be got */
} gyre_queue_shutdown_options;

/* From now on puts return GYRE_EQUEUESHUTDOWN, and gets too once the queue is empty; all who wait in put or
 * get are woken to see it. asyncio: Queue.shutdown */
void gyre_queue_shutdown(gyre_queue *queue, const gyre_queue_shutdown_options *options);
#define gyre_queue_shutdown(...) \
    gyre_queue_shutdown(GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_queue_shutdown_options, __VA_ARGS__))

/* Writes what str() says, with numbers for the items and those who wait, "<Queue maxsize=2 _queue[2]
 * _putters[1] tasks=2>", into at most `size` bytes, and returns how long all of it is, as snprintf does.
 * asyncio: str(Queue) */
int gyre_queue_str(const gyre_queue *queue, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
