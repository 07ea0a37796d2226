/* task/step.c - a task runs until it waits: each step is one switch to its stack and back. */
#include "base/error.h"
#include "base/memory.h"
#include "task/cancel_scope.h"
#include "task/task.h"
#include <stdlib.h>

static void run_body(void *arg)
{
    struct gyre__task *task = arg;

    task->future.code = task->fn(task->arg);
    if (task->timeouts)
        gyre__task_left_open(task);
}

/* Switches to the task; true when it has more to do. Current task, error text and context go with it. */
static bool enter(struct gyre__tasks *tasks, struct gyre__task *task)
{
    struct gyre__task *outer = tasks->current;
    char **text = gyre__error_switch(&task->text);
    struct gyre__vars *vars = gyre__vars_switch(task->inside);
    bool more;

    tasks->current = task;
    more = gyre__coro_resume(&task->coro);
    tasks->current = outer;
    task->inside = gyre__vars_switch(vars);
    gyre__error_switch(text);
    return more;
}

static int __attribute__((cold, noinline)) find_no_stack(struct gyre__task *task)
{
    task->text = gyre__strdup("no stack is left for the task");
    return -ENOMEM;
}

/* The first step finds a stack: a task that waits for its turn, or is cancelled before it, needs none. */
static inline int equip(struct gyre__tasks *tasks, struct gyre__task *task)
{
    if (gyre__coro_start(&task->coro, &tasks->stacks, run_body, task))
        return find_no_stack(task);
    task->started = true;
    return 0;
}

/* What goes with a cancellation: of two, the one that woke the task speaks, not the one asked for since. */
static char *take_cancel_msg(struct gyre__task *task)
{
    const gyre_future *woke = task->waiting;
    char *msg = task->cancel_msg;

    task->cancel_msg = NULL;
    if (!woke || woke->code != GYRE_ECANCELLED)
        return msg;
    free(msg);
    return gyre__strdup(woke->text);
}

/* The task raises what it was asked to; what was said goes with it. */
static void take_cancel(struct gyre__task *task)
{
    task->deliver_cancel = task->must_cancel;
    if (!task->must_cancel)
        return;
    task->must_cancel = false;
    free(task->text);
    task->text = take_cancel_msg(task);
}

void gyre__task_step(struct gyre__task *task)
{
    struct gyre__tasks *tasks = gyre__tasks_of(task->future.loop);
    int err = 0;

    take_cancel(task);
    task->waiting = NULL;
    if (!task->started)
        err = task->deliver_cancel ? GYRE_ECANCELLED : equip(tasks, task);
    if (err || !enter(tasks, task))
        gyre__task_finish(task, err ? err : task->future.code);
}

int gyre__task_begin(struct gyre__task *task)
{
    int err = equip(gyre__tasks_of(task->future.loop), task);

    if (err) {
        gyre__task_drop(task);
        return gyre_error_set(err, "no stack is left for the task");
    }
    gyre__task_step(task);
    return 0;
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

bool gyre__task_steps(const struct gyre__call *call)
{
    return call->kind == GYRE__CALL_DONE ? call->done == gyre__task_wake : call->fn == step_later;
}

/* A closing loop has nothing to wait for; a task that will not hear is left where it stands after a hundred
 * waits. */
static int refuse_wait(struct gyre__task *task)
{
    if (++task->refused >= 100)
        gyre__coro_suspend(&task->coro);
    return gyre_error_set(GYRE_ECANCELLED, "Event loop is closed");
}

void gyre__task_step_soon(struct gyre__task *task)
{
    gyre_loop *loop = task->future.loop;
    struct gyre__call *call = gyre__call_new(loop, GYRE__CALL_SOON, task, NULL);

    call->fn = step_later;
    gyre__loop_ready(loop, call);
}

static void arrange_wake(struct gyre__task *task, gyre_future *future)
{
    if (!future) {
        gyre__task_step_soon(task);
        return;
    }
    task->waiting = future;
    gyre__future_listen(future, gyre__task_wake, task, NULL, &task->future);
    if (task->must_cancel && gyre__future_request(future, task->cancel_msg))
        task->must_cancel = false;
}

int gyre__task_wait(struct gyre__task *task, gyre_future *future)
{
    if (gyre__tasks_of(task->future.loop)->closing)
        return refuse_wait(task);
    task->must_cancel |= gyre__scope_cancelled(task->scope);
    arrange_wake(task, future);
    gyre__coro_suspend(&task->coro);
    return task->deliver_cancel || gyre__scope_cancelled(task->scope) ? GYRE_ECANCELLED : 0;
}
