/* net/search.c - attempts, each to one address; the first that succeeds is taken, the others are closed. */
#include "net/search.h"
#include "base/error.h"
#include "base/memory.h"
#include "net/dial.h"
#include "net/interleave.h"
#include <gyre/combine.h>
#include <stdlib.h>

struct attempt {
    const struct gyre__search *search; /* that it is part of */
    const struct addrinfo *remote;     /* where to */
    struct gyre__refusals refusals;    /* why not */
    int fd;                            /* the connected socket, -1 for none */
};

struct attempts {
    const struct gyre__search *search; /* what for */
    struct attempt *list;              /* in the order in which they are made */
    size_t count;                      /* how many */
};

static int try(void *arg)
{
    struct attempt *attempt = arg;

    return gyre__dial(attempt->search->loop, attempt->remote, attempt->search->local, &attempt->fd,
                      &attempt->refusals);
}

static struct attempts make(const struct gyre__search *search)
{
    struct attempts attempts = {.search = search};
    const struct addrinfo **order = gyre__interleave(search->remote, search->interleave, &attempts.count);

    attempts.list = gyre__malloc(attempts.count * sizeof *attempts.list);
    for (size_t i = 0; i < attempts.count; i++)
        attempts.list[i] = (struct attempt){.search = search, .remote = order[i], .fd = -1};
    free(order);
    return attempts;
}

static void clear(struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->count; i++) {
        if (attempts->list[i].fd >= 0)
            attempts->search->loop->driver_class->close_socket(attempts->list[i].fd);
        gyre__refusals_clear(&attempts->list[i].refusals);
    }
    free(attempts->list);
}

/* Everyone's reasons, in the order of the addresses. */
static int raise_all(struct attempts *attempts)
{
    struct gyre__refusals *all = &attempts->list[0].refusals;

    for (size_t i = 1; i < attempts->count; i++)
        gyre__refusals_move(all, &attempts->list[i].refusals);
    return gyre__refusals_raise(all, attempts->search->all_errors);
}

/* A code of gyre's own (cancelled, stopped) ends the search. */
static int try_in_turn(struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->count; i++) {
        int err = try(&attempts->list[i]);

        if (!gyre__error_is_os(err))
            return err;
    }
    return raise_all(attempts);
}

/* Nobody won: because of what the system said, or else of what ended an attempt without a word. Somebody may
 * have cancelled each of them, as any task can be. */
static int lose(struct attempts *attempts, const gyre_racer *racers)
{
    int err = GYRE_ECANCELLED;

    for (size_t i = 0; i < attempts->count; i++) {
        if (attempts->list[i].refusals.count > 0)
            return raise_all(attempts);
        if (racers[i].code < 0)
            err = racers[i].code;
    }
    return gyre_error_set(err, "no attempt to connect came to its end");
}

/* Of two that succeed at once the winner's socket comes first, and is the one taken. */
static void prefer(struct attempts *attempts, size_t winner)
{
    struct attempt first = attempts->list[0];

    attempts->list[0] = attempts->list[winner];
    attempts->list[winner] = first;
}

static int race(void *arg)
{
    struct attempts *attempts = arg;
    gyre_racer *racers = gyre__calloc(attempts->count * sizeof *racers);
    size_t winner;
    int err;

    for (size_t i = 0; i < attempts->count; i++)
        racers[i] = (gyre_racer){.fn = try, .arg = &attempts->list[i]};
    err = gyre_staggered_race(&winner, racers, attempts->count, attempts->search->delay);
    if (err > 0)
        prefer(attempts, winner);
    if (!err)
        err = lose(attempts, racers);
    free(racers);
    return err < 0 ? err : 0;
}

/* A race takes tasks: outside of one it gets one, which has ended when this returns. */
static int race_in_task(struct attempts *attempts)
{
    gyre_loop *loop = attempts->search->loop;
    gyre_task *task;
    int err = gyre_loop_create_task(loop, &task, race, attempts);

    if (err)
        return err;
    err = gyre_await(task, NULL);
    while (!gyre_future_done(task)) {
        gyre_task_cancel(task);
        gyre_loop_run_until_complete(loop, task, NULL);
    }
    gyre_future_unref(task);
    return err;
}

static int try_all(struct attempts *attempts)
{
    if (attempts->search->delay == 0)
        return try_in_turn(attempts);
    return gyre_current_task() ? race(attempts) : race_in_task(attempts);
}

static int take(struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->count; i++) {
        int fd = attempts->list[i].fd;

        attempts->list[i].fd = -1;
        if (fd >= 0)
            return fd;
    }
    return -1;
}

int gyre__search(const struct gyre__search *search, int *fd)
{
    struct attempts attempts = make(search);
    int err = try_all(&attempts);

    if (!err)
        *fd = take(&attempts);
    clear(&attempts);
    return err;
}
