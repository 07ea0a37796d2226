/* task/wait.c - waiting for several futures at once. */
#include "base/memory.h"
#include "task/several.h"
#include <gyre/combine.h>
#include <math.h>
#include <stdlib.h>

/* Shared by the callbacks of one gyre_wait: a late one may run after the wait has returned. */
struct waiting {
    unsigned references;    /* the wait and each callback */
    gyre_return_when when;  /* when to wake */
    gyre_future *waiter;    /* what the task awaits */
    size_t left;            /* futures that are not done */
    size_t count;           /* futures, each once */
    gyre_future *futures[]; /* one reference each */
};

static void let_go(void *arg)
{
    struct waiting *waiting = arg;

    if (--waiting->references > 0)
        return;
    gyre_future_unref(waiting->waiter);
    gyre__several_give_back(waiting->futures, waiting->count);
    free(waiting);
}

static struct waiting *refer(struct waiting *waiting)
{
    waiting->references++;
    return waiting;
}

/* Looking for an exception counts as having seen it. */
static bool raised(gyre_future *future)
{
    if (gyre_future_cancelled(future))
        return false;
    future->unseen = false;
    return future->code < 0;
}

static void one_done(gyre_future *future, void *arg)
{
    struct waiting *waiting = arg;

    waiting->left--;
    if (waiting->left == 0 || waiting->when == GYRE_FIRST_COMPLETED ||
        (waiting->when == GYRE_FIRST_EXCEPTION && raised(future)))
        gyre__future_finish(waiting->waiter, 0);
}

static void timed_out(void *arg)
{
    struct waiting *waiting = arg;

    gyre__future_finish(waiting->waiter, 0);
}

static int count_done(const struct waiting *waiting)
{
    int done = 0;

    for (size_t i = 0; i < waiting->count; i++)
        done += gyre_future_done(waiting->futures[i]);
    return done;
}

static int check(gyre_future *const *futures, size_t count, double timeout, gyre_return_when when)
{
    if (isnan(timeout))
        return gyre_error_set(GYRE_EVALUE, "Invalid timeout: NaN (not a number)");
    if (count == 0)
        return gyre_error_set(GYRE_EVALUE, "Set of Tasks/Futures is empty.");
    if ((int)when < GYRE_ALL_COMPLETED || when > GYRE_FIRST_EXCEPTION)
        return gyre_error_set(GYRE_EVALUE, "Invalid return_when value: %d", (int)when);
    return gyre__several_check(futures, count);
}

static struct waiting *begin(gyre_future *const *futures, size_t count, gyre_return_when when)
{
    struct waiting *waiting = gyre__malloc(sizeof *waiting + count * sizeof *futures);

    *waiting = (struct waiting){1, when, gyre_loop_create_future(futures[0]->loop), 0, 0};
    waiting->count = waiting->left = gyre__several_take(waiting->futures, futures, count);
    for (size_t i = 0; i < waiting->count; i++)
        gyre__future_listen(waiting->futures[i], one_done, refer(waiting), let_go, waiting->waiter);
    return waiting;
}

static gyre_handle set_limit(struct waiting *waiting, double timeout)
{
    if (timeout == 0 || (isinf(timeout) && timeout > 0))
        return (gyre_handle){0};
    return gyre_loop_call_later(waiting->waiter->loop, timeout, timed_out, refer(waiting), .release = let_go);
}

static void stop_listening(struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->count; i++)
        gyre_future_remove_done_callback(waiting->futures[i], one_done, waiting);
}

static int finish(struct waiting *waiting, double timeout)
{
    gyre_handle timer = set_limit(waiting, timeout);
    int done, err = gyre_await(waiting->waiter, NULL);

    gyre_handle_cancel(&timer);
    stop_listening(waiting);
    done = count_done(waiting);
    let_go(waiting);
    return err ? err : done;
}

int(gyre_wait)(gyre_future *const *futures, size_t count, const gyre_wait_options *options)
{
    double timeout = options ? options->timeout : 0;
    gyre_return_when when = options ? options->return_when : GYRE_ALL_COMPLETED;
    int err = check(futures, count, timeout, when);

    return err ? err : finish(begin(futures, count, when), timeout);
}
