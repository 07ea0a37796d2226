/* loop/handle.c - calls: made, run, dropped, cancelled; and the tickets that name them. */
#include "loop/handle.h"
#include "base/memory.h"
#include "loop/loop.h"
#include "loop/monitor.h"
#include "loop/reader.h"
#include "loop/table.h"
#include <stdlib.h>

/* What gyre_handle.state may hold when the call was made. */
enum { TICKET_CANCELLED = 1, TICKET_FOREIGN = 2, TICKET_MONITOR = 4 };

/* A place that was never given out learns its number. */
static struct gyre__call *__attribute__((cold, noinline)) new_place(gyre_loop *loop)
{
    struct gyre__call *call = gyre__slab_grow(&loop->calls);

    call->place = loop->calls.fresh - 1;
    return call;
}

struct gyre__call *gyre__call_new(gyre_loop *loop, enum gyre__call_kind kind, void *arg, gyre_release release)
{
    struct gyre__call *call = loop->calls.free ? gyre__slab_get(&loop->calls) : new_place(loop);

    if (++loop->generation == 0)
        loop->generation = 1;
    call->generation = loop->generation;
    call->arg = arg;
    call->release = release;
    call->kind = (uint8_t)kind;
    call->cancelled = false;
    call->vars.word = 0;
    return call;
}

/* A ticket that comes late finds the place cancelled. */
static void free_place(gyre_loop *loop, struct gyre__call *call)
{
    call->cancelled = true;
    gyre__vars_clear(&call->vars);
    gyre__slab_put(&loop->calls, call);
}

void gyre__call_free(gyre_loop *loop, struct gyre__call *call)
{
    switch (call->kind) {
    case GYRE__CALL_FOREIGN:
    case GYRE__CALL_CANCEL:
        gyre__vars_clear(&call->vars);
        free(call);
        break;
    case GYRE__CALL_EMBEDDED:
        break;
    case GYRE__CALL_WATCHED:
        gyre__reader_ran(call);
        break;
    default:
        free_place(loop, call);
    }
}

/* Once: the release may cancel the call's own ticket. */
static void release_arg(struct gyre__call *call)
{
    gyre_release release = call->cancelled ? NULL : call->release;

    call->cancelled = true;
    if (release)
        release(call->arg);
}

/* While it is the current one nobody cancels it. */
static void run_plain(gyre_loop *loop, struct gyre__call *call)
{
    if (!call->cancelled) {
        loop->current = call;
        gyre__vars_switch(&call->vars);
        call->fn(call->arg);
        loop->current = NULL;
        if (call->release)
            release_arg(call);
    }
    if (call->kind == GYRE__CALL_SOON)
        free_place(loop, call);
    else
        gyre__call_free(loop, call);
}

/* It may be gone when fn returns, and so has no context to run in. */
static void run_embedded(struct gyre__call *call)
{
    gyre__vars_switch(NULL);
    call->fn(call->arg);
}

void gyre__call_run(gyre_loop *loop, struct gyre__call *call)
{
    if (call->kind == GYRE__CALL_EMBEDDED)
        run_embedded(call);
    else if (call->kind == GYRE__CALL_DONE)
        loop->done(loop, call, true);
    else
        run_plain(loop, call);
}

void gyre__call_drop(gyre_loop *loop, struct gyre__call *call)
{
    if (call->kind == GYRE__CALL_DONE) {
        loop->done(loop, call, false);
        return;
    }
    if (call->kind == GYRE__CALL_EMBEDDED) {
        /* Its owner may free it here. */
        release_arg(call);
        return;
    }
    release_arg(call);
    gyre__call_free(loop, call);
}

void gyre__call_cancel(struct gyre__call *call)
{
    release_arg(call);
}

gyre_handle gyre__ticket(gyre_loop *loop, const struct gyre__call *call)
{
    if (call->kind == GYRE__CALL_FOREIGN)
        return (gyre_handle){.id = call->number, .loop = loop->id, .state = TICKET_FOREIGN};
    return (gyre_handle){.id = (uint64_t)call->generation << 32 | call->place, .loop = loop->id};
}

gyre_handle gyre__ticket_monitor(const gyre_loop *loop, uint64_t number)
{
    return (gyre_handle){.id = number, .loop = loop->id, .state = TICKET_MONITOR};
}

gyre_handle gyre__ticket_error(int err, void *arg, gyre_release release)
{
    if (release)
        release(arg);
    return (gyre_handle){.state = err};
}

/* The pending call that a ticket of this thread's loop names, NULL when it has run or is gone. */
static struct gyre__call *find(gyre_loop *loop, const gyre_handle *handle)
{
    struct gyre__call *call = loop ? gyre__slab_at(&loop->calls, (uint32_t)handle->id) : NULL;

    if (!call || call->generation != handle->id >> 32 || call->cancelled || call == loop->current)
        return NULL;
    return call;
}

static void cancel_here(const gyre_handle *handle)
{
    gyre_loop *loop = gyre__table_loop(handle->loop);
    struct gyre__call *call = find(loop, handle);

    if (!call)
        return;
    gyre__loop_assert_here(loop);
    if (call->kind == GYRE__CALL_TIMER)
        gyre__timers_disarm(loop, call);
    gyre__call_cancel(call);
    if (call->kind == GYRE__CALL_TIMER)
        free_place(loop, call);
}

static bool cancel_ready(gyre_loop *loop, uint64_t number)
{
    for (struct gyre__call *call = loop->ready.first; call; call = call->next) {
        if (call->kind == GYRE__CALL_FOREIGN && call->number == number) {
            gyre__call_cancel(call);
            return true;
        }
    }
    return false;
}

void gyre__cancel_foreign(gyre_loop *loop, struct gyre__call *letter)
{
    cancel_ready(loop, letter->number);
    gyre__call_free(loop, letter);
}

/* The order of letters does the rest: this one is read after the call that it cancels was queued. */
static void post_cancel(const gyre_handle *handle)
{
    struct gyre__inbox *inbox = gyre__table_inbox(handle->loop);
    struct gyre__call *letter;

    if (!inbox)
        return;
    letter = gyre__calloc(sizeof *letter);
    letter->kind = GYRE__CALL_CANCEL;
    letter->number = handle->id;
    if (gyre__inbox_push(inbox, letter))
        free(letter);
    gyre__inbox_unref(inbox);
}

static void cancel_anywhere(const gyre_handle *handle)
{
    gyre_loop *here = gyre__running_loop();

    if (here && here->id == handle->loop && cancel_ready(here, handle->id))
        return;
    post_cancel(handle);
}

static void cancel_monitor(const gyre_handle *handle)
{
    gyre_loop *loop = gyre__table_loop(handle->loop);

    if (loop)
        gyre__monitor_cancel(loop, handle->id);
}

void gyre_handle_cancel(gyre_handle *handle)
{
    if (handle->state < 0 || (handle->state & TICKET_CANCELLED))
        return;
    if (handle->state & TICKET_FOREIGN)
        cancel_anywhere(handle);
    else if (handle->state & TICKET_MONITOR)
        cancel_monitor(handle);
    else if (handle->id)
        cancel_here(handle);
    handle->state |= TICKET_CANCELLED;
}

bool gyre_handle_cancelled(const gyre_handle *handle)
{
    return handle->state > 0 && (handle->state & TICKET_CANCELLED);
}

double gyre_handle_when(const gyre_handle *handle)
{
    return handle->when;
}

int gyre_handle_error(const gyre_handle *handle)
{
    return handle->state < 0 ? handle->state : 0;
}
