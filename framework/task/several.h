/* task/several.h - a list of futures, as gather, wait and as_completed take it.
 *
 * All of one loop. Who waits for several takes references at once, so that the caller may forget the list.
 */
#ifndef GYRE__SEVERAL_H
#define GYRE__SEVERAL_H

#include "task/future.h"

/* 0, or GYRE_EVALUE when the futures are not all of one loop. */
int gyre__several_check(gyre_future *const *futures, size_t count);

/* Copies the list without its duplicates, in order, with a reference on each; returns how many are left. */
size_t gyre__several_take(gyre_future **taken, gyre_future *const *futures, size_t count);

/* Gives the references of a list back. */
void gyre__several_give_back(gyre_future **taken, size_t count);

#endif
