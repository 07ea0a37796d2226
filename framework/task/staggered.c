/* task/staggered.c - coroutines that race: each starts a while after the one before it, or when that failed.
 *
 * Runner i is a child of the race's group. It waits for its turn, makes runner i + 1, and then runs racer i.
 * The last runner finds no racer left. Whoever succeeds first cancels all the others.
 */
#include "base/memory.h"
#include "task/siblings.h"
#include "task/task.h"
#include <gyre/combine.h>
#include <math.h>
#include <stdlib.h>

struct runner {
    struct race *race;   /* that it is in */
    gyre_future *failed; /* done when its racer has failed; NULL before its turn */
};

struct race {
    gyre_task_group group;   /* of the runners */
    double delay;            /* seconds between two starts */
    gyre_racer *racers;      /* the caller's */
    size_t count;            /* racers */
    size_t winner;           /* `count` for none yet */
    struct runner runners[]; /* one more than racers */
};

static int await_failure(void *failed)
{
    return gyre_await(failed, NULL);
}

static void let_go(void *future)
{
    gyre_future_unref(future);
}

/* Asyncio waits in a task here, which is cancelled before it starts; it takes as many turns. */
static int give_no_time(gyre_future *failed, double delay)
{
    gyre_task *task;
    int err = gyre_create_task(&task, await_failure, gyre_future_ref(failed), .release = let_go);

    if (err)
        return err;
    err = gyre_wait_for(task, NULL, delay);
    gyre_future_unref(task);
    return err;
}

static int wait_for_turn(const struct race *race, size_t index)
{
    gyre_future *failed;
    int err;

    if (index == 0)
        return 0;
    failed = race->runners[index - 1].failed;
    err = race->delay > 0 ? gyre_wait_for(failed, NULL, race->delay) : give_no_time(failed, race->delay);
    return err == -ETIMEDOUT ? 0 : err;
}

static void win(struct race *race, size_t index)
{
    gyre_task *self = gyre_current_task(), *child;

    if (race->winner < race->count)
        return;
    race->winner = index;
    for (child = race->group.children; child; child = gyre__sibling_next(race->group.children, child))
        if (child != self)
            gyre_task_cancel(child);
}

static void run_racer(struct race *race, size_t index)
{
    gyre_racer *racer = &race->racers[index];

    racer->started = true;
    racer->code = racer->fn(racer->arg);
    if (racer->code < 0)
        gyre__future_finish(race->runners[index].failed, 0);
    else
        win(race, index);
}

static int start(struct race *race, size_t index);

static int run(void *arg)
{
    struct runner *runner = arg;
    struct race *race = runner->race;
    size_t index = (size_t)(runner - race->runners);
    int err = wait_for_turn(race, index);

    if (err || index == race->count)
        return err;
    runner->failed = gyre_loop_create_future(race->group.parent->loop);
    err = start(race, index + 1);
    if (!err)
        run_racer(race, index);
    return err;
}

/* An eager factory must not start it now: what it would look at is not there yet. */
static int start(struct race *race, size_t index)
{
    race->runners[index].race = race;
    return gyre_task_group_create_task(&race->group, NULL, run, &race->runners[index],
                                       .eager_start = GYRE_NO);
}

static struct race *make(gyre_racer *racers, size_t count, double delay)
{
    struct race *race = gyre__calloc(sizeof *race + (count + 1) * sizeof race->runners[0]);

    race->delay = delay;
    race->racers = racers;
    race->count = race->winner = count;
    for (size_t i = 0; i < count; i++)
        racers[i].started = false;
    return race;
}

static void destroy(struct race *race)
{
    for (size_t i = 0; i < race->count; i++)
        gyre_future_unref(race->runners[i].failed);
    free(race);
}

static int finish(struct race *race, size_t *winner)
{
    int err = (int)gyre_task_group_end(&race->group, start(race, 0));

    if (err < 0)
        return err;
    if (race->winner == race->count)
        return 0;
    *winner = race->winner;
    return 1;
}

int gyre_staggered_race(size_t *winner, gyre_racer *racers, size_t count, double delay)
{
    struct race *race;
    int err;

    if (isnan(delay))
        return gyre_error_set(GYRE_EVALUE, "Invalid delay: NaN (not a number)");
    if (!gyre__task_current())
        return gyre_error_set(GYRE_EAWAIT, "A race can only be awaited in a task");
    race = make(racers, count, delay);
    err = gyre_task_group_begin(&race->group);
    if (!err)
        err = finish(race, winner);
    destroy(race);
    return err;
}
