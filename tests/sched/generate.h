/* generate.h - random programs: the same for the same seed as sched_fuzz.py and wide.py make. */
#ifndef SCHED_GENERATE_H
#define SCHED_GENERATE_H

#include "text.h"
#include <stdint.h>

struct random;

/* Adds the program of sched_fuzz.py's gen(seed). */
void generate(struct text *program, uint64_t seed);

/* Adds the program of wide.py's gen(seed). */
void generate_wide(struct text *program, uint64_t seed);

/* Adds the last line of either: at least two of the tasks, in any order. There are six at most. */
void generate_start(struct text *program, struct random *random, int tasks);

#endif
