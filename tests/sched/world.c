/* world.c - sets a program up, lets it run for sixty turns, tells how all stands then, and takes it down. */
#include "world.h"
#include "op.h"
#include "say.h"
#include <stdarg.h>
#include <stdlib.h>

void world_tell(struct world *world, const char *format, ...)
{
    char words[1024];
    va_list values;

    if (world->over)
        return;
    va_start(values, format);
    vsnprintf(words, sizeof words, format, values);
    va_end(values);
    text_add(world->trace, "%d %s\n", world->turn, words);
}

static void tell_outcome(struct act *act, int code)
{
    struct text *outcome = &act->outcome;

    if (code < 0 && act->world->program->wide)
        add_exception(outcome, code);
    else if (code < 0)
        text_add(outcome, "%s", code == GYRE_ECANCELLED ? "CANCELLED" : gyre_error_name(code));
    world_tell(act->world, "t%d.%d %s %s", act->task, act->place, act->step->op->name,
               outcome->length ? outcome->bytes : "None");
}

static bool ends(const struct body *body, int code)
{
    return code == GYRE_ECANCELLED ? body->mode != 's' : code < 0 && body->mode == 'e';
}

int player_run(void *arg)
{
    struct player *player = arg;
    struct world *world = player->world;

    for (int i = 0; i < player->body->count; i++) {
        struct act *act = &player->acts[i];
        int code = act->step->op->run(act);

        if (world->over)
            return GYRE_ECANCELLED;
        tell_outcome(act, code);
        if (ends(player->body, code))
            return code;
    }
    return 0;
}

static void tick(void *arg)
{
    struct world *world = arg;

    if (++world->turn < TICKS)
        gyre_loop_call_soon(world->loop, tick, world);
    else
        gyre_loop_stop(world->loop);
}

static int ignore(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    return 0;
}

static void make_loop(struct world *world, gyre_driver_kind driver)
{
    world->loop = gyre_loop_new(.driver = driver, .stop_flag = GYRE_YES);
    if (!world->loop) {
        fprintf(stderr, "sched_trace: no loop can be made: %s\n", gyre_error_text());
        exit(1);
    }
    gyre_loop_set_exception_handler(world->loop, ignore, NULL);
}

static void make_acts(struct player *player)
{
    player->acts = calloc((size_t)player->body->count + 1, sizeof *player->acts);
    if (!player->acts)
        abort();
    for (int i = 0; i < player->body->count; i++)
        player->acts[i] = (struct act){
            .world = player->world, .step = &player->body->steps[i], .task = player->number, .place = i};
}

static void make_players(struct world *world)
{
    for (int i = 0; i < MOST_TASKS; i++) {
        world->players[i] = (struct player){.world = world, .body = &world->program->bodies[i], .number = i};
        make_acts(&world->players[i]);
    }
}

static void tell_task(struct text *trace, struct player *player, bool wide)
{
    gyre_task *task = player->task;

    text_add(trace, "end t%d ", player->number);
    if (!gyre_future_done(task))
        text_add(trace, "pending");
    else if (gyre_future_cancelled(task))
        text_add(trace, "cancelled");
    else if (gyre_future_exception(task))
        add_exception(trace, gyre_future_exception(task));
    else
        text_add(trace, wide ? "ret%d" : "'ret%d'", player->number);
    text_add(trace, " %d\n", gyre_task_cancelling(task));
}

static void tell_end(struct world *world)
{
    for (int i = 0; i < MOST_TASKS; i++)
        if (world->players[i].task)
            tell_task(world->trace, &world->players[i], world->program->wide);
    objects_tell(&world->objects, world->trace, world->program->wide);
}

static void free_players(struct world *world)
{
    for (int i = 0; i < MOST_TASKS; i++) {
        struct player *player = &world->players[i];

        gyre_future_unref(player->task);
        for (int k = 0; k < player->body->count; k++)
            text_free(&player->acts[k].outcome);
        free(player->acts);
    }
}

/* The loop first: closing it unwinds the tasks that still wait for something here. */
static void take_down(struct world *world)
{
    gyre_loop_close(world->loop);
    free_players(world);
    objects_destroy(&world->objects);
    gyre_loop_unref(world->loop);
}

void world_run(const struct program *program, gyre_driver_kind driver, struct text *trace)
{
    struct world world = {.program = program, .trace = trace};

    make_loop(&world, driver);
    objects_init(&world.objects, world.loop);
    make_players(&world);
    gyre_loop_call_soon(world.loop, tick, &world);
    for (int i = 0; i < program->start_count; i++) {
        struct player *player = &world.players[program->starts[i]];

        player->started = true;
        gyre_loop_create_task(world.loop, &player->task, player_run, player);
    }
    while (world.turn < TICKS)
        gyre_loop_run_forever(world.loop);
    world.over = true;
    tell_end(&world);
    take_down(&world);
}
