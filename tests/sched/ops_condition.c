/* ops_condition.c - operations on conditions and barriers. */
#include "op.h"
#include "say.h"

static gyre_condition *condition_of(const struct act *act)
{
    return &act->world->objects.conditions[act->step->numbers[0]];
}

static gyre_condition *shared_of(const struct act *act)
{
    return &act->world->objects.shared[act->step->numbers[0]];
}

static gyre_barrier *barrier_of(const struct act *act)
{
    return &act->world->objects.barriers[act->step->numbers[0]];
}

/* Python: async with condition. A release that fails, because somebody else released, is what comes out. */
static int with_condition(struct act *act, gyre_condition *condition, int (*body)(struct act *act))
{
    int code = gyre_condition_acquire(condition), released;

    if (code < 0)
        return code;
    code = body(act);
    released = gyre_condition_release(condition);
    return released < 0 ? released : code;
}

static int wait(struct act *act)
{
    return gyre_condition_wait(condition_of(act));
}

static int cwait(struct act *act)
{
    return say_value(act, with_condition(act, condition_of(act), wait), "True");
}

static int cwaitraw(struct act *act)
{
    return say_value(act, wait(act), "True");
}

static int is_done(void *future)
{
    return gyre_future_done(future);
}

static int wait_for(struct act *act)
{
    return gyre_condition_wait_for(condition_of(act), is_done, future_of(act, 0));
}

static int cwaitfor(struct act *act)
{
    return say_value(act, with_condition(act, condition_of(act), wait_for), "True");
}

static int notify(struct act *act)
{
    return gyre_condition_notify(condition_of(act), 1);
}

static int cnotify(struct act *act)
{
    return with_condition(act, condition_of(act), notify);
}

static int notify_all(struct act *act)
{
    return gyre_condition_notify_all(condition_of(act));
}

static int cnotifyall(struct act *act)
{
    return with_condition(act, condition_of(act), notify_all);
}

static int wait_shared(struct act *act)
{
    return gyre_condition_wait(shared_of(act));
}

static int swait(struct act *act)
{
    return say_value(act, with_condition(act, shared_of(act), wait_shared), "True");
}

static int notify_shared(struct act *act)
{
    return gyre_condition_notify(shared_of(act), 1);
}

static int snotify(struct act *act)
{
    return with_condition(act, shared_of(act), notify_shared);
}

static int bwait(struct act *act)
{
    int code = gyre_barrier_wait(barrier_of(act));

    return code < 0 ? code : say_number(act, code);
}

static int breset(struct act *act)
{
    return gyre_barrier_reset(barrier_of(act));
}

static int babort(struct act *act)
{
    return gyre_barrier_abort(barrier_of(act));
}

const struct op ops_of_conditions[] = {
    {"cwait", "o", cwait},     {"cwaitfor", "o", cwaitfor},     {"cwaitraw", "o", cwaitraw},
    {"cnotify", "o", cnotify}, {"cnotifyall", "o", cnotifyall}, {"cnotifyraw", "o", notify},
    {"swait", "o", swait},     {"snotify", "o", snotify},       {"bwait", "o", bwait},
    {"breset", "o", breset},   {"babort", "o", babort},         {NULL, NULL, NULL},
};
