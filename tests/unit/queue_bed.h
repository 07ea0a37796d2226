/* queue_bed.h - what the tests of queues share: a queue, items that are numbers, and tasks that get or put
 * one. */
#ifndef GYRE_TESTS_QUEUE_BED_H
#define GYRE_TESTS_QUEUE_BED_H

#include "unit.h"

#include "sync/queue.h"

/* The queue of the test that runs. */
static gyre_queue queue;

static inline void *item_of(int number)
{
    return (void *)(intptr_t)number;
}

static inline int number_of(const void *item)
{
    return (int)(intptr_t)item;
}

static inline int by_number(const void *a, const void *b, void *arg)
{
    return number_of(a) - number_of(b);
}

/* Makes the test's queue, of one of the three kinds. */
static inline void make_queue(int kind, ptrdiff_t maxsize)
{
    if (kind == 0)
        gyre_queue_init(&queue, .maxsize = maxsize);
    else if (kind == 1)
        gyre_lifo_queue_init(&queue, .maxsize = maxsize);
    else
        gyre_priority_queue_init(&queue, by_number, NULL, .maxsize = maxsize);
}

enum { KINDS = 3 };

static inline int put_now(int number)
{
    return gyre_queue_put_nowait(&queue, item_of(number));
}

/* The item, or the negative code. */
static inline int get_now(void)
{
    void *item = NULL;
    int err = gyre_queue_get_nowait(&queue, &item);

    return err ? err : number_of(item);
}

/* Coroutines: put the item that is their arg; get one and return it; wait for all to be done. */
static inline int put_it(void *item)
{
    return gyre_queue_put(&queue, item);
}

static inline int get_it(void *arg)
{
    void *item = NULL;
    int err = gyre_queue_get(&queue, &item);

    return err ? err : number_of(item);
}

static inline int join_it(void *arg)
{
    return gyre_queue_join(&queue);
}

static inline gyre_task *begin(gyre_coroutine fn, int number)
{
    gyre_task *task = NULL;

    assert_int_equal(gyre_loop_create_task(loop, &task, fn, item_of(number)), 0);
    return task;
}

/* The outcome of a task, run to its end if need be; gives the reference back. */
static inline int end(gyre_task *task)
{
    int code = gyre_await(task, NULL);

    gyre_future_unref(task);
    return code;
}

/* The outcome of a task that is done already. */
static inline int result(gyre_task *task)
{
    int code = gyre_future_result(task, NULL);

    gyre_future_unref(task);
    return code;
}

static inline const char *queue_str(void)
{
    static char text[128];

    gyre_queue_str(&queue, text, sizeof text);
    return text;
}

#endif
