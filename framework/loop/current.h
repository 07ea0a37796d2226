/* loop/current.h - the running loop of each thread; set by turn.c, and by task/tasks.c when a
 * loop closes. */
#ifndef GYRE__CURRENT_H
#define GYRE__CURRENT_H

#include <gyre/loop.h>

/* Makes `loop` (NULL: none) the one that runs on this thread. */
void gyre__set_running_loop(gyre_loop *loop);

#endif
