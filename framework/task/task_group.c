/* task/task_group.c - tasks that end together.
 *
 * A child is in one ring: the group's children until its done-callback has run, then, if it failed, the
 * failed. Each ring holds a reference. Its task carries the links, so a child costs no memory of its own.
 */
#include "task/task_group.h"
#include "base/options.h"
#include "task/siblings.h"

void gyre_task_group_init(gyre_task_group *group)
{
    *group = (gyre_task_group){0};
}

int gyre_task_group_enter(gyre_task_group *group)
{
    struct gyre__task *task = gyre__task_current();

    if (group->entered)
        return gyre_error_set(GYRE_ERUNTIME, "TaskGroup has already been entered");
    if (!task)
        return gyre_error_set(GYRE_ERUNTIME, "TaskGroup cannot determine the parent task");
    group->entered = true;
    group->parent = &task->future;
    group->scope = task->scope;
    group->outer = task->groups;
    task->groups = group;
    if (group->cancel_on_enter)
        gyre_task_group_cancel(group);
    return 0;
}

int gyre_task_group_begin(gyre_task_group *group)
{
    gyre_task_group_init(group);
    return gyre_task_group_enter(group);
}

static bool is_finished(const gyre_task_group *group)
{
    return group->exiting && !group->children;
}

void gyre__group_abort(gyre_task_group *group)
{
    gyre_task *child;

    group->aborting = true;
    for (child = group->children; child; child = gyre__sibling_next(group->children, child))
        gyre_task_cancel(child);
}

/* The group's own request, which its end takes back. */
static void abort_all(gyre_task_group *group)
{
    gyre__group_abort(group);
    if (group->parent_cancelled)
        return;
    group->parent_cancelled = true;
    gyre_task_cancel(group->parent);
}

void gyre_task_group_cancel(gyre_task_group *group)
{
    if (!group->entered)
        group->cancel_on_enter = true;
    else if (!is_finished(group) && !group->aborting)
        abort_all(group);
}

/* From the children to the failed, or away. */
static void dismiss(gyre_task_group *group, gyre_task *child)
{
    gyre__siblings_remove(&group->children, child);
    if (!gyre_future_done(child) || gyre_future_cancelled(child) || child->code >= 0) {
        gyre_future_unref(child);
        return;
    }
    child->unseen = false;
    gyre__siblings_append(&group->failed, child);
}

static void child_done(gyre_future *child, void *arg)
{
    gyre_task_group *group = arg;
    bool failed = !gyre_future_cancelled(child) && child->code < 0;

    dismiss(group, child);
    if (!group->children && group->completed)
        gyre__future_finish(group->completed, 0);
    if (failed && !group->aborting)
        abort_all(group);
}

static int refuse(const char *why, void *arg, const gyre_task_options *given)
{
    gyre_task_options options = {0};

    gyre__options_fill(&options, sizeof options, given);
    gyre_error_set(GYRE_ERUNTIME, "TaskGroup %s", why);
    if (options.release)
        options.release(arg);
    return GYRE_ERUNTIME;
}

const char *gyre__group_closed(const gyre_task_group *group)
{
    if (!group->entered)
        return "has not been entered";
    if (is_finished(group))
        return "is finished";
    return group->aborting ? "is shutting down" : NULL;
}

/* Its end is always told in a turn of its own, even if it ran to it inside create_task; and there it may have
 * cancelled the group, which did not know it yet. */
static void adopt(gyre_task_group *group, gyre_task *child)
{
    gyre__siblings_append(&group->children, child);
    gyre__future_listen(child, child_done, group, NULL, group->parent);
    if (group->aborting)
        gyre_task_cancel(child);
}

int(gyre_task_group_create_task)(gyre_task_group *group, gyre_task **task, gyre_coroutine fn, void *arg,
                                 const gyre_task_options *options)
{
    const char *why = gyre__group_closed(group);
    gyre_task *child;
    int err;

    if (why)
        return refuse(why, arg, options);
    gyre__tasks_of(group->parent->loop)->inherited = group->scope;
    err = (gyre_loop_create_task)(group->parent->loop, &child, fn, arg, options);
    if (err)
        return err;
    adopt(group, child);
    if (task)
        *task = gyre_future_ref(child);
    return 0;
}

void gyre__group_unwind(gyre_task_group *group)
{
    gyre_task *child;

    while ((child = group->children)) {
        gyre_future_remove_done_callback(child, child_done, group);
        if (!gyre_future_done(child))
            gyre__task_unwind((struct gyre__task *)child);
        dismiss(group, child);
    }
}
