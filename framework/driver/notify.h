/* driver/notify.h - a descriptor that is readable when something has happened to a file or in a folder.
 *
 * Called by loop/monitor.c.
 */
#ifndef GYRE__NOTIFY_H
#define GYRE__NOTIFY_H

#include <stdbool.h>

/* Hears of one event, GYRE_FS_x; `name` NULL: of the path itself. False: of no more. */
typedef bool (*gyre__notice)(void *arg, const char *name, int event);

/* A descriptor for the path, close-on-exec and non-blocking; -errno, -ENOTSUP where the system has none. */
int gyre__notify_open(const char *path);

/* Takes what waits there, as far as one read goes, and passes it on. */
void gyre__notify_read(int fd, gyre__notice notice, void *arg);

#endif
