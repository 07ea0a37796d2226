/* httpd/beneath.h - opening files inside one folder, and nothing outside of it. All of it may block. */
#ifndef HTTPD_BENEATH_H
#define HTTPD_BENEATH_H

#include <sys/stat.h>

/* Opens the folder itself; -errno. */
int beneath_root(const char *folder);

/* Opens the regular file `path` beneath the folder for reading, and fills *stat in. -EXDEV: the path is
 * absolute, or has an empty part, "." or "..", or links lead out; -EISDIR; -EINVAL: a device, pipe or socket;
 * or the system's -errno. Links that stay inside are followed. */
int beneath_open(int root, const char *path, struct stat *stat);

/* The same for systems without openat2(2), or whose sandbox forbids it: part by part, following no links. */
int beneath_walk(int root, const char *path, struct stat *stat);

#endif
