/* ops_queue.c - operations on queues. */
#include "op.h"
#include "say.h"

static gyre_queue *queue_of(const struct act *act)
{
    return &act->world->queues[act->step->numbers[0]];
}

static int put(struct act *act)
{
    return gyre_queue_put(queue_of(act), (void *)act->step->label);
}

static int get(struct act *act)
{
    void *item = NULL;
    int code = gyre_queue_get(queue_of(act), &item);

    return say_value(act, code, item);
}

const struct op ops_of_queues[] = {
    {"put", "o", put},
    {"get", "o", get},
    {NULL, NULL, NULL},
};
