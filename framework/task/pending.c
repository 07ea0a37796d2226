/* task/pending.c - the tasks of a loop that are not done, in words: what a deadlock looks like. */
#include "task/task.h"
#include <stdio.h>
#include <stdlib.h>

enum { MOST_LINES = 100, MOST_AWAITERS = 5 };

static void write_awaiters(FILE *file, const gyre_future *future)
{
    int count = 0;

    for (const struct gyre__call *call = future->callbacks; call && count < MOST_AWAITERS; call = call->next)
        if (gyre__task_steps(call))
            fprintf(file, count++ ? ", %s" : ", awaited by %s", gyre_task_get_name(call->arg));
}

static void write_task(FILE *file, struct gyre__task *task)
{
    const gyre_future *waiting = task->waiting;

    fprintf(file, "\n    %s", gyre_task_get_name(&task->future));
    if (waiting && waiting->is_task)
        fprintf(file, " waits for %s", gyre_task_get_name(waiting));
    else if (waiting)
        fprintf(file, " waits for the future %p", (void *)waiting);
    write_awaiters(file, &task->future);
}

static void write_tasks(FILE *file, const struct gyre__tasks *tasks, size_t count)
{
    const struct gyre__list *link = tasks->pending.next;

    fprintf(file, count == 1 ? "%zu task is pending:" : "%zu tasks are pending:", count);
    for (size_t i = 0; i < count && i < MOST_LINES; i++, link = link->next)
        write_task(file, GYRE__OF(link, struct gyre__task, link));
    if (count > MOST_LINES)
        fprintf(file, "\n    and %zu more", count - MOST_LINES);
}

char *gyre__tasks_describe(gyre_loop *loop)
{
    size_t count = gyre_all_tasks(loop, NULL, 0), size;
    char *text = NULL;
    FILE *file = count ? open_memstream(&text, &size) : NULL;

    if (!file)
        return NULL;
    write_tasks(file, gyre__tasks_of(loop), count);
    fclose(file);
    return text;
}
