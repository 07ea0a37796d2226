/* ops_lock.c - operations on locks, events and semaphores. */
#include "op.h"
#include "say.h"

static gyre_lock *lock_of(const struct act *act)
{
    return &act->world->objects.locks[act->step->numbers[0]];
}

static gyre_event *event_of(const struct act *act)
{
    return &act->world->objects.events[act->step->numbers[0]];
}

static gyre_semaphore *semaphore_of(const struct act *act)
{
    return &act->world->objects.semaphores[act->step->numbers[0]];
}

static gyre_bounded_semaphore *bounded_of(const struct act *act)
{
    return &act->world->objects.bounded[act->step->numbers[0]];
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

static int bsacq(struct act *act)
{
    return say_value(act, gyre_bounded_semaphore_acquire(bounded_of(act)), "True");
}

static int bsrel(struct act *act)
{
    return gyre_bounded_semaphore_release(bounded_of(act));
}

/* Python: async with lock. A release that fails, because somebody else released, is what comes out. */
static int withlock(struct act *act)
{
    void *value = NULL;
    int code = gyre_lock_acquire(lock_of(act)), released;

    if (code < 0)
        return code;
    code = gyre_await(future_of(act, 1), &value);
    released = gyre_lock_release(lock_of(act));
    return say_value(act, released < 0 ? released : code, value);
}

const struct op ops_of_locks[] = {
    {"lock", "o", lock},     {"unlock", "o", unlock},      {"evset", "o", evset},   {"evclear", "o", evclear},
    {"evwait", "o", evwait}, {"semacq", "o", semacq},      {"semrel", "o", semrel}, {"bsacq", "o", bsacq},
    {"bsrel", "o", bsrel},   {"withlock", "oo", withlock}, {NULL, NULL, NULL},
};
