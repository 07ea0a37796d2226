/* driver/uv.c - the driver on libuv: its poller, and one of its timers for the deadline of each poll.
 *
 * A watch is one uv_poll; libuv frees it one turn after it was closed, so a watch is ours until then. libuv
 * ends the process when a descriptor that it is about to watch is closed, so that guests are looked at
 * before.
 */
#include "base/check.h"
#include "base/list.h"
#include "base/memory.h"
#include "driver/driver.h"
#include "driver/sockets.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <uv.h>

struct gyre__driver {
    uv_loop_t loop;
    uv_timer_t deadline;     /* ends a poll that waits */
    void (*awake)(void *);   /* told before the first callback of a poll that waited */
    void *awake_arg;         /* for awake */
    struct gyre__list fresh; /* guests that libuv begins to watch in the next poll */
    struct gyre__list lost;  /* those of them that are closed, while this poll lasts */
    bool waiting;            /* in a poll that waits, and awake was not told yet */
};

struct gyre__watch {
    uv_poll_t poll;         /* libuv's half; poll.data is the watch, NULL once unwatched */
    gyre__ready fn;         /* whom to tell */
    void *arg;              /* for fn */
    int events;             /* what is watched for */
    struct gyre__list link; /* in driver->fresh, or lost */
};

static void wake_up(struct gyre__driver *driver)
{
    if (!driver->waiting)
        return;
    driver->waiting = false;
    driver->awake(driver->awake_arg);
}

/* libuv may run its timers before it polls: without the stop it would then wait for good. */
static void end_poll(uv_timer_t *timer)
{
    wake_up(timer->data);
    uv_stop(timer->loop);
}

static struct gyre__driver *make_driver(void (*awake)(void *arg), void *arg)
{
    struct gyre__driver *driver = gyre__calloc(sizeof *driver);
    int err = uv_loop_init(&driver->loop);

    if (err) {
        free(driver);
        errno = -err;
        return NULL;
    }
    driver->awake = awake;
    driver->awake_arg = arg;
    driver->deadline.data = driver;
    driver->loop.data = driver;
    gyre__list_init(&driver->fresh);
    gyre__list_init(&driver->lost);
    uv_timer_init(&driver->loop, &driver->deadline);
    return driver;
}

static void close_driver(struct gyre__driver *driver)
{
    uv_close((uv_handle_t *)&driver->deadline, NULL);
    /* Every close callback must have run before the memory goes. */
    while (uv_loop_close(&driver->loop) == UV_EBUSY)
        uv_run(&driver->loop, UV_RUN_NOWAIT);
    free(driver);
}

static int64_t now(const struct gyre__driver *driver)
{
    return (int64_t)uv_hrtime();
}

/* libuv counts whole milliseconds: round up, so that nothing is early. */
static uint64_t milliseconds_until(int64_t deadline)
{
    int64_t left = deadline - (int64_t)uv_hrtime();

    return left <= 0 ? 0 : ((uint64_t)left + 999999) / 1000000;
}

static void wait_until(struct gyre__driver *driver, int64_t deadline)
{
    driver->waiting = true;
    if (deadline != GYRE__FOREVER) {
        uv_update_time(&driver->loop);
        uv_timer_start(&driver->deadline, end_poll, milliseconds_until(deadline), 0);
    }
    uv_run(&driver->loop, UV_RUN_ONCE);
    if (deadline != GYRE__FOREVER)
        uv_timer_stop(&driver->deadline);
    wake_up(driver);
}

/* Those that are closed already are watched no longer. */
static void look_at_guests(struct gyre__driver *driver)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(&driver->fresh))) {
        struct gyre__watch *watch = GYRE__OF(link, struct gyre__watch, link);
        uv_os_fd_t fd;

        if (!uv_fileno((uv_handle_t *)&watch->poll, &fd) && fcntl(fd, F_GETFD) >= 0)
            continue;
        uv_poll_stop(&watch->poll);
        gyre__list_append(&driver->lost, link);
    }
}

static void tell_lost(struct gyre__driver *driver)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(&driver->lost))) {
        struct gyre__watch *watch = GYRE__OF(link, struct gyre__watch, link);

        watch->fn(watch->arg, GYRE__GUEST);
    }
}

static void poll_events(struct gyre__driver *driver, int64_t deadline)
{
    look_at_guests(driver);
    if (!gyre__list_empty(&driver->lost) && deadline != GYRE__NO_WAIT)
        deadline = 0;
    if (deadline == GYRE__NO_WAIT)
        uv_run(&driver->loop, UV_RUN_NOWAIT);
    else
        wait_until(driver, deadline);
    tell_lost(driver);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static int uv_events(int events)
{
    return (events & GYRE__READABLE ? UV_READABLE : 0) | (events & GYRE__WRITABLE ? UV_WRITABLE : 0);
}

static void watch_for(struct gyre__watch *watch, int events)
{
    int err = 0;

    watch->events = events;
    if (events & ~GYRE__GUEST)
        err = uv_poll_start(&watch->poll, uv_events(events), on_poll);
    else
        uv_poll_stop(&watch->poll);
    GYRE__CHECK(!err, "a descriptor was closed while it was watched");
    if (events & GYRE__GUEST && gyre__list_empty(&watch->link))
        gyre__list_append(&((struct gyre__driver *)watch->poll.loop->data)->fresh, &watch->link);
}

/* libuv stops a watch that reports an error: whoever is told will find it, and the watch goes on. */
static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct gyre__watch *watch = poll->data;

    if (!watch)
        return;
    wake_up(poll->loop->data);
    if (status < 0)
        watch_for(watch, watch->events);
    watch->fn(watch->arg,
              status < 0 ? watch->events & ~GYRE__GUEST : events & (GYRE__READABLE | GYRE__WRITABLE));
}

static struct gyre__watch *start_watch(struct gyre__driver *driver, int fd, int events, gyre__ready fn,
                                       void *arg)
{
    struct gyre__watch *watch = gyre__calloc(sizeof *watch);
    int err = uv_poll_init(&driver->loop, &watch->poll, fd);

    if (err) {
        free(watch);
        errno = -err;
        return NULL;
    }
    watch->fn = fn;
    watch->arg = arg;
    watch->poll.data = watch;
    gyre__list_init(&watch->link);
    watch_for(watch, events);
    return watch;
}

static void free_watch(uv_handle_t *handle)
{
    free((uv_poll_t *)handle);
}

static void end_watch(struct gyre__watch *watch)
{
    watch->poll.data = NULL;
    gyre__list_remove(&watch->link);
    uv_close((uv_handle_t *)&watch->poll, free_watch);
}

_Static_assert((int)UV_READABLE == GYRE__READABLE && (int)UV_WRITABLE == GYRE__WRITABLE,
               "one numbering of events");
_Static_assert(offsetof(struct gyre__watch, poll) == 0, "free_watch frees the watch");

const struct gyre__driver_class gyre__uv_driver = {
    .make = make_driver,
    .close = close_driver,
    .poll = poll_events,
    .now = now,
    .watch = start_watch,
    .change = watch_for,
    .unwatch = end_watch,
    GYRE__SYSTEM_SOCKETS,
};
