/* 065: Queue: items and those who wait first in first out, the rules of full and empty, join and task_done.
 */
#include "oracle.h"

static gyre_queue queue;

/* A task for each word, with the word as its arg. */
static void start(gyre_task **tasks, gyre_coroutine fn, char **words, int count)
{
    for (int i = 0; i < count; i++)
        gyre_create_task(&tasks[i], fn, words[i]);
}

static void finish(gyre_task **tasks, int count)
{
    for (int i = 0; i < count; i++)
        oracle_await(tasks[i]);
}

static int produce(void *word)
{
    int err = gyre_queue_put(&queue, word);

    printf("put %s\n", (char *)word);
    return err;
}

static int consume(void *name)
{
    void *item;
    int err = gyre_queue_get(&queue, &item);

    printf("%s got %s\n", (char *)name, (char *)item);
    return err;
}

static int join(void *arg)
{
    return gyre_queue_join(&queue);
}

static void *get(void)
{
    void *item = NULL;

    gyre_queue_get(&queue, &item);
    return item;
}

static void *get_nowait(gyre_queue *from)
{
    void *item = NULL;

    gyre_queue_get_nowait(from, &item);
    return item;
}

static void fill(void)
{
    static char *words[] = {"1", "2", "3", "4"};
    gyre_task *producers[4];
    char *first, *second;

    start(producers, produce, words, 4);
    gyre_sleep(.01);
    printf("size %zu %s\n", gyre_queue_qsize(&queue), py_bool(gyre_queue_full(&queue)));
    puts(oracle_name(gyre_queue_put_nowait(&queue, "9")));
    first = get();
    second = get();
    printf("get %s %s\n", first, second);
    gyre_sleep(.01);
    first = get_nowait(&queue);
    second = get_nowait(&queue);
    printf("get %s %s\n", first, second);
    finish(producers, 4);
}

static void drain(void)
{
    static char *names[] = {"a", "b"};
    gyre_task *consumers[2];

    puts(oracle_name(gyre_queue_get_nowait(&queue, NULL)));
    start(consumers, consume, names, 2);
    gyre_sleep(0);
    gyre_queue_put_nowait(&queue, "x");
    gyre_queue_put_nowait(&queue, "y");
    finish(consumers, 2);
}

static void account(void)
{
    gyre_task *joiner;
    int err;

    gyre_create_task(&joiner, join, NULL);
    gyre_sleep(0);
    printf("join waits: %s\n", py_bool(!gyre_future_done(joiner)));
    for (int i = 0; i < 6; i++)
        gyre_queue_task_done(&queue);
    oracle_await(joiner);
    puts("joined");
    err = gyre_queue_task_done(&queue);
    printf("%s %s\n", oracle_name(err), oracle_str(err));
}

static int by_text(const void *a, const void *b, void *arg)
{
    return strcmp(a, b);
}

static void put_three(gyre_queue *into)
{
    gyre_queue_put_nowait(into, "3");
    gyre_queue_put_nowait(into, "1");
    gyre_queue_put_nowait(into, "2");
}

static void print_three(gyre_queue *from, const char *end)
{
    for (int i = 0; i < 3; i++)
        printf("%s%s", i ? ", " : "[", (char *)get_nowait(from));
    printf("]%s", end);
    gyre_queue_destroy(from);
}

static int run(void *arg)
{
    gyre_priority_queue priority;
    gyre_lifo_queue lifo;

    gyre_queue_init(&queue, .maxsize = 2);
    fill();
    drain();
    account();
    gyre_queue_destroy(&queue);
    gyre_priority_queue_init(&priority, by_text, NULL);
    gyre_lifo_queue_init(&lifo);
    put_three(&priority);
    put_three(&lifo);
    print_three(&priority, " ");
    print_three(&lifo, "\n");
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
