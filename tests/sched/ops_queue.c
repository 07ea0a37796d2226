/* ops_queue.c - operations on queues of the three kinds. */
#include "op.h"
#include "say.h"

static gyre_queue *queue_of(const struct act *act)
{
    return &act->world->objects.queues[act->step->numbers[0]];
}

static gyre_queue *lifo_of(const struct act *act)
{
    return &act->world->objects.lifo_queues[act->step->numbers[0]];
}

static gyre_queue *priority_of(const struct act *act)
{
    return &act->world->objects.priority_queues[act->step->numbers[0]];
}

static int put_into(struct act *act, gyre_queue *queue)
{
    return gyre_queue_put(queue, (void *)act->step->label);
}

static int get_from(struct act *act, gyre_queue *queue)
{
    void *item = NULL;
    int code = gyre_queue_get(queue, &item);

    return say_value(act, code, item);
}

static int put(struct act *act)
{
    return put_into(act, queue_of(act));
}

static int get(struct act *act)
{
    return get_from(act, queue_of(act));
}

static int lput(struct act *act)
{
    return put_into(act, lifo_of(act));
}

static int lget(struct act *act)
{
    return get_from(act, lifo_of(act));
}

static int pput(struct act *act)
{
    return put_into(act, priority_of(act));
}

static int pget(struct act *act)
{
    return get_from(act, priority_of(act));
}

static int putnw(struct act *act)
{
    return gyre_queue_put_nowait(queue_of(act), (void *)act->step->label);
}

static int getnw(struct act *act)
{
    void *item = NULL;
    int code = gyre_queue_get_nowait(queue_of(act), &item);

    return say_value(act, code, item);
}

static int tdone(struct act *act)
{
    return gyre_queue_task_done(queue_of(act));
}

static int qjoin(struct act *act)
{
    return gyre_queue_join(queue_of(act));
}

static int qshut(struct act *act)
{
    gyre_queue_shutdown(queue_of(act));
    return 0;
}

static int qshutnow(struct act *act)
{
    gyre_queue_shutdown(queue_of(act), .immediate = GYRE_YES);
    return 0;
}

const struct op ops_of_queues[] = {
    {"put", "o", put},     {"get", "o", get},     {"lput", "o", lput},   {"lget", "o", lget},
    {"pput", "o", pput},   {"pget", "o", pget},   {"putnw", "o", putnw}, {"getnw", "o", getnw},
    {"tdone", "o", tdone}, {"qjoin", "o", qjoin}, {"qshut", "o", qshut}, {"qshutnow", "o", qshutnow},
    {NULL, NULL, NULL},
};
