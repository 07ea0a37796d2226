/* task/task.h - the inside of a task: a coroutine, what it waits for, and the requests to end it.
 *
 * Called by task/ alone; net/ and shard/ await futures. A task is a future first, so that each can stand for
 * the other.
 */
#ifndef GYRE__TASK_H
#define GYRE__TASK_H

#include "task/coro.h"
#include "task/future.h"
#include <gyre/task_group.h>
#include <gyre/timeout.h>

struct gyre__task {
    gyre_future future;        /* must stay first */
    struct gyre__coro coro;    /* its stack */
    gyre_coroutine fn;         /* its body */
    void *arg;                 /* for the body */
    gyre_release release;      /* frees arg */
    gyre_future *waiting;      /* what it waits for, NULL when it is ready, running or new */
    char *name;                /* malloc'd, or NULL: "Task-<number>" */
    uint64_t number;           /* counts the tasks of its loop from 1 */
    char *text;                /* the sentence of its last failure */
    char *cancel_msg;          /* goes with must_cancel, malloc'd or NULL */
    struct gyre__vars vars;    /* the variables that it sees */
    struct gyre__vars *inside; /* what was current when it suspended: its own, or a context that it runs in */
    struct gyre__list link;    /* in tasks->pending until it is done */
    gyre_cancel_scope *scope;  /* the innermost cancel scope that it is in, NULL for none */
    gyre_task_group *groups;   /* the groups that it has begun and not ended, innermost first */
    struct gyre__list sibling; /* a ring: the children of the group that made it */
    gyre_group_error *group_errors; /* malloc'd: those of its last group that failed */
    int cancels;                    /* requests to cancel, minus those taken back */
    bool started;                   /* its body has begun */
    bool must_cancel;               /* raise GYRE_ECANCELLED at the next step */
    bool deliver_cancel;            /* the step that runs now raises it */
    int timeouts;                   /* timeouts that are open */
    unsigned refused;               /* waits that were refused since the loop closed */
    char default_name[28];          /* "Task-<number>" once somebody asked */
};

/* The task floor's state on a loop. */
struct gyre__tasks {
    struct gyre__slab futures;      /* memory of plain futures */
    struct gyre__slab tasks;        /* memory of tasks */
    struct gyre__stack_pool stacks; /* stacks that wait for a task */
    struct gyre__list pending;      /* tasks that are not done, oldest first */
    struct gyre__list gatherings;   /* gather.c's futures */
    struct gyre__list dying;        /* those that nobody holds any more, while `burying` */
    bool burying;                   /* gather.c frees them, one after the other */
    struct gyre__task *current;     /* the task that runs now, NULL in plain callbacks */
    gyre_cancel_scope *inherited;   /* the scope that the next task to be made is in */
    gyre_future *until;             /* what run_until_complete waits for */
    uint64_t number;                /* tasks made */
    uint32_t mark;                  /* walks made */
    gyre_task_factory factory;      /* makes the tasks, NULL: gyre_task_new */
    bool closing;                   /* the loop is closing: every wait is refused */
};

/* The task floor of a loop, made at first use. */
struct gyre__tasks *gyre__tasks_of(gyre_loop *loop);

/* The task that runs on this thread, NULL for none. */
struct gyre__task *gyre__task_current(void);

/* Makes a task; its first step is not scheduled yet, and it has no stack before it. */
struct gyre__task *gyre__task_new(gyre_loop *loop, gyre_coroutine fn, void *arg,
                                  const gyre_task_options *options);

/* Runs the first step of a new task now. -ENOMEM: there is no stack, the task is gone, and arg is not
 * released. */
int gyre__task_begin(struct gyre__task *task);

/* Runs it in the next turn. */
void gyre__task_step_soon(struct gyre__task *task);

/* Runs the task until it waits or ends. */
void gyre__task_step(struct gyre__task *task);

/* From inside the running task: waits until the future is done, or for one turn when it is NULL. 0, or
 * GYRE_ECANCELLED. */
int gyre__task_wait(struct gyre__task *task, gyre_future *future);

/* Forgets a task that never ran: the loop's reference goes, its arg is not released. */
void gyre__task_drop(struct gyre__task *task);

/* Ends a task: its outcome, callbacks, memory. */
void gyre__task_finish(struct gyre__task *task, int code);

/* Resumes a task of a closing loop a last time: the wait it is in, and all that follow, return
 * GYRE_ECANCELLED at once. One that will not hear is reported and left where it stands. */
void gyre__task_unwind(struct gyre__task *task);

/* The done-callback that wakes a task. */
void gyre__task_wake(gyre_future *future, void *task);

/* The pending tasks of a loop and what they wait for, a line each; malloc'd, NULL for none: the loop's
 * `describe`. */
char *gyre__tasks_describe(gyre_loop *loop);

/* True when the call runs the task that is its arg. */
bool gyre__task_steps(const struct gyre__call *call);

/* What the loop calls tasks in reports. */
extern const struct gyre__task_words gyre__task_words;

/* Debug mode: tells of a task that is dropped before its first step, and of one whose body returned with
 * scopes open. */
void gyre__task_never_awaited(struct gyre__task *task);
void gyre__task_left_open(struct gyre__task *task);

/* A timeout begins (+1) or ends (-1) in the task: debug mode tells of those that are open when its body
 * returns. Groups and cancel scopes left open end the program anyway: others point at them. */
static inline void gyre__task_timeout(struct gyre__task *task, int change)
{
    task->timeouts += change;
}

/* Asks a pending task or gathering, and all that it waits for, to end; false when nobody heard. */
bool gyre__cancel_walk(gyre_future *future, const char *msg);

/* Lets every gathering forget its children: on a closed loop none of them tells it any more. */
void gyre__gatherings_close(struct gyre__tasks *tasks);

#endif
