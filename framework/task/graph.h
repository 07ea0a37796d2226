/* task/graph.h - writing down who awaits whom; called by graph.c and pending.c. */
#ifndef GYRE__GRAPH_H
#define GYRE__GRAPH_H

#include "task/task.h"
#include <stdio.h>

/* One writing. */
struct gyre__graph {
    FILE *file;     /* where to */
    uint32_t mark;  /* what the futures that were written carry */
    unsigned lines; /* how many so far */
};

/* Writes the future and, deeper and deeper, all that await it. */
void gyre__graph_write(struct gyre__graph *graph, gyre_future *future, unsigned depth);

#endif
