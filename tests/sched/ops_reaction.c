/* ops_reaction.c - plain callbacks that do something: set a future, cancel a task, stop the loop. */
#include "op.h"
#include "say.h"

static void set(gyre_future *future, const struct act *act)
{
    if (!gyre_future_done(future))
        gyre_future_set_result(future, (void *)act->step->label);
}

static void cancel(gyre_task *task)
{
    if (task)
        gyre_task_cancel(task);
}

static void set_when_done(gyre_future *future, void *arg)
{
    set(future_of(arg, 1), arg);
}

static int cbset(struct act *act)
{
    gyre_future_add_done_callback(future_of(act, 0), set_when_done, act);
    return 0;
}

static void cancel_when_done(gyre_future *future, void *arg)
{
    cancel(player_of(arg, 1)->task);
}

static int cbcancel(struct act *act)
{
    gyre_future_add_done_callback(future_of(act, 0), cancel_when_done, act);
    return 0;
}

static void set_soon(void *act)
{
    set(future_of(act, 0), act);
}

static int soonset(struct act *act)
{
    gyre_loop_call_soon(act->world->loop, set_soon, act);
    return 0;
}

static void cancel_soon(void *act)
{
    cancel(player_of(act, 0)->task);
}

static int sooncancel(struct act *act)
{
    gyre_loop_call_soon(act->world->loop, cancel_soon, act);
    return 0;
}

static int latercancel(struct act *act)
{
    gyre_loop_call_later(act->world->loop, 0, cancel_soon, act);
    return 0;
}

static int stop(struct act *act)
{
    gyre_loop_stop(act->world->loop);
    return 0;
}

const struct op ops_of_reactions[] = {
    {"cbset", "oo", cbset},
    {"cbcancel", "ot", cbcancel},
    {"soonset", "o", soonset},
    {"sooncancel", "t", sooncancel},
    {"latercancel", "t", latercancel},
    {"stop", "o", stop},
    {NULL, NULL, NULL},
};
