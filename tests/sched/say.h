/* say.h - outcomes as Python prints them. */
#ifndef SCHED_SAY_H
#define SCHED_SAY_H

#include "world.h"

/* Each returns 0, for `return say_...`. */
int say(struct act *act, const char *words);
int say_truth(struct act *act, bool truth);

/* The outcome of a wait for one future or player: its code, with the words of its value. */
int say_value(struct act *act, int code, const char *value);
int say_player(struct act *act, int code, const struct player *player);

/* The objects that a step's numbers name. */
gyre_future *future_of(const struct act *act, int number);
struct player *player_of(const struct act *act, int number);

#endif
