/* cpus.h - what gyre_count_cpus is made of. */
#ifndef GYRE_EXECUTOR_CPUS_H
#define GYRE_EXECUTOR_CPUS_H

#include <sched.h>
#include <stddef.h>

/* A copy of the mask of what this thread may use, to be freed, and its size in bytes; NULL when the system
 * does not tell. */
cpu_set_t *gyre__cpus_affinity(size_t *size);

/* This mask, which stays the caller's, is what this thread may use, whatever its affinity says: it was pinned
 * to a part of it. NULL: its affinity says it again. */
void gyre__cpus_allow(const cpu_set_t *mask, size_t size);

/* min(affinity, ceil(quota)), at least 1; a quota of 0 is none. */
unsigned gyre__cpus_usable(unsigned affinity, double quota);

#endif
