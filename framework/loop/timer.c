/* loop/timer.c - arm, cancel, expire. */
#include "loop/loop.h"
#include <math.h>

enum { COMPACT_ABOVE = 100 };

int64_t gyre__nanoseconds(double seconds)
{
    const double most = 9e18;
    double nanoseconds = ceil(seconds * 1e9);

    return nanoseconds > most ? (int64_t)most : nanoseconds < -most ? -(int64_t)most : (int64_t)nanoseconds;
}

static void count(gyre_loop *loop)
{
    struct gyre__timers *timers = &loop->timers;

    atomic_store_explicit(&loop->counters.timers, timers->heap.count - timers->cancelled,
                          memory_order_relaxed);
}

void gyre__timers_arm(gyre_loop *loop, struct gyre__call *call)
{
    struct gyre__timers *timers = &loop->timers;

    gyre__heap_push(&timers->heap, (struct gyre__heap_entry){call->when, timers->sequence++, call});
    count(loop);
}

static bool keep_live(void *item, void *arg)
{
    struct gyre__call *call = item;

    if (!call->cancelled)
        return true;
    gyre__call_free(arg, call);
    return false;
}

void gyre__timers_cancelled(gyre_loop *loop)
{
    struct gyre__timers *timers = &loop->timers;

    timers->cancelled++;
    if (timers->heap.count > COMPACT_ABOVE && timers->cancelled * 2 > timers->heap.count) {
        gyre__heap_filter(&timers->heap, keep_live, loop);
        timers->cancelled = 0;
    }
    count(loop);
}

static struct gyre__call *pop(gyre_loop *loop)
{
    return gyre__heap_pop(&loop->timers.heap).item;
}

int64_t gyre__timers_next(gyre_loop *loop)
{
    struct gyre__timers *timers = &loop->timers;

    while (timers->heap.count > 0) {
        struct gyre__call *call = timers->heap.entries[0].item;

        if (!call->cancelled)
            return call->when;
        gyre__call_free(loop, pop(loop));
        timers->cancelled--;
    }
    return GYRE__FOREVER;
}

/* Moves the timers that are due to `due`, and those among them that this turn armed to `later`. */
static void take_due(gyre_loop *loop, uint64_t sequence, struct gyre__ready *due, struct gyre__heap *later)
{
    while (gyre__timers_next(loop) <= loop->now) {
        struct gyre__heap_entry entry = gyre__heap_pop(&loop->timers.heap);
        struct gyre__call *call = entry.item;

        if (entry.sequence >= sequence) {
            gyre__heap_push(later, entry);
            continue;
        }
        call->kind = GYRE__CALL_SOON;
        gyre__ready_push(due, call);
    }
}

static void put_back(struct gyre__heap *heap, struct gyre__heap *later)
{
    for (size_t i = 0; i < later->count; i++)
        gyre__heap_push(heap, later->entries[i]);
    gyre__heap_clear(later);
}

void gyre__timers_run(gyre_loop *loop, uint64_t sequence)
{
    struct gyre__heap later = {0};
    struct gyre__ready due;

    if (loop->timers.heap.count == 0)
        return;
    gyre__ready_init(&due);
    take_due(loop, sequence, &due, &later);
    put_back(&loop->timers.heap, &later);
    count(loop);
    while (due.first)
        gyre__call_run(loop, gyre__ready_pop(&due));
}

void gyre__timers_clear(gyre_loop *loop)
{
    while (loop->timers.heap.count > 0)
        gyre__call_drop(loop, pop(loop));
    loop->timers.cancelled = 0;
    gyre__heap_clear(&loop->timers.heap);
    count(loop);
}
