/* ops_call.c - operations with plain callbacks: of the loop, of futures and of tasks. */
#include "op.h"
#include "say.h"

static void tell_future(gyre_future *future, void *arg)
{
    const struct act *act = arg;

    world_tell(act->world, "cb f%d %d %d", act->step->numbers[0], act->task, act->place);
}

static int donecb(struct act *act)
{
    gyre_future_add_done_callback(future_of(act, 0), tell_future, act);
    return 0;
}

static void tell_task(gyre_future *future, void *arg)
{
    const struct act *act = arg;

    world_tell(act->world, "cb t%d %d %d", act->step->numbers[0], act->task, act->place);
}

static int taskcb(struct act *act)
{
    gyre_task *task = player_of(act, 0)->task;

    if (!task)
        return say(act, "none");
    gyre_future_add_done_callback(task, tell_task, act);
    return 0;
}

/* The arg is the world for each, so that all on one future are the same callback. */
static void tell_shared(gyre_future *future, void *arg)
{
    struct world *world = arg;
    int number = 0;

    while (world->objects.futures[number] != future)
        number++;
    world_tell(world, "shared f%d", number);
}

static int sharecb(struct act *act)
{
    gyre_future_add_done_callback(future_of(act, 0), tell_shared, act->world);
    return 0;
}

static int undonecb(struct act *act)
{
    return say_number(act, (int)gyre_future_remove_done_callback(future_of(act, 0), tell_shared, act->world));
}

static void tell_soon(void *arg)
{
    const struct act *act = arg;

    world_tell(act->world, "soon %d %d", act->task, act->place);
}

static int soon(struct act *act)
{
    gyre_loop_call_soon(act->world->loop, tell_soon, act);
    return 0;
}

static void tell_later(void *arg)
{
    const struct act *act = arg;

    world_tell(act->world, "later %d %d", act->task, act->place);
}

static int later(struct act *act)
{
    gyre_loop_call_later(act->world->loop, 0, tell_later, act);
    return 0;
}

static int laterc(struct act *act)
{
    gyre_handle handle = gyre_loop_call_later(act->world->loop, 0, tell_later, act);

    gyre_handle_cancel(&handle);
    return say_truth(act, gyre_handle_cancelled(&handle));
}

static int soonc(struct act *act)
{
    struct player *player = &act->world->players[act->task];

    player->call = gyre_loop_call_soon(act->world->loop, tell_soon, act);
    player->has_call = true;
    return 0;
}

static int hcancel(struct act *act)
{
    struct player *player = &act->world->players[act->task];

    if (!player->has_call)
        return say(act, "none");
    gyre_handle_cancel(&player->call);
    return 0;
}

const struct op ops_of_calls[] = {
    {"donecb", "o", donecb},     {"taskcb", "t", taskcb}, {"sharecb", "o", sharecb},
    {"undonecb", "o", undonecb}, {"soon", "o", soon},     {"later", "o", later},
    {"laterc", "o", laterc},     {"soonc", "o", soonc},   {"hcancel", "o", hcancel},
    {NULL, NULL, NULL},
};
