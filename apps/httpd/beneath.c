/* httpd/beneath.c - openat2(2) keeps us inside the folder, whatever links say and whoever renames meanwhile;
 * where there is none, a walk that follows no links does.
 */
#include "httpd/beneath.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    TRIES = 16, /* somebody renames folders while the kernel looks */
    /* Not waiting for a writer, should it be a pipe. */
    READ = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
};

int beneath_root(const char *folder)
{
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

static size_t part_len(const char *part)
{
    return strcspn(part, "/");
}

static bool is_plain(const char *part, size_t len)
{
    return len && !(len == 1 && part[0] == '.') && !(len == 2 && part[0] == '.' && part[1] == '.');
}

/* Every part is a name. */
static bool stays_inside(const char *path)
{
    for (;; path++) {
        size_t len = part_len(path);

        if (!is_plain(path, len))
            return false;
        path += len;
        if (!*path)
            return true;
    }
}

static int open_how(int root, const char *path)
{
    struct open_how how = {.flags = READ, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long fd = -1;

    for (int i = 0; i < TRIES; i++) {
        fd = syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    return fd < 0 ? -errno : (int)fd;
}

static int kind_error(const struct stat *stat)
{
    if (S_ISDIR(stat->st_mode))
        return -EISDIR;
    return S_ISREG(stat->st_mode) ? 0 : -EINVAL;
}

/* Passes the file on if it is one. */
static int examine(int fd, struct stat *stat)
{
    int err;

    if (fd < 0)
        return fd;
    err = fstat(fd, stat) ? -errno : kind_error(stat);
    if (!err)
        return fd;
    close(fd);
    return err;
}

/* Opens one part, and closes the folder it is in unless that is the root. */
static int step(int root, int folder, const char *part, size_t len, int flags)
{
    char name[NAME_MAX + 1];
    int fd = -ENAMETOOLONG;

    if (len <= NAME_MAX) {
        memcpy(name, part, len);
        name[len] = '\0';
        fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            fd = -errno;
    }
    if (folder != root)
        close(folder);
    return fd;
}

int beneath_walk(int root, const char *path, struct stat *stat)
{
    int at = root;

    if (!stays_inside(path))
        return -EXDEV;
    for (size_t len = part_len(path); path[len]; path += len + 1, len = part_len(path)) {
        at = step(root, at, path, len, O_PATH | O_DIRECTORY);
        if (at < 0)
            return at;
    }
    return examine(step(root, at, path, part_len(path), READ), stat);
}

int beneath_open(int root, const char *path, struct stat *stat)
{
    int fd;

    if (!stays_inside(path))
        return -EXDEV;
    fd = open_how(root, path);
    if (fd == -ENOSYS || fd == -EPERM)
        return beneath_walk(root, path, stat);
    return examine(fd, stat);
}
