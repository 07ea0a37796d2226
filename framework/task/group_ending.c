/* task/group_ending.c - how a task group is left: waiting for its children, and what comes out. */
#include "base/check.h"
#include "base/error.h"
#include "base/memory.h"
#include "task/task.h"
#include "task/task_group.h"
#include <stdlib.h>

/* What a group's end knows while it waits. */
struct ending {
    ptrdiff_t code; /* the body's, or the cancellation that is to be passed on */
    char *text;     /* its sentence, malloc'd or NULL */
    bool cancelled; /* a wait for the children was cancelled */
};

static void keep_text(struct ending *ending)
{
    free(ending->text);
    ending->text = gyre__strdup(gyre_error_text());
}

static void wait_cancelled(gyre_task_group *group, struct ending *ending)
{
    ending->cancelled = true;
    if (ending->code >= 0)
        keep_text(ending);
    if (group->aborting)
        return;
    ending->code = GYRE_ECANCELLED;
    gyre__group_abort(group);
}

/* Once the children have been cancelled, a cancelled scope has said here what it has to say: it would only
 * turn the wait into a spin. */
static int wait_once(gyre_task_group *group, struct gyre__task *parent)
{
    gyre_cancel_scope *scope = parent->scope;
    int err;

    if (group->aborting)
        parent->scope = NULL;
    group->completed = gyre_loop_create_future(parent->future.loop);
    err = gyre_await(group->completed, NULL);
    gyre_future_unref(group->completed);
    group->completed = NULL;
    parent->scope = scope;
    return err;
}

static void wait_for_children(gyre_task_group *group, struct ending *ending)
{
    struct gyre__tasks *tasks = gyre__tasks_of(group->parent->loop);

    while (group->children && !tasks->closing)
        if (wait_once(group, (struct gyre__task *)group->parent))
            wait_cancelled(group, ending);
    gyre__group_unwind(group);
}

/* Takes back the group's own request; what is left of the cancellation is somebody else's. */
static void settle_cancellation(gyre_task_group *group, struct ending *ending)
{
    if (!group->parent_cancelled)
        return;
    if (gyre_task_uncancel(group->parent) > 0)
        ending->code = ending->code >= 0 && ending->cancelled ? GYRE_ECANCELLED : ending->code;
    else if (ending->code == GYRE_ECANCELLED)
        ending->code = 0;
}

/* Errors come first; a cancellation from outside is asked for again, so that the next wait returns it. */
static ptrdiff_t conclude(gyre_task_group *group, const struct ending *ending)
{
    bool raised = ending->code < 0 && ending->code != GYRE_ECANCELLED;
    int err = gyre__group_raise(group, raised ? (int)ending->code : 0, ending->text);

    if (!err && ending->code == GYRE_ECANCELLED)
        gyre__error_put(gyre__strdup(ending->text));
    if (!err)
        return ending->code;
    if (gyre_task_cancelling(group->parent) > 0) {
        gyre_task_uncancel(group->parent);
        gyre_task_cancel(group->parent);
    }
    return err;
}

static void check_order(const gyre_task_group *group)
{
    struct gyre__task *task = gyre__task_current();

    GYRE__CHECK(task && group->parent == &task->future && task->groups == group,
                "a task group is ended by the task that began it, inner ones first");
}

static void leave(gyre_task_group *group)
{
    ((struct gyre__task *)group->parent)->groups = group->outer;
    group->parent = NULL;
}

ptrdiff_t gyre_task_group_end(gyre_task_group *group, ptrdiff_t code)
{
    struct ending ending = {.code = code};

    if (!group->parent)
        return gyre_error_set(GYRE_ERUNTIME, "TaskGroup %s", gyre__group_closed(group));
    check_order(group);
    group->exiting = true;
    if (code < 0)
        keep_text(&ending);
    if (code < 0 && !group->aborting)
        gyre__group_abort(group);
    wait_for_children(group, &ending);
    settle_cancellation(group, &ending);
    code = conclude(group, &ending);
    leave(group);
    free(ending.text);
    return code;
}
