/* ops_task.c - operations on tasks. */
#include "op.h"
#include "say.h"

/* Others see an eager task only when it has been made. */
static int start(struct act *act, int eager)
{
    struct player *player = player_of(act, 0);
    gyre_task *task;
    int code;

    if (player->started)
        return say(act, "exists");
    player->started = true;
    code = gyre_loop_create_task(act->world->loop, &task, player_run, player, .eager_start = eager);
    if (code < 0)
        return code;
    player->task = task;
    return say(act, "ok");
}

static int spawn(struct act *act)
{
    return start(act, GYRE_NO);
}

static int spawne(struct act *act)
{
    return start(act, GYRE_YES);
}

static int cancel(struct act *act)
{
    gyre_task *task = player_of(act, 0)->task;

    return task ? say_truth(act, gyre_task_cancel(task)) : say(act, "none");
}

static int cancelm(struct act *act)
{
    gyre_task *task = player_of(act, 0)->task;

    return task ? say_truth(act, gyre_task_cancel(task, .msg = act->step->label)) : say(act, "none");
}

static int selfcancel(struct act *act)
{
    return say_truth(act, gyre_task_cancel(gyre_current_task()));
}

static int selfcancelm(struct act *act)
{
    return say_truth(act, gyre_task_cancel(gyre_current_task(), .msg = act->step->label));
}

static int uncancel(struct act *act)
{
    return say_number(act, gyre_task_uncancel(gyre_current_task()));
}

static int cancelling(struct act *act)
{
    return say_number(act, gyre_task_cancelling(gyre_current_task()));
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
    if (code < 0)
        return code;
    code = gyre_await(outer, NULL);
    gyre_future_unref(outer);
    return say_player(act, code, player);
}

const struct op ops_of_tasks[] = {
    {"spawn", "t", spawn},
    {"spawne", "t", spawne},
    {"cancel", "t", cancel},
    {"cancelm", "t", cancelm},
    {"selfcancel", "o", selfcancel},
    {"selfcancelm", "o", selfcancelm},
    {"uncancel", "o", uncancel},
    {"cancelling", "o", cancelling},
    {"join", "u", join},
    {"shield", "u", shield},
    {NULL, NULL, NULL},
};
