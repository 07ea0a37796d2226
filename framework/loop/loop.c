/* loop/loop.c - a loop is made, referred to, closed and freed. */
#include "loop/loop.h"
#include "base/check.h"
#include "base/memory.h"
#include "base/options.h"
#include "loop/table.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void be_awake(void *arg)
{
    gyre_loop *loop = arg;

    gyre__inbox_awake(loop->inbox);
    loop->now = gyre__loop_clock(loop);
}

static void on_wake(void *arg, int events)
{
    gyre_loop *loop = arg;

    gyre__wake_clear(loop->inbox->wake_fd);
    gyre__signals_deliver(loop);
}

/* What the system gives: a mailbox, a driver, a watch. Each may be refused. */
static bool equip(gyre_loop *loop)
{
    if (!loop->driver_class) {
        errno = ENOTSUP;
        return false;
    }
    loop->inbox = gyre__inbox_new();
    if (!loop->inbox)
        return false;
    loop->driver = loop->driver_class->make(be_awake, loop);
    if (!loop->driver)
        return false;
    loop->wake = loop->driver_class->watch(loop->driver, loop->inbox->wake_fd, GYRE__READABLE, on_wake, loop);
    return loop->wake != NULL;
}

static void unequip(gyre_loop *loop)
{
    gyre__stall_free(loop->stall);
    loop->stall = NULL;
    if (loop->wake)
        loop->driver_class->unwatch(loop->wake);
    if (loop->driver)
        loop->driver_class->close(loop->driver);
    loop->wake = NULL;
    loop->driver = NULL;
}

static void free_loop(gyre_loop *loop)
{
    if (loop->inbox)
        gyre__inbox_unref(loop->inbox);
    gyre__slab_clear(&loop->calls);
    gyre__sources_free(loop->sources);
    gyre__descriptors_free(loop);
    free(loop);
}

static gyre_loop *give_up(gyre_loop *loop)
{
    gyre_error_set(-errno, "no event loop can be made: %s", strerror(errno));
    unequip(loop);
    free_loop(loop);
    return NULL;
}

static void apply(gyre_loop *loop, const gyre_loop_options *options)
{
    gyre_loop_options filled = {0};

    gyre__options_fill(&filled, sizeof filled, options);
    loop->driver_class = gyre__driver_find(filled.driver);
    loop->stop_flag = filled.stop_flag == GYRE_YES;
    loop->stack_size = filled.stack_size;
    loop->executor_inline = filled.executor_inline == GYRE_YES;
    loop->slow = GYRE__SLOW;
    if (filled.debug ? filled.debug == GYRE_YES : gyre__debug_wanted())
        gyre_loop_set_debug(loop, true);
}

static bool watch(gyre_loop *loop, const gyre_loop_options *options)
{
    gyre_loop_options filled = {0};

    gyre__options_fill(&filled, sizeof filled, options);
    if (!(filled.stall_limit > 0))
        return true;
    loop->stall = gyre__stall_new(loop, &filled);
    return loop->stall != NULL;
}

gyre_loop *(gyre_loop_new)(const gyre_loop_options *options)
{
    gyre_loop *loop = gyre__calloc(sizeof *loop);

    gyre__ready_init(&loop->ready);
    gyre__slab_init(&loop->calls, GYRE__CACHE_LINE);
    gyre__list_init(&loop->flush);
    apply(loop, options);
    if (!equip(loop) || !watch(loop, options))
        return give_up(loop);
    gyre__loop_set_network(loop, options);
    /* One for the maker, one for the open loop itself. */
    atomic_init(&loop->references, 2);
    gyre__table_add(loop);
    loop->now = loop->polled = gyre__loop_clock(loop);
    return loop;
}

gyre_loop *gyre_loop_ref(gyre_loop *loop)
{
    if (loop)
        atomic_fetch_add_explicit(&loop->references, 1, memory_order_relaxed);
    return loop;
}

static void release_floors(gyre_loop *loop)
{
    for (int i = GYRE__FLOORS - 1; i >= 0; i--)
        if (loop->floors[i].release)
            loop->floors[i].release(loop, loop->floors[i].state);
}

