/* task/concurrent.c - a result that any thread can give and any thread can wait for.
 *
 * The first outcome stays. Who gives it calls the callbacks, without the lock, from a list that nobody else
 * can reach any more.
 */
#include "task/concurrent.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

/* One done-callback. */
struct gyre__concurrent_call {
    struct gyre__concurrent_call *next; /* the one added after it */
    gyre_concurrent_callback fn;        /* what to call */
    void *arg;                          /* for it */
    gyre_release release;               /* frees arg, or NULL */
};

static void free_plain(gyre_concurrent_future *future)
{
    free(future);
}

static const struct gyre__concurrent_class plain = {.destroy = free_plain};

void gyre__concurrent_init(gyre_concurrent_future *future, const struct gyre__concurrent_class *class)
{
    future->class = class;
    atomic_init(&future->references, 1);
    pthread_mutex_init(&future->lock, NULL);
    gyre__clock_init_cond(&future->changed);
}

gyre_concurrent_future *gyre_concurrent_future_new(void)
{
    gyre_concurrent_future *future = gyre__calloc(sizeof *future);

    gyre__concurrent_init(future, &plain);
    return future;
}

gyre_concurrent_future *gyre_concurrent_future_ref(gyre_concurrent_future *future)
{
    if (future)
        atomic_fetch_add_explicit(&future->references, 1, memory_order_relaxed);
    return future;
}

/* Calls what was added, or lets it go uncalled. */
static void end_calls(gyre_concurrent_future *future, struct gyre__concurrent_call *call, bool run)
{
    while (call) {
        struct gyre__concurrent_call *next = call->next;

        if (run)
            call->fn(future, call->arg);
        if (call->release)
            call->release(call->arg);
        free(call);
        call = next;
    }
}

void gyre_concurrent_future_unref(gyre_concurrent_future *future)
{
    if (!future || atomic_fetch_sub_explicit(&future->references, 1, memory_order_acq_rel) != 1)
        return;
    end_calls(future, future->calls, false);
    if (future->outcome.release)
        future->outcome.release(future->outcome.value);
    free(future->outcome.text);
    pthread_cond_destroy(&future->changed);
    pthread_mutex_destroy(&future->lock);
    future->class->destroy(future);
}

static bool may_become(const gyre_concurrent_future *future, enum gyre__concurrent_state state)
{
    return state == GYRE__CONCURRENT_FINISHED ? !gyre__concurrent_done(future)
                                              : future->state == GYRE__CONCURRENT_PENDING;
}

bool gyre__concurrent_settle(gyre_concurrent_future *future, enum gyre__concurrent_state state,
                             struct gyre__outcome outcome)
{
    struct gyre__concurrent_call *calls = NULL;
    bool settled;

    pthread_mutex_lock(&future->lock);
    settled = may_become(future, state);
    if (settled) {
        future->state = state;
        future->outcome = outcome;
        calls = future->calls;
        future->calls = NULL;
        pthread_cond_broadcast(&future->changed);
    }
    pthread_mutex_unlock(&future->lock);
    end_calls(future, calls, true);
    return settled;
}

int gyre_concurrent_future_set_running_or_notify_cancel(gyre_concurrent_future *future)
{
    enum gyre__concurrent_state before;

    pthread_mutex_lock(&future->lock);
    before = future->state;
    if (before == GYRE__CONCURRENT_PENDING)
        future->state = GYRE__CONCURRENT_RUNNING;
    pthread_mutex_unlock(&future->lock);
    if (before == GYRE__CONCURRENT_PENDING || before == GYRE__CONCURRENT_CANCELLED)
        return before == GYRE__CONCURRENT_PENDING;
    return gyre_error_set(GYRE_ERUNTIME, "Future in unexpected state");
}

static int refuse_second(void)
{
    return gyre_error_set(GYRE_EINVALIDSTATE, "The future has its outcome already");
}

int(gyre_concurrent_future_set_result)(gyre_concurrent_future *future, void *value,
                                       const gyre_result_options *options)
{
    struct gyre__outcome outcome = {.value = value, .release = options ? options->release : NULL};

    return gyre__concurrent_settle(future, GYRE__CONCURRENT_FINISHED, outcome) ? 0 : refuse_second();
}

int gyre_concurrent_future_set_exception(gyre_concurrent_future *future, int err)
{
    struct gyre__outcome outcome = {.code = err};

    if (err >= 0)
        return gyre_error_set(GYRE_ETYPE, "an exception is a negative code, not %d", err);
    outcome.text = gyre__strdup(gyre_error_text());
    if (gyre__concurrent_settle(future, GYRE__CONCURRENT_FINISHED, outcome))
        return 0;
    free(outcome.text);
    return refuse_second();
}

bool gyre_concurrent_future_cancel(gyre_concurrent_future *future)
{
    struct gyre__outcome outcome = {.code = GYRE_ECANCELLED};

    if (!gyre__concurrent_settle(future, GYRE__CONCURRENT_CANCELLED, outcome))
        return gyre_concurrent_future_cancelled(future);
    if (future->class->cancelled)
        future->class->cancelled(future);
    return true;
}

/* Called with the lock. */
static void append(gyre_concurrent_future *future, struct gyre__concurrent_call *call)
{
    struct gyre__concurrent_call **place = &future->calls;

    while (*place)
        place = &(*place)->next;
    *place = call;
}

void(gyre_concurrent_future_add_done_callback)(gyre_concurrent_future *future, gyre_concurrent_callback fn,
                                               void *arg, const gyre_call_options *options)
{
    struct gyre__concurrent_call *call = gyre__calloc(sizeof *call);
    bool done;

    *call =
        (struct gyre__concurrent_call){.fn = fn, .arg = arg, .release = options ? options->release : NULL};
    pthread_mutex_lock(&future->lock);
    done = gyre__concurrent_done(future);
    if (!done)
        append(future, call);
    pthread_mutex_unlock(&future->lock);
    if (done)
        end_calls(future, call, true);
}
