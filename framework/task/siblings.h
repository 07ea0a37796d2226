/* task/siblings.h - the children of a task group: a ring of tasks without a head, NULL when there are none.
 */
#ifndef GYRE__SIBLINGS_H
#define GYRE__SIBLINGS_H

#include "task/task.h"

static inline struct gyre__list *gyre__sibling_link(gyre_task *task)
{
    return &((struct gyre__task *)task)->sibling;
}

/* Adds the youngest. */
static inline void gyre__siblings_append(gyre_task **ring, gyre_task *task)
{
    gyre__list_init(gyre__sibling_link(task));
    if (*ring)
        gyre__list_append(gyre__sibling_link(*ring), gyre__sibling_link(task));
    else
        *ring = task;
}

/* The next younger one, NULL after the youngest. */
static inline gyre_task *gyre__sibling_next(gyre_task *ring, gyre_task *task)
{
    struct gyre__list *next = gyre__sibling_link(task)->next;

    return next == gyre__sibling_link(ring) ? NULL : &GYRE__OF(next, struct gyre__task, sibling)->future;
}

/* Takes one out, wherever it is. */
static inline void gyre__siblings_remove(gyre_task **ring, gyre_task *task)
{
    if (*ring == task)
        *ring = gyre__sibling_next(task, task);
    gyre__list_remove(gyre__sibling_link(task));
}

#endif
