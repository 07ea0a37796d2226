/* loop/monitor.h - monitor_fs, seen from the tickets. */
#ifndef GYRE__MONITOR_H
#define GYRE__MONITOR_H

#include <gyre/loop.h>

/* Ends the watch with this number, if there is one. */
void gyre__monitor_cancel(gyre_loop *loop, uint64_t number);

#endif
