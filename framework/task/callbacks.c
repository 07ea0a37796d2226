/* task/callbacks.c - the done-callbacks of futures: added, removed, scheduled, run. */
#include "task/task.h"

static void free_call(gyre_loop *loop, struct gyre__call *call)
{
    gyre_release release = call->release;
    void *arg = call->arg;

    gyre__call_free(loop, call);
    if (release)
        release(arg);
}

void gyre__future_drop_callbacks(gyre_future *future)
{
    while (future->callbacks) {
        struct gyre__call *call = future->callbacks;

        future->callbacks = call->next;
        free_call(future->loop, call);
    }
}

void gyre__future_run_done(gyre_loop *loop, struct gyre__call *call, bool run)
{
    gyre_future *future = call->future;

    if (run) {
        loop->current = call;
        gyre__vars_switch(&call->vars);
        call->done(future, call->arg);
        loop->current = NULL;
    }
    free_call(loop, call);
    gyre_future_unref(future);
}

static void schedule(gyre_future *future, struct gyre__call *call)
{
    if (gyre_loop_is_closed(future->loop)) {
        free_call(future->loop, call);
        return;
    }
    call->future = gyre_future_ref(future);
    gyre__loop_ready(future->loop, call);
}

/* The list is taken first: a callback's release may add to it or take from it. */
void gyre__future_schedule_callbacks(gyre_future *future)
{
    struct gyre__call *call = future->callbacks;

    future->callbacks = NULL;
    future->last = &future->callbacks;
    while (call) {
        struct gyre__call *next = call->next;

        schedule(future, call);
        call = next;
    }
}

static struct gyre__call *make_call(gyre_future *future, gyre_done_callback fn, void *arg,
                                    gyre_release release, gyre_future *awaiter)
{
    struct gyre__call *call = gyre__call_new(future->loop, GYRE__CALL_DONE, arg, release);

    call->done = fn;
    call->next = NULL;
    call->future = awaiter;
    return call;
}

static void add_call(gyre_future *future, struct gyre__call *call)
{
    if (future->state != GYRE__PENDING) {
        schedule(future, call);
        return;
    }
    *future->last = call;
    future->last = &call->next;
}

void gyre__future_listen(gyre_future *future, gyre_done_callback fn, void *arg, gyre_release release,
                         gyre_future *awaiter)
{
    add_call(future, make_call(future, fn, arg, release, awaiter));
}

void(gyre_future_add_done_callback)(gyre_future *future, gyre_done_callback fn, void *arg,
                                    const gyre_call_options *options)
{
    struct gyre__call *call;

    gyre__loop_assert_here(future->loop);
    call = make_call(future, fn, arg, options ? options->release : NULL, NULL);
    call->vars = gyre__call_vars(options);
    gyre__source_note(future->loop, call);
    add_call(future, call);
}

/* Unlinks the calls that match and returns them. */
static struct gyre__call *take_matching(gyre_future *future, gyre_done_callback fn, void *arg)
{
    struct gyre__call *taken = NULL, **place = &future->callbacks;

    while (*place) {
        struct gyre__call *call = *place;

        if (call->done != fn || call->arg != arg) {
            place = &call->next;
            continue;
        }
        *place = call->next;
        call->next = taken;
        taken = call;
    }
    future->last = place;
    return taken;
}

size_t gyre_future_remove_done_callback(gyre_future *future, gyre_done_callback fn, void *arg)
{
    struct gyre__call *call = take_matching(future, fn, arg);
    size_t count = 0;

    while (call) {
        struct gyre__call *next = call->next;

        free_call(future->loop, call);
        call = next;
        count++;
    }
    return count;
}
