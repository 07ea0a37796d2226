/* task/wrap.c - wrap_future: a loop's future that goes with a concurrent one.
 *
 *   concurrent future ──► its callback, on any thread ──► a letter to the inbox ──► the loop's future is done
 *
 * A wrap stands between the two. The loop's thread alone looks at its `future`, and takes it out when the
 * loop closes: what comes later finds nobody.
 */
#include "base/memory.h"
#include "task/blocking.h"
#include "task/concurrent.h"

/* The loop's future. */
struct gyre__wrapped {
    gyre_future future;             /* must stay first */
    gyre_concurrent_future *source; /* a reference: whose outcome and value it has */
};

static struct gyre__wrap *hold(struct gyre__wrap *wrap)
{
    atomic_fetch_add_explicit(&wrap->references, 1, memory_order_relaxed);
    return wrap;
}

static void let_go(void *arg)
{
    struct gyre__wrap *wrap = arg;

    if (atomic_fetch_sub_explicit(&wrap->references, 1, memory_order_acq_rel) != 1)
        return;
    gyre__inbox_unref(wrap->inbox);
    free(wrap);
}

static void free_wrapped(gyre_future *future)
{
    gyre_concurrent_future_unref(((struct gyre__wrapped *)future)->source);
    free(future);
}

static const struct gyre__future_class wrapped_class = {
    .never_retrieved = "Future exception was never retrieved",
    .cancel = gyre__future_cancel,
    .destroy = free_wrapped,
};

void gyre__wrap_part(struct gyre__wrap *wrap)
{
    gyre_future *future = wrap->future;

    gyre__list_remove(&wrap->link);
    wrap->future = NULL;
    future->loop->expected--;
    gyre_future_unref(future);
    let_go(wrap);
}

static void copy(gyre_future *future, const struct gyre__outcome *outcome)
{
    if (gyre_future_done(future))
        return;
    future->text = gyre__strdup(outcome->text);
    future->value = outcome->value;
    gyre__future_finish(future, outcome->code);
}

static void deliver(void *arg)
{
    struct gyre__wrap *wrap = arg;
    gyre_concurrent_future *source;

    if (!wrap->future)
        return;
    source = ((struct gyre__wrapped *)wrap->future)->source;
    if (gyre_concurrent_future_cancelled(source))
        gyre_future_cancel(wrap->future);
    else
        copy(wrap->future, &source->outcome);
    gyre__wrap_part(wrap);
}

static void source_done(gyre_concurrent_future *source, void *arg)
{
    struct gyre__wrap *wrap = arg;

    gyre__post(wrap->inbox, deliver, hold(wrap), let_go);
}

static void pass_cancel(gyre_future *future, void *arg)
{
    if (gyre_future_cancelled(future))
        gyre_concurrent_future_cancel(((struct gyre__wrapped *)future)->source);
}

static void join(gyre_future *future, gyre_concurrent_future *source)
{
    struct gyre__wrap *wrap = gyre__calloc(sizeof *wrap);

    atomic_init(&wrap->references, 1);
    wrap->inbox = gyre__inbox_ref(future->loop->inbox);
    wrap->future = gyre_future_ref(future);
    future->loop->expected++;
    gyre__list_append(&gyre__blocking_of(future->loop)->wraps, &wrap->link);
    gyre_future_add_done_callback(future, pass_cancel, NULL);
    gyre_concurrent_future_add_done_callback(source, source_done, hold(wrap), .release = let_go);
}

gyre_future *(gyre_wrap_future)(gyre_concurrent_future *source, const gyre_wrap_options *options)
{
    gyre_loop *loop = options && options->loop ? options->loop : gyre_get_event_loop();
    struct gyre__wrapped *wrapped = gyre__calloc(sizeof *wrapped);

    gyre__future_init(&wrapped->future, loop, &wrapped_class);
    wrapped->source = gyre_concurrent_future_ref(source);
    if (!gyre_loop_is_closed(loop))
        join(&wrapped->future, source);
    return &wrapped->future;
}
