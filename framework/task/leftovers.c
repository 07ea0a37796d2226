/* task/leftovers.c - the tasks that a main leaves behind: cancelled, awaited, and heard out. */
#include "base/memory.h"
#include "task/runner.h"
#include <gyre/combine.h>
#include <stdlib.h>

static void report(gyre_loop *loop, gyre_task *task)
{
    if (!gyre_future_done(task) || gyre_future_cancelled(task) || gyre_future_exception(task) >= 0)
        return;
    gyre_loop_call_exception_handler(loop, .message = "unhandled exception during asyncio.run() shutdown",
                                     .exception = gyre_future_exception(task), .task = task);
}

static void end_tasks(gyre_loop *loop, gyre_task **tasks, size_t count)
{
    gyre_future *all;

    for (size_t i = 0; i < count; i++)
        gyre_task_cancel(tasks[i]);
    gyre_gather(&all, tasks, count, .return_exceptions = GYRE_YES);
    gyre_loop_run_until_complete(loop, all, NULL);
    gyre_future_unref(all);
    for (size_t i = 0; i < count; i++) {
        report(loop, tasks[i]);
        gyre_future_unref(tasks[i]);
    }
}

void gyre__cancel_leftovers(gyre_loop *loop)
{
    size_t count = gyre_all_tasks(loop, NULL, 0);
    gyre_task **tasks = gyre__malloc((count + 1) * sizeof *tasks);

    gyre_all_tasks(loop, tasks, count);
    if (count > 0)
        end_tasks(loop, tasks, count);
    free(tasks);
}
