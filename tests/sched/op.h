/* op.h - the operations: their names, what they take, and what they do. */
#ifndef SCHED_OP_H
#define SCHED_OP_H

struct act;

/* Does a step: 0 or more, with an outcome in act->outcome ("" is None), or the negative code it raised. */
typedef int (*op_run)(struct act *act);

struct op {
    const char *name;
    const char *takes; /* one letter for each number: 'o' the number of an object, 't' of a task, 'u' of a
 task that the random programs choose above the own one */
    op_run run;
};

/* The operation of this name, NULL when there is none. */
const struct op *op_find(const char *name);

/* Tables that end with a name of NULL, one for each file of operations. */
extern const struct op ops_of_futures[], ops_of_calls[], ops_of_reactions[], ops_of_contexts[],
    ops_of_tasks[], ops_of_groups[], ops_of_gathers[], ops_of_waits[], ops_of_timeouts[], ops_of_locks[],
    ops_of_conditions[], ops_of_queues[];

#endif
