/* task/as_completed.c - futures in the order in which they end.
 *
 * What the iterator points at is shared with the callbacks that are still to come: a late one may run after
 * the end. `futures` holds each future once, and behind them, at `order`, they line up as they end.
 */
#include "base/memory.h"
#include "task/several.h"
#include "task/waiter.h"
#include <gyre/combine.h>
#include <math.h>
#include <stdlib.h>

struct gyre__completions {
    unsigned references;       /* the iterator, each callback, each task inside next */
    gyre_loop *loop;           /* the futures' */
    gyre_handle timer;         /* the timeout */
    struct gyre__waiter *line; /* tasks inside next, oldest first */
    bool closed;               /* the iterator was ended */
    bool timed_out;            /* what has not ended by now never will, for this iterator */
    size_t left;               /* steps that nobody has begun */
    size_t count;              /* futures, each once */
    size_t ended;              /* how many stand in `order` */
    size_t taken;              /* steps that were given out */
    gyre_future **order;       /* lent, as they ended */
    gyre_future *futures[];    /* one reference each */
};

static void let_go(void *arg)
{
    struct gyre__completions *completions = arg;

    if (--completions->references > 0)
        return;
    gyre__several_give_back(completions->futures, completions->count);
    free(completions);
}

static struct gyre__completions *refer(struct gyre__completions *completions)
{
    completions->references++;
    return completions;
}

static void one_done(gyre_future *future, void *arg)
{
    struct gyre__completions *completions = arg;

    if (completions->timed_out)
        return;
    completions->order[completions->ended++] = future;
    gyre__waiter_wake_next(completions->line);
    if (completions->ended == completions->count)
        gyre_handle_cancel(&completions->timer);
}

static void stop_listening(struct gyre__completions *completions)
{
    for (size_t i = 0; i < completions->count; i++)
        gyre_future_remove_done_callback(completions->futures[i], one_done, completions);
}

static void timed_out(void *arg)
{
    struct gyre__completions *completions = arg;

    completions->timed_out = true;
    stop_listening(completions);
    for (size_t i = completions->ended; i < completions->count; i++)
        gyre__waiter_wake_next(completions->line);
}

static struct gyre__completions *make(gyre_future *const *futures, size_t count)
{
    struct gyre__completions *completions = gyre__malloc(sizeof *completions + 2 * count * sizeof *futures);

    *completions = (struct gyre__completions){.references = 1, .loop = count ? futures[0]->loop : NULL};
    completions->count = completions->left = gyre__several_take(completions->futures, futures, count);
    completions->order = completions->futures + completions->count;
    return completions;
}

static void listen_to_all(struct gyre__completions *completions)
{
    for (size_t i = 0; i < completions->count; i++)
        gyre__future_listen(completions->futures[i], one_done, refer(completions), let_go, NULL);
}

static void set_limit(struct gyre__completions *completions, double timeout)
{
    if (completions->count == 0 || timeout == 0 || (isinf(timeout) && timeout > 0))
        return;
    completions->timer =
        gyre_loop_call_later(completions->loop, timeout, timed_out, refer(completions), .release = let_go);
}

int(gyre_as_completed_begin)(gyre_as_completed *iterator, gyre_future *const *futures, size_t count,
                             const gyre_as_completed_options *options)
{
    double timeout = options ? options->timeout : 0;
    int err = gyre__several_check(futures, count);

    if (err)
        return err;
    if (isnan(timeout))
        return gyre_error_set(GYRE_EVALUE, "Invalid timeout: NaN (not a number)");
    iterator->completions = make(futures, count);
    listen_to_all(iterator->completions);
    set_limit(iterator->completions, timeout);
    return 0;
}

/* Something can be given out: a future that has ended, or a timeout. */
static bool ready(const struct gyre__completions *completions)
{
    return completions->taken < (completions->timed_out ? completions->count : completions->ended);
}

static int give(struct gyre__completions *completions, gyre_future **future)
{
    size_t step = completions->taken++;

    if (step >= completions->ended)
        return gyre_error_set(-ETIMEDOUT, "The deadline has passed");
    *future = completions->order[step];
    return 1;
}

/* Who was woken, and cancelled before he ran, wakes the next in his stead. */
static int wait_in_line(struct gyre__completions *completions)
{
    struct gyre__waiter waiter;
    int err = gyre__waiter_wait(&waiter, &completions->line, completions->loop);

    if (err && waiter.woken && ready(completions))
        gyre__waiter_wake_next(completions->line);
    return err;
}

static int wait_until_ready(struct gyre__completions *completions)
{
    int err = 0;

    while (!err && !ready(completions) && !completions->closed)
        err = wait_in_line(completions);
    return err;
}

/* Asyncio loses the step of a next that is cancelled; here it has not been taken. */
static int take_step(struct gyre__completions *completions, gyre_future **future)
{
    int err;

    completions->left--;
    err = wait_until_ready(completions);
    if (err)
        completions->left++;
    if (err || completions->closed)
        return err;
    return give(completions, future);
}

int gyre_as_completed_next(gyre_as_completed *iterator, gyre_future **future)
{
    struct gyre__completions *completions = iterator->completions;
    int err;

    if (completions->left == 0)
        return 0;
    err = gyre__waiter_bind(&completions->loop);
    if (err)
        return err;
    err = take_step(refer(completions), future);
    let_go(completions);
    return err;
}

void gyre_as_completed_end(gyre_as_completed *iterator)
{
    struct gyre__completions *completions = iterator->completions;

    if (!completions)
        return;
    iterator->completions = NULL;
    completions->closed = true;
    gyre_handle_cancel(&completions->timer);
    stop_listening(completions);
    gyre__waiter_wake_all(completions->line, 0);
    let_go(completions);
}
