/* parcel.c - a parcel is packed here, and unpacked at the receiver, or wherever it ends. */
#include "parcel.h"

static void end_item(const struct gyre__post_item *item)
{
    if (item->release)
        item->release(item->arg);
}

/* At the receiver. To the loop it was one call. */
static void unpack(void *arg)
{
    struct gyre__parcel *parcel = arg;

    gyre__count(&gyre__shard_here()->loop->counters.calls, parcel->count - 1);
    for (size_t i = 0; i < parcel->count; i++) {
        parcel->items[i].fn(parcel->items[i].arg);
        end_item(&parcel->items[i]);
    }
}

/* The receiver has closed. */
static void drop(void *arg)
{
    struct gyre__parcel *parcel = arg;

    for (size_t i = 0; i < parcel->count; i++)
        end_item(&parcel->items[i]);
}

/* As far as the page and the outbox have room. */
static struct gyre__post_item *find_end(const struct gyre__outbox *outbox, const void *end)
{
    size_t fit = (size_t)((const char *)end - (const char *)outbox->item) / sizeof *outbox->item;
    size_t room = GYRE__OUTBOX_LIMIT - outbox->under_way;

    return outbox->item + (fit < room ? fit : room);
}

void gyre__parcel_begin(struct gyre__outbox *outbox, struct gyre__post_item item)
{
    struct gyre__parcel *parcel;
    void *end;

    gyre__parcel_close(outbox);
    parcel = gyre__stock_begin(&outbox->stock, sizeof *parcel + sizeof item, &end);
    parcel->letter =
        (struct gyre__call){.fn = unpack, .arg = parcel, .release = drop, .kind = GYRE__CALL_EMBEDDED};
    gyre__outbox_put_free(outbox, &parcel->letter);
    outbox->open = parcel;
    outbox->item = parcel->items;
    outbox->items_end = find_end(outbox, end);
    gyre__parcel_extend(outbox, item);
}

size_t gyre__parcel_open_items(const struct gyre__outbox *outbox)
{
    return outbox->open ? (size_t)(outbox->item - outbox->open->items) : 0;
}

void gyre__parcel_close(struct gyre__outbox *outbox)
{
    size_t count = gyre__parcel_open_items(outbox);

    if (!outbox->open)
        return;
    outbox->open->count = count;
    outbox->under_way += count;
    outbox->uncovered += count;
    gyre__stock_end(&outbox->stock, outbox->item);
    outbox->open = NULL;
    outbox->item = outbox->items_end = NULL;
}
