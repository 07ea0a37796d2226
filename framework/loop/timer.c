/* loop/timer.c - arm, cancel, expire. */
#include "base/memory.h"
#include "loop/lazy_timer.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COMPACT_ABOVE = 100 };

int64_t gyre__nanoseconds(double seconds)
{
    const double most = 9e18;
    double nanoseconds = ceil(seconds * 1e9);

    return nanoseconds > most ? (int64_t)most : nanoseconds < -most ? -(int64_t)most : (int64_t)nanoseconds;
}

/* How many there are when none is waiting. */
static void count(gyre_loop *loop)
{
    struct gyre__timers *timers = &loop->timers;

    atomic_store_explicit(&loop->counters.timers, timers->heap.count - timers->cancelled,
                          memory_order_relaxed);
}

static void know_place(struct gyre__timers *timers, uint32_t place)
{
    size_t before = timers->places;

    while (timers->places <= place)
        timers->places = timers->places ? timers->places * 2 : 64;
    timers->armed = gyre__realloc(timers->armed, timers->places * sizeof *timers->armed);
    memset(timers->armed + before, 0, (timers->places - before) * sizeof *timers->armed);
}

void gyre__timers_arm(gyre_loop *loop, struct gyre__call *call, uint32_t number)
{
    struct gyre__timers *timers = &loop->timers;

    if (call->place >= timers->places)
        know_place(timers, call->place);
    timers->armed[call->place] = number;
    gyre__heap_push(&timers->heap, (struct gyre__heap_entry){call->when, number, call->place});
    gyre__count(&loop->counters.timers, 1);
}

static bool is_armed(const struct gyre__heap_entry *entry, void *arg)
{
    const struct gyre__timers *timers = arg;

    return timers->armed[entry->item] == entry->sequence;
}

void gyre__timers_disarm(gyre_loop *loop, struct gyre__call *call)
{
    struct gyre__timers *timers = &loop->timers;

    timers->armed[call->place] = 0;
    timers->cancelled++;
    if (timers->heap.count > COMPACT_ABOVE && timers->cancelled * 2 > timers->heap.count) {
        gyre__heap_filter(&timers->heap, is_armed, timers);
        timers->cancelled = 0;
    }
    gyre__count(&loop->counters.timers, (uint64_t)-1);
}

int64_t gyre__timers_next(gyre_loop *loop)
{
    struct gyre__timers *timers = &loop->timers;

    gyre__lazy_settle(loop);
    while (timers->heap.count > 0) {
        if (is_armed(&timers->heap.entries[0], timers))
            return timers->heap.entries[0].when;
        gyre__heap_pop(&timers->heap);
        timers->cancelled--;
    }
    return GYRE__FOREVER;
}

static struct gyre__call *take(gyre_loop *loop, uint32_t place)
{
    struct gyre__call *call = gyre__slab_at(&loop->calls, place);

    loop->timers.armed[place] = 0;
    call->kind = GYRE__CALL_SOON;
    return call;
}

/* Moves the timers that are due to `due`, and those among them that this turn armed to `later`. */
static void take_due(gyre_loop *loop, uint32_t sequence, struct gyre__ready *due, struct gyre__heap *later)
{
    uint32_t armed_since = loop->timers.sequence - sequence;

    while (gyre__timers_next(loop) <= loop->now) {
        struct gyre__heap_entry entry = gyre__heap_pop(&loop->timers.heap);

        if (entry.sequence - sequence - 1 < armed_since)
            gyre__heap_push(later, entry);
        else
            gyre__ready_push(due, take(loop, entry.item));
    }
}

static void put_back(struct gyre__heap *heap, struct gyre__heap *later)
{
    for (size_t i = 0; i < later->count; i++)
        gyre__heap_push(heap, later->entries[i]);
    gyre__heap_clear(later);
}

static void run(gyre_loop *loop, struct gyre__call *call)
{
    if (gyre__loop_guarded(loop))
        gyre__call_watch(loop, call, "TimerHandle");
    else
        gyre__call_run(loop, call);
}

void gyre__timers_run(gyre_loop *loop, uint32_t sequence)
{
    struct gyre__heap later = {0};
    struct gyre__ready due;

    gyre__lazy_settle(loop);
    if (loop->timers.heap.count == 0)
        return;
    gyre__ready_init(&due);
    take_due(loop, sequence, &due, &later);
    put_back(&loop->timers.heap, &later);
    count(loop);
    while (due.first)
        run(loop, gyre__ready_pop(&due));
    gyre__vars_switch(NULL);
}

void gyre__timers_clear(gyre_loop *loop)
{
    struct gyre__timers *timers = &loop->timers;

    timers->lazy = NULL;
    while (gyre__timers_next(loop) < GYRE__FOREVER)
        gyre__call_drop(loop, take(loop, gyre__heap_pop(&timers->heap).item));
    gyre__heap_clear(&timers->heap);
    free(timers->armed);
    timers->armed = NULL;
    timers->places = 0;
    count(loop);
}
