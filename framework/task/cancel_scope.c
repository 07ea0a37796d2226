/* task/cancel_scope.c - stretches of a coroutine that are cancelled as one.
 *
 *   task->scope ──► inner ──► shield ┄┄► outer        what is cancelled beyond a shield is not seen
 *
 * A cancelled scope wakes the tasks that wait in it, once; every later wait asks for itself
 * (gyre__task_wait). The children of a task group begin in the scope around their group, which lives longer
 * than they do.
 */
#include "task/cancel_scope.h"
#include "base/check.h"
#include "base/options.h"
#include "loop/lazy_timer.h"
#include "task/siblings.h"
#include <math.h>

bool gyre__scope_chain_cancelled(const gyre_cancel_scope *scope)
{
    for (; scope; scope = scope->outer) {
        if (scope->cancel_called)
            return true;
        if (scope->shield)
            return false;
    }
    return false;
}

/* True when who is in `inner` sees that `scope` is cancelled. */
static bool sees(const gyre_cancel_scope *inner, const gyre_cancel_scope *scope)
{
    while (inner && inner != scope && !inner->shield)
        inner = inner->outer;
    return inner == scope;
}

static void wake(struct gyre__task *task, const gyre_cancel_scope *scope);

static void wake_children(const gyre_task_group *group, const gyre_cancel_scope *scope)
{
    for (gyre_task *child = group->children; child; child = gyre__sibling_next(group->children, child))
        wake((struct gyre__task *)child, scope);
}

static void wake(struct gyre__task *task, const gyre_cancel_scope *scope)
{
    if (task->waiting && sees(task->scope, scope))
        gyre_future_cancel(task->waiting);
    for (const gyre_task_group *group = task->groups; group; group = group->outer)
        if (sees(group->scope, scope))
            wake_children(group, scope);
}

void gyre_cancel_scope_cancel(gyre_cancel_scope *scope)
{
    if (scope->cancel_called)
        return;
    scope->cancel_called = true;
    if (!scope->task)
        return;
    gyre__lazy_cancel(scope->task->loop, &scope->timer);
    wake((struct gyre__task *)scope->task, scope);
}

static void strike(void *timer)
{
    gyre_cancel_scope_cancel(GYRE__OF(timer, gyre_cancel_scope, timer));
}

static void arm(gyre_cancel_scope *scope, double now)
{
    if (scope->deadline <= now)
        scope->cancel_called = true;
    else if (scope->deadline < INFINITY)
        gyre__lazy_begin(scope->task->loop, &scope->timer, scope->deadline, strike);
}

static int begin(gyre_cancel_scope *scope, double deadline, bool shield)
{
    struct gyre__task *task = gyre__task_current();

    *scope = (gyre_cancel_scope){.deadline = deadline, .shield = shield};
    if (!task)
        return gyre_error_set(GYRE_ERUNTIME, "A cancel scope should be used inside a task");
    if (isnan(deadline))
        return gyre_error_set(GYRE_EVALUE, "Invalid deadline: NaN (not a number)");
    scope->task = &task->future;
    scope->outer = task->scope;
    scope->cancelling = gyre_task_cancelling(scope->task);
    task->scope = scope;
    return 0;
}

int(gyre_cancel_scope_begin)(gyre_cancel_scope *scope, const gyre_cancel_scope_options *given)
{
    gyre_cancel_scope_options options = {0};
    int err;

    gyre__options_fill(&options, sizeof options, given);
    err = begin(scope, options.deadline != 0 ? options.deadline : INFINITY, options.shield == GYRE_YES);
    if (!err && scope->deadline < INFINITY)
        arm(scope, gyre_loop_time(scope->task->loop));
    return err;
}

int(gyre_move_on_after_begin)(gyre_cancel_scope *scope, double seconds, const gyre_move_on_options *given)
{
    gyre_move_on_options options = {0};
    double now = gyre_loop_time(gyre_get_event_loop());
    int err;

    gyre__options_fill(&options, sizeof options, given);
    err = begin(scope, now + seconds, options.shield == GYRE_YES);
    if (!err)
        arm(scope, now);
    return err;
}

/* The cancellation is this scope's alone: neither the task nor a scope around it was asked to end. */
static bool is_own(const gyre_cancel_scope *scope)
{
    if (!scope->cancel_called || gyre_task_cancelling(scope->task) > scope->cancelling)
        return false;
    return scope->shield || !gyre__scope_cancelled(scope->outer);
}

ptrdiff_t gyre_cancel_scope_end(gyre_cancel_scope *scope, ptrdiff_t code)
{
    struct gyre__task *task = (struct gyre__task *)scope->task;

    if (!task)
        return code;
    GYRE__CHECK(task == gyre__task_current() && task->scope == scope,
                "a cancel scope is ended by the task that began it, inner ones first");
    gyre__lazy_cancel(task->future.loop, &scope->timer);
    task->scope = scope->outer;
    scope->cancelled_caught = code == GYRE_ECANCELLED && is_own(scope);
    scope->task = NULL;
    return scope->cancelled_caught ? 0 : code;
}

bool gyre_cancel_scope_cancel_called(const gyre_cancel_scope *scope)
{
    return scope->cancel_called;
}

bool gyre_cancel_scope_cancelled_caught(const gyre_cancel_scope *scope)
{
    return scope->cancelled_caught;
}

double gyre_current_effective_deadline(void)
{
    const struct gyre__task *task = gyre__task_current();
    const gyre_cancel_scope *scope = task ? task->scope : NULL;
    double earliest = INFINITY;

    if (gyre__scope_cancelled(scope))
        return -INFINITY;
    for (; scope; scope = scope->outer) {
        earliest = fmin(earliest, scope->deadline);
        if (scope->shield)
            break;
    }
    return earliest;
}
