/* gyre/task_group.h - tasks that end together: a group waits for all of its children.
 *
 * asyncio: TaskGroup. The first child, or body, that fails cancels the others; the end of the group waits
 * for them, and then tells of every failure.
 */
#ifndef GYRE_TASK_GROUP_H
#define GYRE_TASK_GROUP_H

#include <gyre/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One of the errors that ended a group. */
typedef struct gyre_group_error {
    int code;         /* the failure, negative, never GYRE_ECANCELLED */
    const char *text; /* its sentence, "" for none */
    const char *task; /* the name of the child, or of the parent for what the body returned */
} gyre_group_error;

/* yours: a group of tasks; the fields are gyre's. Zeroed memory is a group that was not begun. */
typedef struct gyre_task_group {
    gyre_task *parent;               /* the task that has begun it and will end it */
    struct gyre_task_group *outer;   /* the next open group of that task */
    struct gyre_cancel_scope *scope; /* the cancel scope around it, where the children begin */
    gyre_task *children;             /* the oldest that has not told that it is done; a ring */
    gyre_task *failed;               /* those that failed, in that order; a ring */
    gyre_future *completed;          /* what end waits for */
    const gyre_group_error *errors;  /* what end found */
    size_t count;                    /* how many errors */
    bool entered;                    /* begun */
    bool exiting;                    /* end was called */
    bool aborting;                   /* the children were cancelled */
    bool parent_cancelled;           /* so was the parent, by this group: its end takes that back */
    bool cancel_on_enter;            /* cancelled before it was begun */
} gyre_task_group;

/* Begins a group in the running task: gyre_task_group_init and gyre_task_group_enter. asyncio: async with
 * TaskGroup() */
int gyre_task_group_begin(gyre_task_group *group);

/* The first half of begin, for a group that somebody else may cancel before it begins. asyncio: TaskGroup()
 */
void gyre_task_group_init(gyre_task_group *group);

/* The second half. GYRE_ERUNTIME outside a task, and for a group that was entered before. asyncio:
 * TaskGroup.__aenter__ */
int gyre_task_group_enter(gyre_task_group *group);

/* Makes a task that the group waits for, from any task or callback of its loop. *task may be NULL.
 * GYRE_ERUNTIME before the begin, after the end, and when the group is shutting down; -ENOMEM: no stack. On
 * failure arg is released. [new ref] in *task. asyncio: TaskGroup.create_task */
int gyre_task_group_create_task(gyre_task_group *group, gyre_task **task, gyre_coroutine fn, void *arg,
                                const gyre_task_options *options);
#define gyre_task_group_create_task(group, task, fn, ...)                  \
    gyre_task_group_create_task(group, task, fn, GYRE__FIRST(__VA_ARGS__), \
                                GYRE__OPTIONS(gyre_task_options, __VA_ARGS__))

/* Cancels the children and the body; the end of the group then returns 0. More than once, and after the end,
 * is harmless; before the begin, the group is cancelled when it begins. asyncio: TaskGroup.cancel (3.15) */
void gyre_task_group_cancel(gyre_task_group *group);

/* Leaves the group with the pending code: waits for every child, also for those made meanwhile. A negative
 * code cancels them first. Returns the code when nothing failed, GYRE_ECANCELLED when the parent was
 * cancelled by somebody else, or the first error, whose sentence then says how many more there are:
 * errors before a cancellation, which comes out of the parent's next wait. [suspends] asyncio:
 * TaskGroup.__aexit__ */
ptrdiff_t gyre_task_group_end(gyre_task_group *group, ptrdiff_t code);

/* What ended the group: how many errors, and in *errors all of them, children in the order in which they
 * failed, then the body's own. Valid until the parent ends, or ends another group that failed. asyncio:
 * ExceptionGroup.exceptions */
size_t gyre_task_group_errors(const gyre_task_group *group, const gyre_group_error **errors);

#ifdef __cplusplus
}
#endif

#endif
