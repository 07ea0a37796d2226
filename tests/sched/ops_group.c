/* ops_group.c - operations with task groups: two children, where they are not started yet, and a body. */
#include "op.h"
#include "say.h"

static void adopt(gyre_task_group *group, struct player *player)
{
    gyre_task *task;

    if (player->started)
        return;
    player->started = true;
    if (!gyre_task_group_create_task(group, &task, player_run, player))
        player->task = task;
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

static int group0(struct act *act)
{
    gyre_timeout timeout;

    gyre_timeout_begin(&timeout, 0);
    return limit_end(&timeout, group(act));
}

const struct op ops_of_groups[] = {
    {"group", "uuo", group},   {"groupy", "uu", groupy}, {"groupr", "uu", groupr},
    {"group0", "uuo", group0}, {NULL, NULL, NULL},
};