static void end(gyre_loop *loop)
{
    release_floors(loop);
    gyre__table_remove(loop);
    free_loop(loop);
}

static void drop_reference(gyre_loop *loop)
{
    if (atomic_fetch_sub_explicit(&loop->references, 1, memory_order_acq_rel) == 1)
        end(loop);
}

/* Only the open loop's own reference would be left: nobody could run it any more. */
static void close_unused(gyre_loop *loop, unsigned references)
{
    if (references != 2 || gyre_loop_is_closed(loop))
        return;
    if (gyre_loop_get_debug(loop) && !loop->implicit)
        gyre_loop_call_exception_handler(loop, .message = "unclosed event loop");
    GYRE__CHECK(!gyre_loop_close(loop), "the last reference to a loop was given back inside it");
}

void gyre_loop_unref(gyre_loop *loop)
{
    unsigned references = loop ? atomic_load_explicit(&loop->references, memory_order_acquire) : 0;

    if (!loop)
        return;
    /* Of two threads that give the last two back, one must see that it is the last. */
    do {
        close_unused(loop, references);
    } while (!atomic_compare_exchange_weak_explicit(&loop->references, &references, references - 1,
                                                    memory_order_acq_rel, memory_order_acquire));
    if (references == 1)
        end(loop);
}

void gyre__loop_let_go(gyre_loop *loop)
{
    if (--loop->objects == 0 && gyre_loop_is_closed(loop))
        drop_reference(loop);
}

void gyre__loop_attach(gyre_loop *loop, enum gyre__floor floor, struct gyre__floor_state state)
{
    loop->floors[floor] = state;
}

static void close_floors(gyre_loop *loop)
{
    for (int i = GYRE__FLOORS - 1; i >= 0; i--)
        if (loop->floors[i].close)
            loop->floors[i].close(loop, loop->floors[i].state);
}

void gyre__loop_drop_calls(gyre_loop *loop)
{
    gyre__timers_clear(loop);
    while (loop->ready.first)
        gyre__call_drop(loop, gyre__ready_pop(&loop->ready));
}

static void close_inbox(gyre_loop *loop)
{
    struct gyre__call *letter = gyre__inbox_close(loop->inbox);

    while (letter) {
        struct gyre__call *next = letter->next;

        gyre__call_drop(loop, letter);
        letter = next;
    }
}

int gyre_loop_close(gyre_loop *loop)
{
    if (gyre_loop_is_running(loop))
        return gyre_error_set(GYRE_ELOOPRUNNING, "Cannot close a running event loop");
    if (gyre_loop_is_closed(loop))
        return 0;
    /* An object that goes while the floors close must not free the loop beneath them. */
    gyre__loop_hold(loop);
    atomic_fetch_or(&loop->flags, GYRE__LOOP_CLOSED);
    gyre__signals_clear(loop);
    gyre__descriptors_clear(loop);
    close_floors(loop);
    close_inbox(loop);
    gyre__loop_drop_calls(loop);
    unequip(loop);
    gyre__loop_let_go(loop);
    return 0;
}

bool gyre_loop_is_running(const gyre_loop *loop)
{
    return atomic_load(&loop->running);
}

bool gyre_loop_is_closed(const gyre_loop *loop)
{
    return atomic_load_explicit(&loop->flags, memory_order_acquire) & GYRE__LOOP_CLOSED;
}

int gyre_loop_run_forever(gyre_loop *loop)
{
    return gyre__loop_run(loop);
}

static uint64_t read_counter(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void gyre_loop_get_stats(const gyre_loop *loop, gyre_loop_stats *stats)
{
    *stats = (gyre_loop_stats){
        .turns = read_counter(&loop->counters.turns),
        .calls = read_counter(&loop->counters.calls),
        .polls = read_counter(&loop->counters.polls),
        .wakes = read_counter(&loop->inbox->wakes),
        .timers = atomic_load_explicit(&loop->counters.timers, memory_order_relaxed),
        .tasks = atomic_load_explicit(&loop->counters.tasks, memory_order_relaxed),
        .transports = atomic_load_explicit(&loop->counters.transports, memory_order_relaxed),
    };
}
