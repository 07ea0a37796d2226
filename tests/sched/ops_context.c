/* ops_context.c - operations on context variables. */
#include "op.h"
#include "say.h"

static const gyre_context_var vars[OBJECTS] = {{"v0", "none"}, {"v1", "none"}, {"v2", "none"}};

static const gyre_context_var *var_of(const struct act *act)
{
    return &vars[act->step->numbers[0]];
}

static int ctxset(struct act *act)
{
    gyre_context_var_set(var_of(act), (void *)act->step->label);
    return 0;
}

static int ctxget(struct act *act)
{
    return say(act, gyre_context_var_get(var_of(act)));
}

static void tell_soon(void *arg)
{
    const struct act *act = arg;
    const char *value = gyre_context_var_get(var_of(act));

    world_tell(act->world, "soon %d %d %s", act->task, act->place, value);
}

static int ctxsoon(struct act *act)
{
    gyre_loop_call_soon(act->world->loop, tell_soon, act);
    return 0;
}

static void tell_done(gyre_future *future, void *arg)
{
    const struct act *act = arg;
    const char *value = gyre_context_var_get(var_of(act));

    world_tell(act->world, "cb f%d %d %d %s", act->step->numbers[0], act->task, act->place, value);
}

static int ctxdone(struct act *act)
{
    gyre_future_add_done_callback(future_of(act, 0), tell_done, act);
    return 0;
}

const struct op ops_of_contexts[] = {
    {"ctxset", "o", ctxset},   {"ctxget", "o", ctxget}, {"ctxsoon", "o", ctxsoon},
    {"ctxdone", "o", ctxdone}, {NULL, NULL, NULL},
};
