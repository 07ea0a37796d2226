/* net/readiness.h - a task waits until a descriptor is ready. */
#ifndef GYRE__READINESS_H
#define GYRE__READINESS_H

#include "loop/loop.h"

/* 0 when it is ready for one of the events; -errno when it cannot be watched, GYRE_ECANCELLED. Nobody else
 * may watch it. [suspends] */
int gyre__await_ready(gyre_loop *loop, int fd, int events);

/* What has become of a connect that the system went on with alone: 0 or -errno. */
int gyre__connect_outcome(const gyre_loop *loop, int fd);

#endif
