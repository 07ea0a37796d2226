/* ops_lock.c - operations on locks, events and semaphores. */
#include "op.h"
#include "say.h"

static gyre_lock *lock_of(const struct act *act)
{
    return &act->world->locks[act->step->numbers[0]];
}

static gyre_event *event_of(const struct act *act)
{
    return &act->world->events[act->step->numbers[0]];
}

static gyre_semaphore *semaphore_of(const struct act *act)
{
    return &act->world->semaphores[act->step->numbers[0]];
}

static int lock(struct act *act)
{
    return say_value(act, gyre_lock_acquire(lock_of(act)), "True");
}

static int unlock(struct act *act)
{
    return gyre_lock_release(lock_of(act));
}

static int evset(struct act *act)
{
    gyre_event_set(event_of(act));
    return 0;
}

static int evclear(struct act *act)
{
    gyre_event_clear(event_of(act));
    return 0;
}

static int evwait(struct act *act)
{
    return say_value(act, gyre_event_wait(event_of(act)), "True");
}

static int semacq(struct act *act)
{
    return say_value(act, gyre_semaphore_acquire(semaphore_of(act)), "True");
}

static int semrel(struct act *act)
{
    gyre_semaphore_release(semaphore_of(act));
    return 0;
}

const struct op ops_of_locks[] = {
    {"lock", "o", lock},     {"unlock", "o", unlock}, {"evset", "o", evset},   {"evclear", "o", evclear},
    {"evwait", "o", evwait}, {"semacq", "o", semacq}, {"semrel", "o", semrel}, {NULL, NULL, NULL},
};
