/* say.h - outcomes as Python prints them. */
#ifndef SCHED_SAY_H
#define SCHED_SAY_H

#include "world.h"

/* Each returns 0, for `return say_...`. */
int say(struct act *act, const char *words);
int say_number(struct act *act, int number);
int say_truth(struct act *act, bool truth);

/* The outcome of a wait for one future, or for one task: its code, with the words of its value. */
int say_value(struct act *act, int code, const char *value);
int say_player(struct act *act, int code, const struct player *player);

/* Adds an exception as the wide grammar tells it: its class, and its words where they are a step's label. The
 * words are those of gyre_error_text(). */
void add_exception(struct text *text, int code);

/* Adds what a future that is done came to: its value or its exception. */
void add_result(struct text *text, gyre_future *future);

/* The same for a task. */
void add_return(struct text *text, const struct player *player);

/* Ends a timeout. Any failure after its deadline loses its words: asyncio's is another exception's context
 * then, gyre's says so in a sentence. */
int limit_end(gyre_timeout *timeout, int code);

/* The objects that a step's numbers name. */
gyre_future *future_of(const struct act *act, int number);
struct player *player_of(const struct act *act, int number);

#endif
