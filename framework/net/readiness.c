/* net/readiness.c - one watch, one future, one wait. */
#include "net/readiness.h"
#include <errno.h>
#include <gyre/task.h>

struct wait {
    const struct gyre__driver_class *driver; /* the loop's */
    struct gyre__watch *watch;               /* tells when it is ready */
    gyre_future *future;                     /* what we wait for */
};

static void be_ready(void *arg, int events)
{
    struct wait *wait = arg;

    wait->driver->change(wait->watch, 0);
    if (!gyre_future_done(wait->future))
        gyre_future_set_result(wait->future, NULL);
}

int gyre__await_ready(gyre_loop *loop, int fd, int events)
{
    struct wait wait = {.driver = loop->driver_class};
    int err;

    wait.watch = gyre__descriptor_watch(loop, fd, events, be_ready, &wait);
    if (!wait.watch)
        return -errno;
    wait.future = gyre_loop_create_future(loop);
    err = gyre_await(wait.future, NULL);
    wait.driver->unwatch(wait.watch);
    gyre_future_unref(wait.future);
    return err;
}

int gyre__connect_outcome(const gyre_loop *loop, int fd)
{
    int value = 0;
    int err = loop->driver_class->getsockopt(fd, SOL_SOCKET, SO_ERROR, &value);

    return err ? err : -value;
}
