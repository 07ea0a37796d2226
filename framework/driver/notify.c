/* driver/notify.c - Linux's inotify: one of it for each path. */
#include "driver/notify.h"
#include <errno.h>
#include <gyre/fs_event.h>
#if defined __linux__
#include "driver/sockets.h"
#include <sys/inotify.h>

enum {
    CHANGES = IN_ATTRIB | IN_MODIFY,
    RENAMES = IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_MOVED_FROM | IN_MOVED_TO,
    ROOM = 4096
};

static int watch(int fd, const char *path)
{
    int err = inotify_add_watch(fd, path, CHANGES | RENAMES) < 0 ? -errno : 0;

    if (!err)
        return fd;
    gyre__sys_close(fd);
    return err;
}

int gyre__notify_open(const char *path)
{
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    return fd < 0 ? -errno : watch(fd, path);
}

/* 0: it tells that nothing more will come. */
static int event_of(uint32_t mask)
{
    int event = 0;

    if (mask & (CHANGES | IN_Q_OVERFLOW))
        event |= GYRE_FS_CHANGE;
    if (mask & (RENAMES | IN_Q_OVERFLOW | IN_UNMOUNT))
        event |= GYRE_FS_RENAME;
    return event;
}

static bool tell(const struct inotify_event *came, gyre__notice notice, void *arg)
{
    int event = event_of(came->mask);

    return !event || notice(arg, came->len ? came->name : NULL, event);
}

void gyre__notify_read(int fd, gyre__notice notice, void *arg)
{
    _Alignas(struct inotify_event) char buffer[ROOM];
    ssize_t got = gyre__sys_read(fd, buffer, sizeof buffer);
    const struct inotify_event *came;

    for (ssize_t at = 0; at < got; at += (ssize_t)(sizeof *came + came->len)) {
        came = (const struct inotify_event *)(const void *)(buffer + at);
        if (!tell(came, notice, arg))
            return;
    }
}

#else

int gyre__notify_open(const char *path)
{
    return -ENOTSUP;
}

void gyre__notify_read(int fd, gyre__notice notice, void *arg)
{
}

#endif
