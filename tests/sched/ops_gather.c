/* ops_gather.c - operations with gather: of futures, tasks and gatherings. */
#include "op.h"
#include "say.h"

/* Awaits a gathering and gives it back. */
static int finish(gyre_future *all)
{
    int code = gyre_await(all, NULL);

    gyre_future_unref(all);
    return code;
}

static int gather_two(gyre_future *one, gyre_future *other)
{
    gyre_future *all;
    int code = gyre_gather(&all, ((gyre_future *[]){one, other}), 2);

    return code < 0 ? code : finish(all);
}

static int say_two(struct act *act, int code)
{
    struct text *outcome = &act->outcome;
    bool wide = act->world->program->wide;

    if (code < 0)
        return code;
    text_add(outcome, wide ? "[" : "['");
    add_result(outcome, future_of(act, 0));
    text_add(outcome, wide ? " " : "', '");
    add_result(outcome, future_of(act, 1));
    text_add(outcome, wide ? "]" : "']");
    return 0;
}

static int gather(struct act *act)
{
    return say_two(act, gather_two(future_of(act, 0), future_of(act, 1)));
}

static int gather0(struct act *act)
{
    gyre_timeout timeout;
    int code;

    gyre_timeout_begin(&timeout, 0);
    code = gather_two(future_of(act, 0), future_of(act, 1));
    return say_two(act, limit_end(&timeout, code));
}

static int gathere(struct act *act)
{
    gyre_future *children[] = {future_of(act, 0), future_of(act, 1)}, *all;
    int code = gyre_gather(&all, children, 2, .return_exceptions = GYRE_YES);

    return code < 0 ? code : say_two(act, finish(all));
}

static int gathern(struct act *act)
{
    gyre_future *inner;
    int code = gyre_gather(&inner, ((gyre_future *[]){future_of(act, 0), future_of(act, 1)}), 2);

    if (code < 0)
        return code;
    code = gather_two(inner, future_of(act, 2));
    gyre_future_unref(inner);
    if (code < 0)
        return code;
    text_add(&act->outcome, "[");
    say_two(act, code);
    text_add(&act->outcome, " ");
    add_result(&act->outcome, future_of(act, 2));
    return say(act, "]");
}

static int gathert(struct act *act)
{
    struct player *player = player_of(act, 0);
    int code;

    if (!player->task)
        return say(act, "none");
    code = gather_two(player->task, future_of(act, 1));
    if (code < 0)
        return code;
    text_add(&act->outcome, "[");
    add_return(&act->outcome, player);
    text_add(&act->outcome, " ");
    add_result(&act->outcome, future_of(act, 1));
    return say(act, "]");
}

static int gatherk(struct act *act)
{
    struct player *one = player_of(act, 0), *other = player_of(act, 1);
    int code;

    if (!one->task || !other->task)
        return say(act, "none");
    code = gather_two(one->task, other->task);
    if (code < 0)
        return code;
    text_add(&act->outcome, "[");
    add_return(&act->outcome, one);
    text_add(&act->outcome, " ");
    add_return(&act->outcome, other);
    return say(act, "]");
}

static int shieldg(struct act *act)
{
    gyre_future *children[] = {future_of(act, 0), future_of(act, 1)}, *all, *outer;
    int code = gyre_gather(&all, children, 2);

    if (code < 0)
        return code;
    code = gyre_shield(&outer, all);
    gyre_future_unref(all);
    return code < 0 ? code : say_two(act, finish(outer));
}

const struct op ops_of_gathers[] = {
    {"gather", "oo", gather},    {"gather0", "oo", gather0}, {"gathere", "oo", gathere},
    {"gathern", "ooo", gathern}, {"gathert", "uo", gathert}, {"gatherk", "uu", gatherk},
    {"shieldg", "oo", shieldg},  {NULL, NULL, NULL},
};
