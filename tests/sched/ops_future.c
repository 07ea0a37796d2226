/* ops_future.c - operations on futures. */
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

static int fail(struct act *act, int code)
{
    gyre_error_set(code, "%s", act->step->label);
    return gyre_future_set_exception(future_of(act, 0), code);
}

static int exc(struct act *act)
{
    return fail(act, GYRE_EVALUE);
}

static int exct(struct act *act)
{
    return fail(act, -ETIMEDOUT);
}

static int raise_value(struct act *act)
{
    return gyre_error_set(GYRE_EVALUE, "%s", act->step->label);
}

static int cancelf(struct act *act)
{
    return say_truth(act, gyre_future_cancel(future_of(act, 0)));
}

static int cancelfm(struct act *act)
{
    return say_truth(act, gyre_future_cancel(future_of(act, 0), .msg = act->step->label));
}

static int shieldf(struct act *act)
{
    gyre_future *outer;
    void *value = NULL;
    int code = gyre_shield(&outer, future_of(act, 0));

    if (code < 0)
        return code;
    code = gyre_await(outer, &value);
    say_value(act, code, value);
    gyre_future_unref(outer);
    return code;
}

const struct op ops_of_futures[] = {
    {"yield", "o", yield},     {"await", "o", await},       {"set", "o", set},
    {"exc", "o", exc},         {"exct", "o", exct},         {"raise", "o", raise_value},
    {"cancelf", "o", cancelf}, {"cancelfm", "o", cancelfm}, {"shieldf", "o", shieldf},
    {NULL, NULL, NULL},
};
