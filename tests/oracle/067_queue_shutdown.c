/* 067: Queue.shutdown: putters fail at once, getters drain first unless immediate, join is released. */
#include "oracle.h"

static gyre_queue queue;

/* What a call came to: its item (None for a put), or the exception. */
static int tell(const char *label, int err, const char *item)
{
    printf("%s -> %s\n", label, err == GYRE_EQUEUESHUTDOWN ? oracle_name(err) : item);
    return 0;
}

static int put(void *label)
{
    return tell(label, gyre_queue_put(&queue, "c"), "None");
}

static int get(void *label)
{
    void *item = NULL;
    int err = gyre_queue_get(&queue, &item);

    return tell(label, err, item);
}

static int join(void *arg)
{
    return gyre_queue_join(&queue);
}

static gyre_task *begin(gyre_coroutine fn, char *label)
{
    gyre_task *task = NULL;

    gyre_create_task(&task, fn, label);
    gyre_sleep(0);
    return task;
}

static void drain_a_full_one(void)
{
    gyre_task *putter;

    gyre_queue_init(&queue, .maxsize = 2);
    gyre_queue_put_nowait(&queue, "a");
    gyre_queue_put_nowait(&queue, "b");
    putter = begin(put, "blocked put");
    gyre_queue_shutdown(&queue);
    oracle_await(putter);
    put("put");
    for (int i = 0; i < 3; i++)
        get("get");
    gyre_queue_destroy(&queue);
}

static void wake_a_getter(void)
{
    gyre_task *getter;

    gyre_queue_init(&queue);
    getter = begin(get, "blocked get");
    gyre_queue_shutdown(&queue);
    oracle_await(getter);
    gyre_queue_destroy(&queue);
}

static void drop_the_items(void)
{
    gyre_task *joiner;

    gyre_queue_init(&queue);
    gyre_queue_put_nowait(&queue, "1");
    gyre_queue_put_nowait(&queue, "2");
    joiner = begin(join, NULL);
    gyre_queue_shutdown(&queue, .immediate = GYRE_YES);
    oracle_await(joiner);
    printf("join released, size %zu\n", gyre_queue_qsize(&queue));
    get("get");
    gyre_queue_destroy(&queue);
}

static int run(void *arg)
{
    drain_a_full_one();
    wake_a_getter();
    drop_the_items();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
