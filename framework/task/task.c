/* task/task.c - tasks: made, stepped, cancelled, finished. */
#include "task/task.h"
#include "base/check.h"
#include "base/error.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>

static bool cancel_task(gyre_future *future);

static void free_task(gyre_future *future)
{
    struct gyre__task *task = (struct gyre__task *)future;

    gyre__free_rare(task->name);
    gyre__free_rare(task->text);
    gyre__slab_put(&gyre__tasks_of(future->loop)->tasks, task);
}

static const struct gyre__future_class task_class = {
    .never_retrieved = "Task exception was never retrieved",
    .cancel = cancel_task,
    .destroy = free_task,
};

static void run_body(void *arg)
{
    struct gyre__task *task = arg;

    task->future.code = task->fn(task->arg);
}

static void enlist(struct gyre__tasks *tasks, struct gyre__task *task)
{
    task->number = task->coro.number = ++tasks->number;
    gyre__list_append(&tasks->pending, &task->link);
    gyre__count(&task->future.loop->counters.tasks, 1);
}

struct gyre__task *gyre__task_new(gyre_loop *loop, gyre_coroutine fn, void *arg,
                                  const gyre_task_options *options)
{
    struct gyre__tasks *tasks = gyre__tasks_of(loop);
    struct gyre__task *task = gyre__slab_get(&tasks->tasks);

    *task = (struct gyre__task){.fn = fn, .arg = arg};
    if (gyre__coro_start(&task->coro, &tasks->stacks, run_body, task)) {
        gyre__slab_put(&tasks->tasks, task);
        return NULL;
    }
    gyre__future_init(&task->future, loop, &task_class);
    task->future.is_task = true;
    if (options) {
        task->release = options->release;
        task->name = gyre__strdup(options->name);
    }
    task->coro.name = task->name;
    enlist(tasks, task);
    return task;
}

static void settle(struct gyre__task *task, int code)
{
    if (code == GYRE_ECANCELLED || (code >= 0 && task->must_cancel)) {
        gyre__future_cancel(&task->future);
        return;
    }
    if (code < 0) {
        task->future.text = task->text;
        task->text = NULL;
    }
    gyre__future_finish(&task->future, code);
}

void gyre__task_finish(struct gyre__task *task, int code)
{
    gyre_loop *loop = task->future.loop;

    gyre__coro_finish(&task->coro, &gyre__tasks_of(loop)->stacks);
    gyre__list_remove(&task->link);
    gyre__count(&loop->counters.tasks, (uint64_t)-1);
    settle(task, code);
    if (task->release)
        task->release(task->arg);
    /* The loop's reference. */
    gyre_future_unref(&task->future);
}

/* Switches to the task; true when it has more to do. Current task and error text go with it. */
static bool enter(struct gyre__tasks *tasks, struct gyre__task *task)
{
    struct gyre__task *outer = tasks->current;
    char **text = gyre__error_switch(&task->text);
    bool more;

    tasks->current = task;
    more = gyre__coro_resume(&task->coro);
    tasks->current = outer;
    gyre__error_switch(text);
    return more;
}

void gyre__task_step(struct gyre__task *task)
{
    struct gyre__tasks *tasks = gyre__tasks_of(task->future.loop);

    if (task->must_cancel && !task->started) {
        gyre__task_finish(task, GYRE_ECANCELLED);
        return;
    }
    task->started = true;
    task->deliver_cancel = task->must_cancel;
    task->must_cancel = false;
    task->waiting = NULL;
    if (!enter(tasks, task))
        gyre__task_finish(task, task->future.code);
}

static void step_later(void *task)
{
    gyre__task_step(task);
}

void gyre__task_wake(gyre_future *future, void *task)
{
    future->unseen = false;
    gyre__task_step(task);
}

/* A closing loop has nothing to wait for; a task that will not hear is left where it stands after a hundred
 * waits. */
static int refuse_wait(struct gyre__task *task)
{
    if (++task->refused >= 100)
        gyre__coro_suspend(&task->coro);
    return gyre_error_set(GYRE_ECANCELLED, "Event loop is closed");
}

