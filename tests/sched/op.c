/* op.c - finds operations by name. */
#include "op.h"
#include <stddef.h>
#include <string.h>

static const struct op *const tables[] = {
    ops_of_futures, ops_of_calls, ops_of_reactions, ops_of_contexts, ops_of_tasks,      ops_of_groups,
    ops_of_gathers, ops_of_waits, ops_of_timeouts,  ops_of_locks,    ops_of_conditions, ops_of_queues,
};

const struct op *op_find(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct op *op = tables[i]; op->name; op++)
            if (!strcmp(op->name, name))
                return op;
    return NULL;
}
