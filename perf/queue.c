/* queue.c - what an item costs from task to task: in batches through a full queue, and one at a time, to and
 * fro. The other side is the same two tasks with an array, who give way to each other by sleep(0). */
#include "measure.h"
#include <gyre/gyre.h>

enum { BATCH = 64, BATCHES = 20000, ITEMS = BATCH * BATCHES, ROUNDS = 200000 };

static gyre_queue there, back;
static void *array[BATCH];

static int put_many(void *item)
{
    for (int i = 0; i < ITEMS; i++)
        gyre_queue_put(&there, item);
    return 0;
}

static int get_many(void *arg)
{
    void *item;

    (void)arg;
    for (int i = 0; i < ITEMS; i++)
        gyre_queue_get(&there, &item);
    return 0;
}

static int fill_array(void *item)
{
    for (int batch = 0; batch < BATCHES; batch++) {
        for (int i = 0; i < BATCH; i++)
            array[i] = item;
        gyre_sleep(0);
    }
    return 0;
}

static int read_array(void *arg)
{
    void *volatile item;

    (void)arg;
    for (int batch = 0; batch < BATCHES; batch++) {
        for (int i = 0; i < BATCH; i++)
            item = array[i];
        gyre_sleep(0);
    }
    (void)item;
    return 0;
}

static int serve(void *item)
{
    for (int i = 0; i < ROUNDS; i++) {
        gyre_queue_put(&there, item);
        gyre_queue_get(&back, &item);
    }
    return 0;
}

static int answer(void *arg)
{
    void *item;

    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        gyre_queue_get(&there, &item);
        gyre_queue_put(&back, item);
    }
    return 0;
}

static int give_way(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++)
        gyre_sleep(0);
    return 0;
}

struct pair {
    gyre_coroutine first, second;
};

static int run_pair(void *arg)
{
    const struct pair *pair = arg;
    gyre_task *tasks[2];

    gyre_create_task(&tasks[0], pair->first, arg);
    gyre_create_task(&tasks[1], pair->second, arg);
    for (int i = 0; i < 2; i++) {
        gyre_await(tasks[i], NULL);
        gyre_future_unref(tasks[i]);
    }
    return 0;
}

/* Nanoseconds for each of so many items. */
static double time_pair(gyre_coroutine first, gyre_coroutine second, double items)
{
    struct pair pair = {first, second};
    double start = measure_now();

    gyre_queue_init(&there, .maxsize = BATCH);
    gyre_queue_init(&back, .maxsize = BATCH);
    gyre_run(run_pair, &pair);
    gyre_queue_destroy(&there);
    gyre_queue_destroy(&back);
    return (measure_now() - start) * 1e9 / items;
}

static double batched(void)
{
    return time_pair(put_many, get_many, ITEMS);
}

static double array_batched(void)
{
    return time_pair(fill_array, read_array, ITEMS);
}

static double to_and_fro(void)
{
    return time_pair(serve, answer, 2.0 * ROUNDS);
}

static double turns(void)
{
    return time_pair(give_way, give_way, 2.0 * ROUNDS);
}

int main(void)
{
    measure((struct measure_question){.what = "item through a queue, 64 a turn",
                                      .unit = "ns",
                                      .ours = batched,
                                      .against = "array + sleep(0)",
                                      .theirs = array_batched});
    measure((struct measure_question){.what = "item through a queue, to and fro",
                                      .unit = "ns",
                                      .ours = to_and_fro,
                                      .against = "sleep(0)",
                                      .theirs = turns});
    return 0;
}
