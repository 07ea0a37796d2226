/* loop/monitor.c - monitor_fs: a descriptor that tells of a path, read like one of the program's.
 *
 * Its reader owns the monitor: the release of one frees the other, and so a loop that closes leaves nothing.
 */
#include "loop/monitor.h"
#include "base/memory.h"
#include "base/options.h"
#include "driver/notify.h"
#include "loop/loop.h"
#include <errno.h>
#include <gyre/fs_event.h>
#include <stdlib.h>
#include <string.h>

struct gyre__monitor {
    struct gyre__monitor *next; /* in loop->monitors */
    gyre_loop *loop;            /* whose */
    uint64_t number;            /* what its ticket says */
    int fd;                     /* tells what happens */
    gyre_fs_callback fn;        /* who is told */
    void *arg;                  /* for it */
    gyre_release release;       /* frees arg, or NULL */
    bool cancelled;             /* not in loop->monitors any more */
    char name[];                /* the last part of the path */
};

static struct gyre__monitor **find(gyre_loop *loop, uint64_t number)
{
    struct gyre__monitor **place = &loop->monitors;

    while (*place && (*place)->number != number)
        place = &(*place)->next;
    return place;
}

static void leave(struct gyre__monitor *monitor)
{
    if (!monitor->cancelled)
        *find(monitor->loop, monitor->number) = monitor->next;
    monitor->cancelled = true;
}

/* Its reader has ended. */
static void end(void *arg)
{
    struct gyre__monitor *monitor = arg;

    leave(monitor);
    monitor->loop->driver_class->close_socket(monitor->fd);
    if (monitor->release)
        monitor->release(monitor->arg);
    free(monitor);
}

static bool tell(void *arg, const char *name, int event)
{
    struct gyre__monitor *monitor = arg;

    monitor->fn(name ? name : monitor->name, event, monitor->arg);
    return !monitor->cancelled;
}

static void look(void *arg)
{
    struct gyre__monitor *monitor = arg;

    gyre__notify_read(monitor->fd, tell, monitor);
}

/* "folder/" is called "folder". */
static struct gyre__monitor *make(gyre_loop *loop, const char *path, int fd)
{
    size_t end = strlen(path), start;
    struct gyre__monitor *monitor;

    while (end > 1 && path[end - 1] == '/')
        end--;
    for (start = end; start && path[start - 1] != '/'; start--)
        ;
    monitor = gyre__calloc(sizeof *monitor + end - start + 1);
    memcpy(monitor->name, path + start, end - start);
    monitor->loop = loop;
    monitor->fd = fd;
    monitor->next = loop->monitors;
    loop->monitors = monitor;
    return monitor;
}

static int open_path(gyre_loop *loop, const char *path)
{
    int fd = gyre__loop_is_virtual(loop) ? -ENOTSUP : gyre__notify_open(path);

    return fd < 0 ? gyre_error_set(fd, "'%s' cannot be watched: %s", path, gyre_strerror(fd)) : fd;
}

/* A late ticket must not find another watch: numbers go on from one loop to the next in its place. */
static uint64_t next_number(gyre_loop *loop)
{
    if (++loop->generation == 0)
        loop->generation = 1;
    return loop->generation;
}

static gyre_handle monitor_path(gyre_loop *loop, int fd, const char *path, gyre_fs_callback fn, void *arg,
                                gyre_call_options *options)
{
    struct gyre__monitor *monitor = make(loop, path, fd);
    uint64_t number = monitor->number = next_number(loop);
    int err;

    monitor->fn = fn;
    monitor->arg = arg;
    monitor->release = options->release;
    options->release = end;
    err = (gyre_loop_add_reader)(loop, fd, look, monitor, options);
    return err ? gyre__ticket_error(err, NULL, NULL) : gyre__ticket_monitor(loop, number);
}

static int check(const gyre_loop *loop, gyre_fs_callback fn)
{
    int err = gyre__loop_guarded(loop) ? gyre__loop_check(loop) : 0;

    if (err || fn)
        return err;
    return gyre_error_set(GYRE_ETYPE, "a callable object was expected by monitor_fs(), got NULL");
}

gyre_handle(gyre_loop_monitor_fs)(gyre_loop *loop, const char *path, gyre_fs_callback fn, void *arg,
                                  const gyre_call_options *options)
{
    gyre_call_options filled = {0};
    int fd = check(loop, fn);

    gyre__options_fill(&filled, sizeof filled, options);
    if (!fd)
        fd = open_path(loop, path);
    if (fd < 0)
        return gyre__ticket_error(fd, arg, filled.release);
    return monitor_path(loop, fd, path, fn, arg, &filled);
}

void gyre__monitor_cancel(gyre_loop *loop, uint64_t number)
{
    struct gyre__monitor *monitor = *find(loop, number);

    if (!monitor)
        return;
    gyre__loop_assert_here(loop);
    leave(monitor);
    gyre_loop_remove_reader(loop, monitor->fd);
}