static void arrange_wake(struct gyre__task *task, gyre_future *future)
{
    if (!future) {
        gyre_loop_call_soon(task->future.loop, step_later, task);
        return;
    }
    task->waiting = future;
    gyre_future_add_done_callback(future, gyre__task_wake, task);
    if (task->must_cancel && gyre_future_cancel(future))
        task->must_cancel = false;
}

int gyre__task_wait(struct gyre__task *task, gyre_future *future)
{
    if (gyre__tasks_of(task->future.loop)->closing)
        return refuse_wait(task);
    arrange_wake(task, future);
    gyre__coro_suspend(&task->coro);
    return task->deliver_cancel ? GYRE_ECANCELLED : 0;
}

static int start(struct gyre__task *task, const gyre_task_options *options)
{
    if (options && options->eager_start == GYRE_YES && gyre_loop_is_running(task->future.loop))
        gyre__task_step(task);
    else
        gyre_loop_call_soon(task->future.loop, step_later, task);
    return 0;
}

static int refuse(int err, void *arg, const gyre_task_options *options)
{
    gyre_error_set(err, "%s", gyre_strerror(err));
    if (options && options->release)
        options->release(arg);
    return err;
}

int(gyre_loop_create_task)(gyre_loop *loop, gyre_task **out, gyre_coroutine fn, void *arg,
                           const gyre_task_options *options)
{
    struct gyre__task *task;

    if (gyre_loop_is_closed(loop))
        return refuse(GYRE_ELOOPCLOSED, arg, options);
    task = gyre__task_new(loop, fn, arg, options);
    if (!task)
        return refuse(-ENOMEM, arg, options);
    if (out)
        *out = gyre_future_ref(&task->future);
    return start(task, options);
}

int(gyre_create_task)(gyre_task **task, gyre_coroutine fn, void *arg, const gyre_task_options *options)
{
    return (gyre_loop_create_task)(gyre_get_event_loop(), task, fn, arg, options);
}

static struct gyre__task *as_task(const gyre_task *task)
{
    GYRE__CHECK(task->is_task, "a future that is no task was given to a gyre_task_ function");
    return (struct gyre__task *)task;
}

/* Follows the chain of tasks that wait for each other, without recursion; a cycle ends where it began. `last`
 * is the task at its end. */
static gyre_future *request_along(struct gyre__task *task, struct gyre__task **last)
{
    uint32_t mark = gyre__future_new_mark(task->future.loop);
    gyre_future *future = &task->future;

    while (future && future->is_task && future->state == GYRE__PENDING && future->mark != mark) {
        *last = (struct gyre__task *)future;
        future->mark = mark;
        (*last)->cancels++;
        future = (*last)->waiting;
    }
    return future && future->mark == mark && future->is_task ? NULL : future;
}

static bool cancel_task(gyre_future *future)
{
    struct gyre__task *last = NULL;
    gyre_future *end = request_along((struct gyre__task *)future, &last);

    if (!end || !gyre_future_cancel(end))
        last->must_cancel = true;
    return true;
}

bool gyre_task_cancel(gyre_task *task)
{
    return gyre_future_cancel(&as_task(task)->future);
}

int gyre_task_cancelling(const gyre_task *task)
{
    return as_task(task)->cancels;
}

int gyre_task_uncancel(gyre_task *task)
{
    struct gyre__task *self = as_task(task);

    if (self->cancels > 0 && --self->cancels == 0)
        self->must_cancel = false;
    return self->cancels;
}

const char *gyre_task_get_name(const gyre_task *task)
{
    struct gyre__task *self = as_task(task);

    if (self->name)
        return self->name;
    snprintf(self->default_name, sizeof self->default_name, "Task-%llu", (unsigned long long)self->number);
    return self->default_name;
}

void gyre_task_set_name(gyre_task *task, const char *name)
{
    struct gyre__task *self = as_task(task);
    char *copy = gyre__strdup(name);

    free(self->name);
    self->name = copy;
    self->coro.name = copy;
}
