/* generate.h - random programs: the same for the same seed as sched_fuzz.py and wide.py make. */
#ifndef SCHED_GENERATE_H
#define SCHED_GENERATE_H

#include "text.h"
#include <stdint.h>

/* Adds the program of sched_fuzz.py's gen(seed). */
void generate(struct text *program, uint64_t seed);

#endif
