/* process/children.c - a loop of libuv inside a loop of ours: made, turned, closed.
 *
 * Who closes the loop ends its children: they are killed, and reaped here, so that no zombie is left.
 */
#include "process/children.h"
#include "base/memory.h"
#include "loop/descriptor.h"
#include "process/subprocess.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A turn may end children, which may start others. */
void gyre__children_turn(struct gyre__children *children)
{
    if (children->turning)
        return;
    children->turning = true;
    do
        uv_run(&children->uv, UV_RUN_NOWAIT);
    while (gyre__subprocess_find_stolen(children));
    children->turning = false;
}

static void be_ready(void *children, int events)
{
    gyre__children_turn(children);
}

static void close_children(gyre_loop *loop, void *state)
{
    struct gyre__children *children = state;

    while (!gyre__list_empty(&children->all))
        gyre__subprocess_drop(GYRE__OF(children->all.next, gyre_subprocess_transport, link));
    loop->driver_class->unwatch(children->watch);
    /* Every close callback must have run. */
    while (uv_loop_close(&children->uv) == UV_EBUSY)
        uv_run(&children->uv, UV_RUN_NOWAIT);
}

static void free_children(gyre_loop *loop, void *children)
{
    free(children);
}

static int watch(struct gyre__children *children)
{
    int fd = uv_backend_fd(&children->uv);

    children->watch = gyre__descriptor_watch(children->loop, fd, GYRE__READABLE, be_ready, children);
    return children->watch ? 0 : -errno;
}

static int open_uv(struct gyre__children *children)
{
    int err = uv_loop_init(&children->uv);

    if (!err) {
        err = watch(children);
        if (err)
            uv_loop_close(&children->uv);
    }
    return err ? gyre_error_set(err, "children cannot be watched: %s", strerror(-err)) : 0;
}

static struct gyre__children *make(gyre_loop *loop, int *err)
{
    struct gyre__children *children = gyre__calloc(sizeof *children);

    children->loop = loop;
    gyre__list_init(&children->all);
    *err = open_uv(children);
    if (*err) {
        free(children);
        return NULL;
    }
    gyre__loop_attach(
        loop, GYRE__FLOOR_PROCESS,
        (struct gyre__floor_state){.state = children, .close = close_children, .release = free_children});
    return children;
}

struct gyre__children *gyre__children_of(gyre_loop *loop, int *err)
{
    struct gyre__children *children = loop->floors[GYRE__FLOOR_PROCESS].state;

    return children ? children : make(loop, err);
}
