/* task/task.c - tasks: made, finished, cancelled, named. */
#include "task/task.h"
#include "base/check.h"
#include "base/error.h"
#include "base/memory.h"
#include "task/cancel_scope.h"
#include <stdio.h>
#include <stdlib.h>

static void free_task(gyre_future *future)
{
    struct gyre__task *task = (struct gyre__task *)future;

    gyre__free_rare(task->name);
    gyre__free_rare(task->text);
    gyre__free_rare(task->cancel_msg);
    gyre__vars_clear(&task->vars);
    gyre__free_rare(task->group_errors);
    gyre__slab_put(&gyre__tasks_of(future->loop)->tasks, task);
}

static const struct gyre__future_class task_class = {
    .never_retrieved = "Task exception was never retrieved",
    .cancel = gyre__cancel_walk,
    .destroy = free_task,
};

static void enlist(struct gyre__tasks *tasks, struct gyre__task *task)
{
    task->number = task->coro.number = ++tasks->number;
    gyre__list_append(&tasks->pending, &task->link);
    gyre__count(&task->future.loop->counters.tasks, 1);
}

static void apply(struct gyre__task *task, const gyre_task_options *options)
{
    bool known = options->size > offsetof(gyre_task_options, context);

    task->release = options->release;
    task->name = gyre__strdup(options->name);
    task->coro.name = task->name;
    task->vars = gyre__vars_of(known ? options->context : NULL);
}

struct gyre__task *gyre__task_new(gyre_loop *loop, gyre_coroutine fn, void *arg,
                                  const gyre_task_options *options)
{
    struct gyre__tasks *tasks = gyre__tasks_of(loop);
    struct gyre__task *task = gyre__slab_get(&tasks->tasks);

    *task = (struct gyre__task){.fn = fn, .arg = arg, .scope = tasks->inherited};
    tasks->inherited = NULL;
    gyre__future_init(&task->future, loop, &task_class);
    task->future.is_task = true;
    if (options)
        apply(task, options);
    else
        task->vars = gyre__vars_capture();
    task->inside = &task->vars;
    enlist(tasks, task);
    return task;
}

static void delist(struct gyre__task *task)
{
    gyre__list_remove(&task->link);
    gyre__count(&task->future.loop->counters.tasks, (uint64_t)-1);
}

static void settle(struct gyre__task *task, int code)
{
    bool cancelled = code == GYRE_ECANCELLED || (code >= 0 && task->must_cancel);

    if (code < 0) {
        task->future.text = task->text;
        task->text = NULL;
    } else if (cancelled) {
        task->future.text = task->cancel_msg;
        task->cancel_msg = NULL;
    }
    if (cancelled)
        gyre__future_cancel(&task->future, NULL);
    else
        gyre__future_finish(&task->future, code);
}

/* What it left open lies on a stack that others use from now on. */
static void check_closed(const struct gyre__task *task)
{
    GYRE__CHECK(!task->groups, "a coroutine returned inside a task group");
    GYRE__CHECK(!task->scope || task->scope->task != &task->future,
                "a coroutine returned inside a cancel scope");
}

void gyre__task_drop(struct gyre__task *task)
{
    delist(task);
    gyre_future_unref(&task->future);
}

void gyre__task_finish(struct gyre__task *task, int code)
{
    gyre_loop *loop = task->future.loop;

    check_closed(task);
    if (task->started)
        gyre__coro_finish(&task->coro, &gyre__tasks_of(loop)->stacks);
    delist(task);
    settle(task, code);
    if (task->release)
        task->release(task->arg);
    /* The loop's reference. */
    gyre_future_unref(&task->future);
}

static int refuse(int err, void *arg, const gyre_task_options *options)
{
    if (options && options->release)
        options->release(arg);
    return err;
}

/* Gives out the reference first: an eager task may end before this returns. */
static int start(gyre_loop *loop, gyre_task **out, struct gyre__task *task, bool eager)
{
    gyre_task *made = out ? gyre_future_ref(&task->future) : NULL;
    int err = 0;

    if (eager && gyre_loop_is_running(loop))
        err = gyre__task_begin(task);
    else
        gyre__task_step_soon(task);
    if (err)
        gyre_future_unref(made);
    else if (out)
        *out = made;
    return err;
}

int(gyre_task_new)(gyre_loop *loop, gyre_task **out, gyre_coroutine fn, void *arg,
                   const gyre_task_options *options)
{
    bool eager = options && options->eager_start == GYRE_YES;
    int err = fn ? 0 : gyre_error_set(GYRE_ETYPE, "a coroutine was expected");

    if (gyre__loop_guarded(loop) && !err)
        err = gyre__loop_check(loop);
    if (!err)
        err = start(loop, out, gyre__task_new(loop, fn, arg, options), eager);
    return err ? refuse(err, arg, options) : 0;
}

int(gyre_loop_create_task)(gyre_loop *loop, gyre_task **out, gyre_coroutine fn, void *arg,
                           const gyre_task_options *options)
{
    gyre_task_factory factory = gyre_loop_get_task_factory(loop);

    return factory ? factory(loop, out, fn, arg, options) : (gyre_task_new)(loop, out, fn, arg, options);
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

bool(gyre_task_cancel)(gyre_task *task, const gyre_cancel_options *options)
{
    return (gyre_future_cancel)(&as_task(task)->future, options);
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
    char *before = self->name;

    /* A signal handler may read the name of the task that runs. */
    self->name = gyre__strdup(name);
    self->coro.name = self->name;
    free(before);
}

gyre_context *gyre_task_get_context(gyre_task *task)
{
    return gyre__vars_context(&as_task(task)->vars);
}

gyre_coroutine gyre_task_get_coro(const gyre_task *task)
{
    return as_task(task)->fn;
}
