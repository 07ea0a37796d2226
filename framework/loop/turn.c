/* loop/turn.c - one turn after the other: ready batch, flush, poll with I/O inline, due timers, inbox. */
#include "loop/current.h"
#include "loop/loop.h"
#include <errno.h>
#include <signal.h>

enum {
    MOST_SKIPS = 16,        /* polls that may be left out in a row while callbacks are ready */
    MOST_SKIPPED_NS = 20000 /* and for how long */
};

/* Exactly the calls that are there now; what they append waits. With a stop marker, only up to it. */
static uint64_t batch_size(const gyre_loop *loop)
{
    uint64_t end = loop->ready.pushed;

    if (loop->stopping && !loop->stop_flag && loop->stop_mark < end)
        end = loop->stop_mark;
    return end > loop->ready.popped ? end - loop->ready.popped : 0;
}

static void __attribute__((cold, noinline)) run_watched(gyre_loop *loop, uint64_t size)
{
    while (size-- > 0)
        gyre__call_watch(loop, gyre__ready_pop(&loop->ready), "Handle");
}

static void run_plain(gyre_loop *loop, uint64_t size)
{
    while (size-- > 0) {
        struct gyre__call *call = gyre__ready_pop(&loop->ready);

        __builtin_prefetch(loop->ready.first);
        gyre__call_run(loop, call);
    }
}

static void run_batch(gyre_loop *loop)
{
    uint64_t size = batch_size(loop);

    gyre__count(&loop->counters.calls, size);
    if (gyre__loop_guarded(loop))
        run_watched(loop, size);
    else
        run_plain(loop, size);
    gyre__vars_switch(NULL);
}

void gyre__loop_flush(gyre_loop *loop)
{
    struct gyre__list work;
    struct gyre__list *link;

    gyre__list_take(&work, &loop->flush);
    while ((link = gyre__list_pop(&work))) {
        struct gyre__flush *flush = GYRE__OF(link, struct gyre__flush, link);

        flush->fn(flush);
    }
}

static bool leaving(const gyre_loop *loop)
{
    return loop->ending || (loop->stopping && (loop->stop_flag || loop->ready.popped >= loop->stop_mark));
}

static bool may_wait(const gyre_loop *loop)
{
    return !loop->ready.first && !loop->stopping && !loop->ending && gyre__list_empty(&loop->flush);
}

/* With callbacks ready a poll may be left out, a few times and not for long: a system call costs more than
 * most callbacks. */
static bool may_skip(gyre_loop *loop)
{
    if (!loop->ready.first || leaving(loop) || ++loop->skipped > MOST_SKIPS)
        return false;
    loop->now = gyre__loop_clock(loop);
    return loop->now - loop->polled < MOST_SKIPPED_NS;
}

static void poll_driver(gyre_loop *loop, int64_t deadline)
{
    gyre__count(&loop->counters.polls, 1);
    /* I/O callbacks stamp what they see with `now`; a poll that waits sets it when it wakes. */
    if (deadline == GYRE__NO_WAIT)
        loop->now = gyre__loop_clock(loop);
    loop->driver_class->poll(loop->driver, deadline);
    loop->now = loop->polled = gyre__loop_clock(loop);
    loop->skipped = 0;
}

static void wait_driver(gyre_loop *loop)
{
    int64_t deadline = gyre__timers_next(loop);

    if (deadline <= loop->now || !gyre__inbox_sleep(loop->inbox)) {
        poll_driver(loop, GYRE__NO_WAIT);
        return;
    }
    if (gyre__loop_is_virtual(loop))
        deadline = gyre__virtual_wait(loop, deadline);
    poll_driver(loop, deadline);
    gyre__inbox_awake(loop->inbox);
}

static void poll_loop(gyre_loop *loop)
{
    if (may_skip(loop))
        return;
    if (may_wait(loop))
        wait_driver(loop);
    else
        poll_driver(loop, GYRE__NO_WAIT);
}

static void read_letter(gyre_loop *loop, struct gyre__call *letter)
{
    if (letter->kind == GYRE__CALL_CANCEL)
        gyre__cancel_foreign(loop, letter);
    else
        gyre__loop_ready(loop, letter);
}

void gyre__loop_read_inbox(gyre_loop *loop)
{
    struct gyre__call *letter = gyre__inbox_drain(loop->inbox);

    while (letter) {
        struct gyre__call *next = letter->next;

        read_letter(loop, letter);
        letter = next;
    }
}

static void turn(gyre_loop *loop)
{
    uint32_t armed = loop->timers.sequence;

    gyre__count(&loop->counters.turns, 1);
    run_batch(loop);
    gyre__loop_flush(loop);
    poll_loop(loop);
    gyre__timers_run(loop, armed);
    gyre__loop_read_inbox(loop);
}

int gyre__loop_runnable(const gyre_loop *loop)
{
    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (gyre_loop_is_running(loop))
        return gyre_error_set(GYRE_ELOOPRUNNING, "This event loop is already running");
    if (gyre__running_loop())
        return gyre_error_set(GYRE_ELOOPRUNNING, "Cannot run the event loop while another loop is running");
    return 0;
}

static void block_sigpipe(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void enter(gyre_loop *loop)
{
    block_sigpipe();
    atomic_store_explicit(&loop->thread, pthread_self(), memory_order_relaxed);
    loop->now = loop->polled = gyre__loop_clock(loop);
    loop->skipped = MOST_SKIPS;
    atomic_store(&loop->running, true);
    loop->outer = gyre__vars_switch(NULL);
    gyre__set_running_loop(loop);
    if (loop->stall)
        gyre__stall_begin(loop->stall);
}

static void leave(gyre_loop *loop)
{
    gyre__loop_flush(loop);
    if (loop->stall)
        gyre__stall_end(loop->stall);
    gyre__set_running_loop(NULL);
    gyre__vars_switch(loop->outer);
    atomic_store(&loop->running, false);
    loop->stopping = loop->ending = loop->deadlocked = false;
}

int gyre__loop_run(gyre_loop *loop)
{
    int err = gyre__loop_runnable(loop);

    if (err)
        return err;
    enter(loop);
    do
        turn(loop);
    while (!leaving(loop));
    err = loop->deadlocked ? -EDEADLK : 0;
    leave(loop);
    return err;
}

void gyre__loop_end(gyre_loop *loop)
{
    loop->ending = true;
}

void gyre_loop_stop(gyre_loop *loop)
{
    gyre__loop_assert_here(loop);
    if (loop->stopping)
        return;
    loop->stopping = true;
    loop->stop_mark = loop->ready.pushed;
}
