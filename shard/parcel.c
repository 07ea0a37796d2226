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

static void begin(struct gyre__outbox *outbox)
{
    struct gyre__parcel *parcel = gyre__stock_take(&outbox->stock, sizeof *parcel + sizeof *parcel->items);

    parcel->letter =
        (struct gyre__call){.fn = unpack, .arg = parcel, .release = drop, .kind = GYRE__CALL_EMBEDDED};
    parcel->count = 0;
    gyre__outbox_put_free(outbox, &parcel->letter);
    outbox->open = parcel;
}

void gyre__parcel_add(struct gyre__outbox *outbox, struct gyre__post_item item)
{
    if (!outbox->open || !gyre__stock_extend(&outbox->stock, sizeof item))
        begin(outbox);
    outbox->open->items[outbox->open->count++] = item;
    gyre__outbox_count(outbox);
}
