/* world.h - a program while it runs: its loop, what its tasks share, and the trace. */
#ifndef SCHED_WORLD_H
#define SCHED_WORLD_H

#include "objects.h"
#include "program.h"
#include "text.h"
#include <gyre/gyre.h>

enum { TICKS = 60 }; /* turns that a program runs */

struct world;

/* A step while it is done; each is done at most once in a run. */
struct act {
    struct world *world;
    const struct step *step;
    int task;
    int place;           /* the step's number in its task */
    struct text outcome; /* what it came to */
};

/* A task while it runs. */
struct player {
    struct world *world;
    const struct body *body;
    struct act *acts;       /* one for each step */
    gyre_task *task;        /* NULL before it is spawned, and in the first step of an eager one */
    bool started;           /* it is, or is being, spawned */
    gyre_task_group *group; /* whose child it is, NULL for none */
    int number;
    gyre_handle call; /* the last one that it can cancel */
    bool has_call;
};

struct world {
    const struct program *program;
    struct text *trace;
    gyre_loop *loop;
    int turn;  /* the turn that the loop is in, counted from one */
    bool over; /* the last turn is over: nothing is told any more */
    struct player players[MOST_TASKS];
    struct objects objects;
};

/* Runs a program on a loop of its own and adds its trace. */
void world_run(const struct program *program, gyre_driver_kind driver, struct text *trace);

/* Adds a line to the trace: the turn and the words. */
void world_tell(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The body of each task. The arg is its player. */
int player_run(void *player);

#endif
