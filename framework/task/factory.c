/* task/factory.c - who makes the tasks of a loop. */
#include "base/options.h"
#include "task/task.h"

void gyre_loop_set_task_factory(gyre_loop *loop, gyre_task_factory factory)
{
    gyre__tasks_of(loop)->factory = factory;
}

gyre_task_factory gyre_loop_get_task_factory(gyre_loop *loop)
{
    return gyre__tasks_of(loop)->factory;
}

int gyre_eager_task_factory(gyre_loop *loop, gyre_task **task, gyre_coroutine fn, void *arg,
                            const gyre_task_options *given)
{
    gyre_task_options options = {0};

    gyre__options_fill(&options, sizeof options, given);
    if (options.eager_start != GYRE_NO)
        options.eager_start = GYRE_YES;
    return (gyre_task_new)(loop, task, fn, arg, &options);
}
