/* parcel.c - a parcel is packed here, and unpacked at the receiver, or wherever it ends. */
#include "parcel.h"

typedef void (*take)(const struct gyre__series *series);

static void run(const struct gyre__series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        series->fn(series->args[i]);
        if (series->release)
            series->release(series->args[i]);
    }
}

static void release(const struct gyre__series *series)
{
    for (size_t i = 0; series->release && i < series->count; i++)
        series->release(series->args[i]);
}

static void each_series(const struct gyre__parcel *parcel, take take)
{
    void *const *at = parcel->words;

    while (at < parcel->end) {
        const struct gyre__series *series = (const struct gyre__series *)at;

        take(series);
        at = series->args + series->count;
    }
}

/* At the receiver. To the loop it was one call. */
static void unpack(void *parcel)
{
    gyre__count(&gyre__shard_here()->loop->counters.calls, ((struct gyre__parcel *)parcel)->count - 1);
    each_series(parcel, run);
}

/* The receiver has closed. */
static void drop(void *parcel)
{
    each_series(parcel, release);
}

static void open_parcel(struct gyre__outbox *outbox)
{
    void *end;
    struct gyre__parcel *parcel = gyre__stock_begin(
        &outbox->stock, sizeof *parcel + sizeof(struct gyre__series) + sizeof(void *), &end);

    parcel->letter =
        (struct gyre__call){.fn = unpack, .arg = parcel, .release = drop, .kind = GYRE__CALL_EMBEDDED};
    parcel->count = 0;
    gyre__outbox_put_free(outbox, &parcel->letter);
    outbox->open = parcel;
    outbox->next_arg = parcel->words;
    outbox->open_end = end;
}

static void end_series(struct gyre__outbox *outbox)
{
    if (!outbox->series)
        return;
    outbox->series->count = (size_t)(outbox->next_arg - outbox->series->args);
    outbox->open->count += outbox->series->count;
    outbox->series = NULL;
}

/* Its args may go as far as the memory and the outbox have room. */
static void begin_series(struct gyre__outbox *outbox, const struct gyre__post *post)
{
    size_t room = GYRE__OUTBOX_LIMIT - outbox->under_way - outbox->open->count;
    size_t fit;

    outbox->series = (struct gyre__series *)outbox->next_arg;
    outbox->series->fn = post->fn;
    outbox->series->release = post->release;
    outbox->next_arg = outbox->series->args;
    fit = (size_t)(outbox->open_end - outbox->next_arg);
    outbox->last_arg = outbox->next_arg + (fit < room ? fit : room);
}

static bool series_fits(const struct gyre__outbox *outbox)
{
    size_t words = sizeof *outbox->series / sizeof(void *) + 1;

    return outbox->open && (size_t)(outbox->open_end - outbox->next_arg) >= words;
}

void gyre__parcel_add(struct gyre__outbox *outbox, struct gyre__post post)
{
    end_series(outbox);
    if (!series_fits(outbox)) {
        gyre__parcel_close(outbox);
        open_parcel(outbox);
    }
    begin_series(outbox, &post);
    gyre__parcel_extend(outbox, post);
}

size_t gyre__parcel_open_posts(const struct gyre__outbox *outbox)
{
    return outbox->open ? outbox->open->count + (size_t)(outbox->next_arg - outbox->series->args) : 0;
}

void gyre__parcel_close(struct gyre__outbox *outbox)
{
    struct gyre__parcel *parcel = outbox->open;

    if (!parcel)
        return;
    end_series(outbox);
    parcel->end = outbox->next_arg;
    outbox->under_way += parcel->count;
    outbox->uncovered += parcel->count;
    gyre__stock_end(&outbox->stock, parcel->end);
    outbox->open = NULL;
    outbox->next_arg = outbox->last_arg = NULL;
}
