/* ops_future.c - operations on futures and plain callbacks. */
#include "op.h"
#include "say.h"

static int yield(struct act *act)
{
    return gyre_sleep(0);
}

static int await(struct act *act)
{
    void *value = NULL;
    int code = gyre_await(future_of(act, 0), &value);

    return say_value(act, code, value);
}

static int set(struct act *act)
{
    return gyre_future_set_result(future_of(act, 0), (void *)act->step->label);
}

static int exc(struct act *act)
{
    gyre_error_set(GYRE_EVALUE, "%s", act->step->label);
    return gyre_future_set_exception(future_of(act, 0), GYRE_EVALUE);
}

static int cancelf(struct act *act)
{
    return say_truth(act, gyre_future_cancel(future_of(act, 0)));
}

static void called_back(gyre_future *future, void *arg)
{
    const struct act *act = arg;

    world_tell(act->world, "cb f%d %d %d", act->step->numbers[0], act->task, act->place);
}

static int donecb(struct act *act)
{
    gyre_future_add_done_callback(future_of(act, 0), called_back, act);
    return 0;
}

static int gather(struct act *act)
{
    gyre_future *children[] = {future_of(act, 0), future_of(act, 1)}, *all;
    const char *values[2];
    int code = gyre_gather(&all, children, 2);

    if (code)
        return code;
    code = gyre_await(all, NULL);
    gyre_future_unref(all);
    if (code < 0)
        return code;
    for (int i = 0; i < 2; i++)
        gyre_future_result(children[i], (void **)&values[i]);
    text_add(&act->outcome, "['%s', '%s']", values[0], values[1]);
    return 0;
}

static void called_soon(void *arg)
{
    const struct act *act = arg;

    world_tell(act->world, "soon %d %d", act->task, act->place);
}

static int soon(struct act *act)
{
    gyre_loop_call_soon(act->world->loop, called_soon, act);
    return 0;
}

const struct op ops_of_futures[] = {
    {"yield", "o", yield},    {"await", "o", await},     {"set", "o", set},
    {"exc", "o", exc},        {"cancelf", "o", cancelf}, {"donecb", "o", donecb},
    {"gather", "oo", gather}, {"soon", "o", soon},       {NULL, NULL, NULL},
};
