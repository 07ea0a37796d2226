/* driver/epoll.c - the driver on Linux's epoll: one system call a poll, two for the life of a watch.
 *
 * What is watched for changes at most once a poll: changes are noted, and told to the kernel before it waits.
 * A watch that ends while events are handed out may be among them still: its memory is kept until they are
 * done.
 */
#include "base/check.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/slab.h"
#include "driver/driver.h"
#include "driver/sockets.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MOST_EVENTS = 512 };

struct gyre__driver {
    int fd;                    /* the epoll instance */
    void (*awake)(void *);     /* told before the first callback of a poll that waited */
    void *awake_arg;           /* for awake */
    struct gyre__slab watches; /* their memory */
    struct gyre__list changed; /* watches whose events the kernel does not know yet */
    struct gyre__list lost;    /* guests that were closed too early, and do not know yet */
    struct gyre__watch *ended; /* watches to free after the events that are being handed out */
    struct epoll_event events[MOST_EVENTS];
};

struct gyre__watch {
    struct gyre__watch *next;    /* in driver->ended; must stay first, the slab's link */
    struct gyre__driver *driver; /* whose */
    gyre__ready fn;              /* whom to tell */
    void *arg;                   /* for fn */
    struct gyre__list link;      /* in driver->changed, or lost */
    int fd;                      /* the descriptor */
    int events;                  /* what is watched for, 0 also when it has ended */
    int told;                    /* what the kernel knows */
};

static struct gyre__driver *make_driver(void (*awake)(void *arg), void *arg)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    struct gyre__driver *driver;

    if (fd < 0)
        return NULL;
    driver = gyre__malloc(sizeof *driver);
    driver->fd = fd;
    driver->awake = awake;
    driver->awake_arg = arg;
    driver->ended = NULL;
    gyre__list_init(&driver->changed);
    gyre__list_init(&driver->lost);
    gyre__slab_init(&driver->watches, sizeof(struct gyre__watch));
    return driver;
}

static void close_driver(struct gyre__driver *driver)
{
    gyre__slab_clear(&driver->watches);
    close(driver->fd);
    free(driver);
}

static int64_t now(const struct gyre__driver *driver)
{
    return gyre__clock_now();
}

/* Without events it is edge-triggered: a hang-up, of which epoll always tells, would be told without end. */
static int tell(struct gyre__watch *watch, int operation)
{
    struct epoll_event event = {.data.ptr = watch, .events = watch->events & ~GYRE__GUEST ? 0 : EPOLLET};

    if (watch->events & GYRE__READABLE)
        event.events |= EPOLLIN;
    if (watch->events & GYRE__WRITABLE)
        event.events |= EPOLLOUT;
    watch->told = watch->events;
    return epoll_ctl(watch->driver->fd, operation, watch->fd, &event);
}

static void lose(struct gyre__watch *watch)
{
    GYRE__CHECK(watch->events & GYRE__GUEST, "a descriptor was closed while it was watched");
    gyre__list_append(&watch->driver->lost, &watch->link);
}

static void tell_changes(struct gyre__driver *driver)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(&driver->changed))) {
        struct gyre__watch *watch = GYRE__OF(link, struct gyre__watch, link);

        if (watch->events != watch->told && tell(watch, EPOLL_CTL_MOD))
            lose(watch);
    }
}

/* epoll counts whole milliseconds: round up, so that nothing is early. */
static int milliseconds_until(const struct gyre__driver *driver, int64_t deadline)
{
    int64_t left, milliseconds;

    if (deadline == GYRE__NO_WAIT)
        return 0;
    if (deadline == GYRE__FOREVER)
        return -1;
    left = deadline - now(driver);
    milliseconds = left <= 0 ? 0 : (left - 1) / 1000000 + 1;
    return milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
}

static int ready_events(const struct epoll_event *event)
{
    int events = 0;

    if (event->events & EPOLLIN)
        events |= GYRE__READABLE;
    if (event->events & EPOLLOUT)
        events |= GYRE__WRITABLE;
    /* Whoever is told of an error or a hang-up will find it. */
    return event->events & (EPOLLERR | EPOLLHUP) ? GYRE__READABLE | GYRE__WRITABLE : events;
}

static void hand_out(struct gyre__driver *driver, int count)
{
    for (int i = 0; i < count; i++) {
        struct gyre__watch *watch = driver->events[i].data.ptr;
        int events = ready_events(&driver->events[i]) & watch->events;

        if (events)
            watch->fn(watch->arg, events);
    }
}

static void hand_out_lost(struct gyre__driver *driver)
{
    struct gyre__list *link;

    while ((link = gyre__list_pop(&driver->lost))) {
        struct gyre__watch *watch = GYRE__OF(link, struct gyre__watch, link);

        watch->fn(watch->arg, GYRE__GUEST);
    }
}

static void free_ended(struct gyre__driver *driver)
{
    while (driver->ended) {
        struct gyre__watch *watch = driver->ended;

        driver->ended = watch->next;
        gyre__slab_put(&driver->watches, watch);
    }
}

static void poll_events(struct gyre__driver *driver, int64_t deadline)
{
    bool lost;
    int count;

    tell_changes(driver);
    lost = !gyre__list_empty(&driver->lost);
    count =
        epoll_wait(driver->fd, driver->events, MOST_EVENTS, lost ? 0 : milliseconds_until(driver, deadline));
    if (deadline != GYRE__NO_WAIT)
        driver->awake(driver->awake_arg);
    hand_out(driver, count);
    if (lost)
        hand_out_lost(driver);
    free_ended(driver);
}

static void watch_for(struct gyre__watch *watch, int events)
{
    watch->events = events;
    if (gyre__list_empty(&watch->link))
        gyre__list_append(&watch->driver->changed, &watch->link);
}

static struct gyre__watch *start_watch(struct gyre__driver *driver, int fd, int events, gyre__ready fn,
                                       void *arg)
{
    struct gyre__watch *watch = gyre__slab_get(&driver->watches);

    *watch = (struct gyre__watch){.driver = driver, .fn = fn, .arg = arg, .fd = fd, .events = events};
    gyre__list_init(&watch->link);
    if (tell(watch, EPOLL_CTL_ADD) == 0)
        return watch;
    gyre__slab_put(&driver->watches, watch);
    return NULL;
}

/* The kernel would forget a descriptor that is closed, but not while a forked child has it too. */
static void end_watch(struct gyre__watch *watch)
{
    epoll_ctl(watch->driver->fd, EPOLL_CTL_DEL, watch->fd, NULL);
    gyre__list_remove(&watch->link);
    watch->events = 0;
    watch->next = watch->driver->ended;
    watch->driver->ended = watch;
}

const struct gyre__driver_class gyre__epoll_driver = {
    .make = make_driver,
    .close = close_driver,
    .poll = poll_events,
    .now = now,
    .watch = start_watch,
    .change = watch_for,
    .unwatch = end_watch,
    GYRE__SYSTEM_SOCKETS,
};
