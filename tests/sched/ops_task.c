/* ops_task.c - operations on tasks. */
#include "op.h"
#include "say.h"

static int spawn(struct act *act)
{
    struct player *player = player_of(act, 0);

    if (player->task)
        return say(act, "exists");
    gyre_loop_create_task(act->world->loop, &player->task, player_run, player);
    return say(act, "ok");
}

static int cancel(struct act *act)
{
    gyre_task *task = player_of(act, 0)->task;

    return task ? say_truth(act, gyre_task_cancel(task)) : say(act, "none");
}

static int selfcancel(struct act *act)
{
    return say_truth(act, gyre_task_cancel(gyre_current_task()));
}

static int join(struct act *act)
{
    struct player *player = player_of(act, 0);

    if (!player->task)
        return say(act, "none");
    return say_player(act, gyre_await(player->task, NULL), player);
}

static int shield(struct act *act)
{
    struct player *player = player_of(act, 0);
    gyre_future *outer;
    int code;

    if (!player->task)
        return say(act, "none");
    code = gyre_shield(&outer, player->task);
    if (code)
        return code;
    code = gyre_await(outer, NULL);
    gyre_future_unref(outer);
    return say_player(act, code, player);
}

const struct op ops_of_tasks[] = {
    {"spawn", "t", spawn}, {"cancel", "t", cancel}, {"selfcancel", "o", selfcancel},
    {"join", "t", join},   {"shield", "t", shield}, {NULL, NULL, NULL},
};
