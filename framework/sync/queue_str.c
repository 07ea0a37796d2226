/* sync/queue_str.c - a queue in words. */
#include "sync/queue.h"
#include "task/waiter.h"
#include <stdio.h>

/* What snprintf writes into: it counts on where the room has ended. */
struct page {
    char *text;
    size_t size;
    int length;
};

static char *end_of(const struct page *page)
{
    return (size_t)page->length < page->size ? page->text + page->length : NULL;
}

static size_t room_of(const struct page *page)
{
    return (size_t)page->length < page->size ? page->size - (size_t)page->length : 0;
}

static void add(struct page *page, const char *format, size_t number)
{
    if (number > 0)
        page->length += snprintf(end_of(page), room_of(page), format, number);
}

static size_t count_line(const struct gyre__waiter *line)
{
    size_t count = 0;

    for (; line; line = gyre__waiter_behind(line))
        count++;
    return count;
}

int gyre_queue_str(const gyre_queue *queue, char *text, size_t size)
{
    struct page page = {text, size, 0};

    page.length = snprintf(text, size, "<%s maxsize=%td", queue->order->name, queue->maxsize);
    add(&page, " _queue[%zu]", queue->count);
    add(&page, " _getters[%zu]", count_line(queue->getters));
    add(&page, " _putters[%zu]", count_line(queue->putters));
    add(&page, " tasks=%zu", queue->unfinished);
    page.length += snprintf(end_of(&page), room_of(&page), queue->is_shutdown ? " shutdown>" : ">");
    return page.length;
}
