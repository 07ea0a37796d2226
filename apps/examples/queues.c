/* The three queues: in order, with a limit that slows the producer down; last in, first out; and by priority.
 */
#include <gyre/gyre.h>
#include <stdio.h>
#include <string.h>

static void *words[] = {"pear", "apple", "fig"};

/* Waits wherever the queue is full: it is never further ahead than that. */
static int produce(void *queue)
{
    for (int i = 0; i < 3; i++) {
        int err = gyre_queue_put(queue, words[i]);

        if (err)
            return err;
    }
    gyre_queue_shutdown(queue);
    return 0;
}

static void in_order(void)
{
    gyre_queue queue;
    gyre_task *producer;
    void *word;

    gyre_queue_init(&queue, .maxsize = 2);
    gyre_create_task(&producer, produce, &queue);
    gyre_sleep(0);
    if (gyre_queue_full(&queue))
        printf("%zu of %td places are taken\n", gyre_queue_qsize(&queue), gyre_queue_maxsize(&queue));
    while (gyre_queue_get(&queue, &word) == 0)
        printf("in order: %s\n", (char *)word);
    gyre_await(producer, NULL);
    gyre_future_unref(producer);
    gyre_queue_destroy(&queue);
}

/* Takes what is there, without waiting: gyre_queue_get_nowait would say GYRE_EQUEUEEMPTY at the end. */
static void empty(gyre_queue *queue, const char *how)
{
    void *word;

    for (int i = 0; i < 3; i++)
        gyre_queue_put_nowait(queue, words[i]);
    while (!gyre_queue_empty(queue) && gyre_queue_get_nowait(queue, &word) == 0)
        printf("%s: %s\n", how, (char *)word);
    gyre_queue_destroy(queue);
}

static int by_alphabet(const void *a, const void *b, void *arg)
{
    return strcmp(a, b);
}

static int run(void *arg)
{
    gyre_lifo_queue stack;
    gyre_priority_queue sorted;
    char text[80];

    in_order();
    gyre_lifo_queue_init(&stack);
    empty(&stack, "the last one first");
    gyre_priority_queue_init(&sorted, by_alphabet, NULL);
    gyre_queue_str(&sorted, text, sizeof text);
    puts(text);
    empty(&sorted, "by alphabet");
    return 0;
}

int main(void)
{
    return gyre_run(run, NULL);
}
