/* ops_group.c - operations with task groups: two children, where they are not started yet, and a body. */
#include "op.h"
#include "say.h"

/* A child may use its group while it runs: the group ends after it. */
static int adopt(gyre_task_group *group, struct player *player)
{
    int code;

    if (player->started)
        return 1;
    code = gyre_task_group_create_task(group, &player->task, player_run, player);
    if (code < 0)
        return code;
    player->started = true;
    player->group = group;
    return 0;
}

static int gspawn(struct act *act)
{
    gyre_task_group *group = act->world->players[act->task].group;
    int code;

    if (!group)
        return say(act, "none");
    code = adopt(group, player_of(act, 0));
    return code < 0 ? code : say(act, code ? "exists" : "ok");
}

static int with_group(struct act *act, int (*body)(struct act *act, void **value))
{
    gyre_task_group group;
    void *value = NULL;
    int code = gyre_task_group_begin(&group);

    if (code < 0)
        return code;
    adopt(&group, player_of(act, 0));
    adopt(&group, player_of(act, 1));
    code = (int)gyre_task_group_end(&group, body(act, &value));
    return value ? say_value(act, code, value) : code;
}

static int await_future(struct act *act, void **value)
{
    return gyre_await(future_of(act, 2), value);
}

static int group(struct act *act)
{
    return with_group(act, await_future);
}

static int give_way(struct act *act, void **value)
{
    return gyre_sleep(0);
}

static int groupy(struct act *act)
{
    return with_group(act, give_way);
}

static int fail(struct act *act, void **value)
{
    return gyre_error_set(GYRE_EVALUE, "%s", act->step->label);
}

static int groupr(struct act *act)
{
    return with_group(act, fail);
}

static int inner_group(struct act *act, void **value)
{
    gyre_task_group inner;
    int code = gyre_task_group_begin(&inner);

    if (code < 0)
        return code;
    adopt(&inner, player_of(act, 1));
    return (int)gyre_task_group_end(&inner, gyre_await(future_of(act, 2), value));
}

static int groupn(struct act *act)
{
    gyre_task_group outer;
    void *value = NULL;
    int code = gyre_task_group_begin(&outer);

    if (code < 0)
        return code;
    adopt(&outer, player_of(act, 0));
    code = (int)gyre_task_group_end(&outer, inner_group(act, &value));
    return say_value(act, code, value);
}

static int group0(struct act *act)
{
    gyre_timeout timeout;

    gyre_timeout_begin(&timeout, 0);
    return limit_end(&timeout, group(act));
}

const struct op ops_of_groups[] = {
    {"group", "uuo", group},   {"groupy", "uu", groupy}, {"groupr", "uu", groupr}, {"group0", "uuo", group0},
    {"groupn", "uuo", groupn}, {"gspawn", "t", gspawn},  {NULL, NULL, NULL},
};
