/* driver/sim.c - the driver in virtual time: it jumps to its deadline, and sleeps only for other threads.
 *
 * Nothing of the system is watched but the loop's own descriptor, its first watch, with which other threads
 * wake it; and that only in a wait without a deadline. A wake that comes during a jump shortens the next such
 * wait. Every call on a socket is refused.
 */
#include "base/memory.h"
#include "driver/driver.h"
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>

struct gyre__watch {
    gyre__ready fn; /* whom to tell, NULL when nothing is watched */
    void *arg;      /* for fn */
    int fd;         /* the loop's own */
    int events;     /* what is watched for */
};

struct gyre__driver {
    atomic_int_fast64_t now; /* the clock, from 0; other threads may read it */
    void (*awake)(void *);   /* told before the callback of a poll that waited */
    void *awake_arg;         /* for awake */
    struct gyre__watch wake; /* the only watch */
};

static struct gyre__driver *make_driver(void (*awake)(void *arg), void *arg)
{
    struct gyre__driver *driver = gyre__calloc(sizeof *driver);

    driver->awake = awake;
    driver->awake_arg = arg;
    return driver;
}

static void close_driver(struct gyre__driver *driver)
{
    free(driver);
}

static int64_t now(const struct gyre__driver *driver)
{
    return atomic_load_explicit(&driver->now, memory_order_relaxed);
}

static void wait_for_wake(struct gyre__driver *driver)
{
    struct pollfd wake = {.fd = driver->wake.fd, .events = POLLIN};
    int ready = poll(&wake, 1, -1);

    driver->awake(driver->awake_arg);
    if (ready > 0)
        driver->wake.fn(driver->wake.arg, GYRE__READABLE);
}

static void jump_to(struct gyre__driver *driver, int64_t deadline)
{
    if (deadline > now(driver))
        atomic_store_explicit(&driver->now, deadline, memory_order_relaxed);
    driver->awake(driver->awake_arg);
}

static void poll_events(struct gyre__driver *driver, int64_t deadline)
{
    if (deadline == GYRE__FOREVER)
        wait_for_wake(driver);
    else if (deadline != GYRE__NO_WAIT)
        jump_to(driver, deadline);
}

static struct gyre__watch *start_watch(struct gyre__driver *driver, int fd, int events, gyre__ready fn,
                                       void *arg)
{
    if (driver->wake.fn) {
        errno = ENOTSUP;
        return NULL;
    }
    driver->wake = (struct gyre__watch){.fn = fn, .arg = arg, .fd = fd, .events = events};
    return &driver->wake;
}

static void watch_for(struct gyre__watch *watch, int events)
{
    watch->events = events;
}

static void end_watch(struct gyre__watch *watch)
{
    watch->fn = NULL;
}

/* What cannot be watched is not opened, and a descriptor of the program's is not taken. */
static int refuse_socket(int domain, int type, int protocol)
{
    return -ENOTSUP;
}

static int refuse(int fd)
{
    return -ENOTSUP;
}

static int refuse_number(int fd, int number)
{
    return -ENOTSUP;
}

static int refuse_address(int fd, const struct sockaddr *address, socklen_t size)
{
    return -ENOTSUP;
}

static int refuse_name(int fd, struct sockaddr_storage *address, socklen_t *size)
{
    return -ENOTSUP;
}

static ssize_t refuse_recv(int fd, void *buffer, size_t len)
{
    return -ENOTSUP;
}

static ssize_t refuse_recvmsg(int fd, void *buffer, size_t len, struct sockaddr_storage *from,
                              socklen_t *size)
{
    return -ENOTSUP;
}

static ssize_t refuse_sendmsg(int fd, const struct iovec *pieces, int count, const struct sockaddr *to,
                              socklen_t size)
{
    return -ENOTSUP;
}

static ssize_t refuse_send(int fd, const struct iovec *pieces, int count)
{
    return -ENOTSUP;
}

static ssize_t refuse_recvfrom(int fd, void *buffer, size_t len, struct sockaddr *address, socklen_t *size)
{
    return -ENOTSUP;
}

static ssize_t refuse_sendto(int fd, const void *data, size_t len, const struct sockaddr *address,
                             socklen_t size)
{
    return -ENOTSUP;
}

static ssize_t refuse_file(int fd, int file, int64_t offset, size_t count)
{
    return -ENOTSUP;
}

static int refuse_getting(int fd, int level, int name, int *value)
{
    return -ENOTSUP;
}

static int refuse_setting(int fd, int level, int name, int value)
{
    return -ENOTSUP;
}

const struct gyre__driver_class gyre__sim_driver = {
    .make = make_driver,
    .close = close_driver,
    .poll = poll_events,
    .now = now,
    .virtual_time = true,
    .watch = start_watch,
    .change = watch_for,
    .unwatch = end_watch,
    .socket = refuse_socket,
    .bind = refuse_address,
    .listen = refuse_number,
    .deafen = refuse,
    .accept = refuse_name,
    .connect = refuse_address,
    .recv = refuse_recv,
    .send = refuse_send,
    .recvmsg = refuse_recvmsg,
    .sendmsg = refuse_sendmsg,
    .read = refuse_recv,
    .write = refuse_send,
    .recvfrom = refuse_recvfrom,
    .sendto = refuse_sendto,
    .sendfile = refuse_file,
    .shutdown = refuse_number,
    .close_socket = refuse,
    .getsockname = refuse_name,
    .getpeername = refuse_name,
    .getsockopt = refuse_getting,
    .setsockopt = refuse_setting,
};
