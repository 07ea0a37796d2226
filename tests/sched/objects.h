/* objects.h - what the tasks of a program share. */
#ifndef SCHED_OBJECTS_H
#define SCHED_OBJECTS_H

#include "program.h"
#include "text.h"
#include <gyre/gyre.h>

struct objects {
    gyre_future *futures[OBJECTS];
    gyre_lock locks[OBJECTS];
    gyre_event events[OBJECTS];
    gyre_semaphore semaphores[OBJECTS];           /* of one place */
    gyre_bounded_semaphore bounded[OBJECTS];      /* of one place */
    gyre_condition conditions[OBJECTS];           /* each with a lock of its own */
    gyre_condition shared[OBJECTS];               /* each with the lock of that number */
    gyre_barrier barriers[OBJECTS];               /* of two tasks */
    gyre_queue queues[OBJECTS];                   /* of one place */
    gyre_lifo_queue lifo_queues[OBJECTS];         /* of two places */
    gyre_priority_queue priority_queues[OBJECTS]; /* without a limit, by the words */
};

void objects_init(struct objects *objects, gyre_loop *loop);

void objects_destroy(struct objects *objects);

/* Adds the last lines of a trace: the futures, what is locked, how much is in the queues. */
void objects_tell(struct objects *objects, struct text *trace, bool wide);

#endif
