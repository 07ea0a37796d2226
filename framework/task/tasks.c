/* task/tasks.c - the task floor of a loop: memory, the list of pending tasks, and their end when the loop
 * closes. */
#include "base/error.h"
#include "base/memory.h"
#include "loop/current.h"
#include "task/task.h"
#include <stdlib.h>

/* For the task its loop runs as ever: it must not find another one, and drive that. */
void gyre__task_unwind(struct gyre__task *task)
{
    gyre_loop *before = gyre__running_loop();

    if (!task->started)
        gyre__task_never_awaited(task);
    gyre_future_ref(&task->future);
    if (task->waiting)
        gyre_future_remove_done_callback(task->waiting, gyre__task_wake, task);
    task->must_cancel = true;
    gyre__set_running_loop(task->future.loop);
    gyre__task_step(task);
    gyre__set_running_loop(before);
    if (!gyre_future_done(&task->future)) {
        gyre_loop_call_exception_handler(
            task->future.loop, .message = "Task was destroyed but it is pending!", .task = &task->future);
        gyre__list_remove(&task->link);
    }
    gyre_future_unref(&task->future);
}

static void close_tasks(gyre_loop *loop, void *state)
{
    struct gyre__tasks *tasks = state;

    tasks->closing = true;
    while (!gyre__list_empty(&tasks->pending))
        gyre__task_unwind(GYRE__OF(tasks->pending.next, struct gyre__task, link));
    gyre__gatherings_close(tasks);
}

static void release_tasks(gyre_loop *loop, void *state)
{
    struct gyre__tasks *tasks = state;

    gyre__stack_pool_clear(&tasks->stacks);
    gyre__slab_clear(&tasks->tasks);
    gyre__slab_clear(&tasks->futures);
    free(tasks);
}

static struct gyre__tasks *make_tasks(gyre_loop *loop)
{
    struct gyre__tasks *tasks = gyre__calloc(sizeof *tasks);

    gyre__slab_init(&tasks->futures, sizeof(gyre_future));
    gyre__slab_init(&tasks->tasks, sizeof(struct gyre__task));
    gyre__stack_pool_init(&tasks->stacks, loop->stack_size);
    gyre__list_init(&tasks->pending);
    gyre__list_init(&tasks->gatherings);
    gyre__list_init(&tasks->dying);
    loop->done = gyre__future_run_done;
    loop->describe = gyre__tasks_describe;
    loop->words = &gyre__task_words;
    gyre__loop_attach(loop, GYRE__FLOOR_TASK, (struct gyre__floor_state){tasks, close_tasks, release_tasks});
    return tasks;
}

struct gyre__tasks *gyre__tasks_of(gyre_loop *loop)
{
    struct gyre__tasks *tasks = loop->floors[GYRE__FLOOR_TASK].state;

    return tasks ? tasks : make_tasks(loop);
}

struct gyre__task *gyre__task_current(void)
{
    gyre_loop *loop = gyre__running_loop();
    struct gyre__tasks *tasks = loop ? loop->floors[GYRE__FLOOR_TASK].state : NULL;

    return tasks ? tasks->current : NULL;
}

gyre_task *gyre_current_task(void)
{
    struct gyre__task *task = gyre__task_current();

    if (!gyre__running_loop())
        gyre__error_plain(GYRE_ENOLOOP);
    return task ? &task->future : NULL;
}

size_t gyre_all_tasks(gyre_loop *loop, gyre_task **out, size_t max)
{
    struct gyre__tasks *tasks = gyre__tasks_of(loop ? loop : gyre_get_event_loop());
    struct gyre__list *link;
    size_t count = 0;

    for (link = tasks->pending.next; link != &tasks->pending; link = link->next) {
        if (count < max)
            out[count] = gyre_future_ref(&GYRE__OF(link, struct gyre__task, link)->future);
        count++;
    }
    return count;
}
