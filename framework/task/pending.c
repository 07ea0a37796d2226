/* task/pending.c - the tasks of a loop that are not done, in words: what a deadlock looks like. */
#include "task/graph.h"
#include <stdlib.h>

/* What waits for something else than a task or a gathering, and all that awaits it. */
static bool is_root(const struct gyre__task *task)
{
    const gyre_future *waiting = task->waiting;

    return !waiting || (!waiting->is_task && !waiting->class->fan);
}

static void write_tasks(struct gyre__graph *graph, const struct gyre__tasks *tasks, bool roots)
{
    const struct gyre__list *all = &tasks->pending;

    for (const struct gyre__list *link = all->next; link != all; link = link->next) {
        struct gyre__task *task = GYRE__OF(link, struct gyre__task, link);

        if (task->future.mark != graph->mark && (!roots || is_root(task)))
            gyre__graph_write(graph, &task->future, 0);
    }
}

char *gyre__tasks_describe(gyre_loop *loop)
{
    size_t count = gyre_all_tasks(loop, NULL, 0), size;
    char *text = NULL;
    struct gyre__graph graph = {.file = count ? open_memstream(&text, &size) : NULL};

    if (!graph.file)
        return NULL;
    graph.mark = gyre__future_new_mark(loop);
    fprintf(graph.file, count == 1 ? "%zu task is pending:\n" : "%zu tasks are pending:\n", count);
    write_tasks(&graph, gyre__tasks_of(loop), true);
    /* What no root has led to: those that wait for each other. */
    write_tasks(&graph, gyre__tasks_of(loop), false);
    fclose(graph.file);
    return text;
}
