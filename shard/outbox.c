/* outbox.c - put, push, and the receipts that make room. */
#include "outbox.h"
#include "base/memory.h"
#include "parcel.h"
#include <gyre/task.h>
#include <stdlib.h>

/* A task that waits for room; on its stack. */
struct gyre__waiting {
    struct gyre__list link; /* in outbox->waiters */
    gyre_future *future;    /* done when there may be room */
};

bool gyre__outbox_has_room(const struct gyre__outbox *outbox)
{
    return outbox->under_way + gyre__parcel_open_posts(outbox) < GYRE__OUTBOX_LIMIT;
}

static void append(struct gyre__outbox *outbox, struct gyre__call *letter)
{
    gyre__parcel_close(outbox);
    letter->next = outbox->newest;
    if (!outbox->newest)
        outbox->oldest = letter;
    outbox->newest = letter;
}

void gyre__outbox_put_free(struct gyre__outbox *outbox, struct gyre__call *letter)
{
    append(outbox, letter);
    gyre__loop_flush_later(outbox->from->loop, &outbox->flush);
}

void gyre__outbox_put(struct gyre__outbox *outbox, struct gyre__call *letter)
{
    outbox->under_way++;
    outbox->uncovered++;
    gyre__count(&outbox->from->posted, 1);
    gyre__outbox_put_free(outbox, letter);
}

static void wake_waiters(struct gyre__outbox *outbox)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(&outbox->waiters)))
        gyre_future_set_result(GYRE__OF(link, struct gyre__waiting, link)->future, NULL);
}

static void receipt_home(void *arg)
{
    struct gyre__outbox *outbox = arg;

    outbox->under_way -= outbox->receipt.covers;
    outbox->receipt.covers = 0;
    gyre__stock_come_home(&outbox->stock, outbox->under_way == 0 && !outbox->open);
    wake_waiters(outbox);
}

/* At the receiver, when all that was sent before it has been read. */
static void read_receipt(void *arg)
{
    struct gyre__outbox *outbox = arg;

    outbox->receipt.letter.fn = receipt_home;
    gyre__outbox_put_free(&outbox->to->outboxes[outbox->from->id], &outbox->receipt.letter);
}

static bool receipt_due(const struct gyre__outbox *outbox)
{
    return !outbox->receipt.covers &&
           (outbox->uncovered >= GYRE__OUTBOX_BATCH || gyre__stock_due(&outbox->stock));
}

static void add_receipt(struct gyre__outbox *outbox)
{
    struct gyre__receipt *receipt = &outbox->receipt;

    gyre__stock_mark(&outbox->stock);
    receipt->covers = outbox->uncovered;
    outbox->uncovered = 0;
    receipt->letter = (struct gyre__call){.fn = read_receipt, .arg = outbox, .kind = GYRE__CALL_EMBEDDED};
    append(outbox, &receipt->letter);
}

/* The receiver has closed: what is left are posts and connections, and they end here. */
static void drop_chain(gyre_loop *loop, struct gyre__call *letter)
{
    while (letter) {
        struct gyre__call *next = letter->next;

        gyre__call_drop(loop, letter);
        letter = next;
    }
}

static void push(struct gyre__flush *flush)
{
    struct gyre__outbox *outbox = GYRE__OF(flush, struct gyre__outbox, flush);
    struct gyre__call *newest, *oldest;

    gyre__parcel_close(outbox);
    if (receipt_due(outbox))
        add_receipt(outbox);
    newest = outbox->newest;
    oldest = outbox->oldest;
    outbox->newest = NULL;
    if (!gyre__inbox_push_chain(outbox->to->loop->inbox, newest, oldest))
        return;
    oldest->next = NULL;
    drop_chain(outbox->from->loop, newest);
}

static void open_outbox(struct gyre__outbox *outbox, struct gyre__shard *from, struct gyre__shard *to)
{
    *outbox = (struct gyre__outbox){.flush = {.fn = push}, .from = from, .to = to};
    gyre__list_init(&outbox->flush.link);
    gyre__list_init(&outbox->waiters);
}

void gyre__outboxes_open(struct gyre__shard *shard)
{
    struct gyre__run *run = shard->run;

    shard->outboxes = gyre__calloc((size_t)run->count * sizeof *shard->outboxes);
    for (int i = 0; i < run->count; i++)
        open_outbox(&shard->outboxes[i], shard, &run->shards[i]);
}

void gyre__outboxes_free(struct gyre__shard *shard)
{
    for (int i = 0; shard->outboxes && i < shard->run->count; i++)
        gyre__stock_clear(&shard->outboxes[i].stock);
    free(shard->outboxes);
}

int gyre__outbox_find(int shard, struct gyre__outbox **outbox)
{
    struct gyre__shard *here = gyre__shard_here();

    if (shard < 0 || shard >= gyre_shard_count())
        return gyre_error_set(GYRE_EVALUE, "there is no shard %d", shard);
    if (!here)
        return gyre_error_set(GYRE_ERUNTIME, "this thread is no shard");
    *outbox = &here->outboxes[shard];
    return 0;
}

static int wait_once(struct gyre__outbox *outbox)
{
    struct gyre__waiting waiting = {.future = gyre_loop_create_future(outbox->from->loop)};
    int err;

    gyre__list_append(&outbox->waiters, &waiting.link);
    err = gyre_await(waiting.future, NULL);
    gyre__list_remove(&waiting.link);
    gyre_future_unref(waiting.future);
    return err;
}

int gyre__outbox_wait(struct gyre__outbox *outbox)
{
    int err = 0;

    while (!err && !gyre__outbox_has_room(outbox))
        err = wait_once(outbox);
    return err;
}
