/* queue.c - queues: nothing is lost, nothing comes twice, nobody sleeps beside an item or a place. */
#include "torture.h"

enum { ITEMS = 3 };

static gyre_queue queue;
static int put, got;

static int produce(void *arg)
{
    for (int i = 0; i < ITEMS; i++) {
        int err = gyre_queue_put(&queue, &queue);

        if (err)
            return err == GYRE_EQUEUESHUTDOWN ? 0 : err;
        put++;
    }
    return 0;
}

static int consume(void *arg)
{
    for (;;) {
        void *item = NULL;
        int err = gyre_queue_get(&queue, &item);

        if (err)
            return err == GYRE_EQUEUESHUTDOWN ? 0 : err;
        torture_check(item == &queue, "what came out was never put");
        got++;
        if ((err = gyre_sleep(0)))
            return err;
        torture_check(gyre_queue_task_done(&queue) == 0, "task_done came too often");
    }
}

static int join(void *arg)
{
    return gyre_queue_join(&queue);
}

static void check_idle(void)
{
    torture_check(gyre_queue_empty(&queue) || !queue.getters, "a getter sleeps beside an item");
    torture_check(gyre_queue_full(&queue) || !queue.putters, "a putter sleeps beside a place");
    torture_check(queue.unfinished || !queue.joiners, "a joiner sleeps though all is done");
    torture_check(put == got + (int)gyre_queue_qsize(&queue), "an item was lost");
}

/* Items whose consumer was cancelled in the middle count as done, so that join comes back. */
static void settle(void)
{
    check_idle();
    gyre_queue_shutdown(&queue, .immediate = GYRE_YES);
    while (gyre_queue_task_done(&queue) == 0)
        ;
}

static void end(bool whole)
{
    torture_check(got <= put, "an item came twice");
    torture_check(!whole || queue.is_shutdown || put == got + (int)gyre_queue_qsize(&queue),
                  "an item was lost");
    gyre_queue_destroy(&queue);
}

static void begin(void)
{
    put = got = 0;
    gyre_queue_init(&queue, .maxsize = 1);
}

static void begin_pair(void)
{
    begin();
    torture_start(consume, NULL);
    torture_start(produce, NULL);
}

/* Several getters, for a wake that is passed on. */
static void begin_getters(void)
{
    begin();
    for (int i = 0; i < 3; i++)
        torture_start(consume, NULL);
    torture_start(produce, NULL);
}

static void begin_crowd(void)
{
    begin();
    torture_start(consume, NULL);
    torture_start(produce, NULL);
    torture_start(consume, NULL);
    torture_start(produce, NULL);
    torture_start(join, NULL);
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "queue", .begin = begin_pair, .settle = settle, .end = end, .cancels = 3},
        {.name = "queue_getters", .begin = begin_getters, .settle = settle, .end = end, .cancels = 3},
        {.name = "queue_crowd", .begin = begin_crowd, .settle = settle, .end = end, .cancels = 2},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
