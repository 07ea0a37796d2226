/* task/task_group.h - what the files of a task group share. */
#ifndef GYRE__TASK_GROUP_H
#define GYRE__TASK_GROUP_H

#include <gyre/task_group.h>
#include <stddef.h>

/* Why no task can be made in the group now, NULL when one can. */
const char *gyre__group_closed(const gyre_task_group *group);

/* Cancels the children, oldest first; from now on there are no new ones. */
void gyre__group_abort(gyre_task_group *group);

/* Ends the children on a closing loop, which has no turns left in which they could tell that they are done.
 * Without children it does nothing. */
void gyre__group_unwind(gyre_task_group *group);

/* Lists the failed children of a group that was left, and the body's own failure (a code of 0: none) with its
 * sentence; the list goes to the parent. Returns the first code, its sentence made current; 0 when nothing
 * failed. The failed children are let go. */
int gyre__group_raise(gyre_task_group *group, int code, const char *text);

#endif
