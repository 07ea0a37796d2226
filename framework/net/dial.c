/* net/dial.c - socket, bind, connect, wait. */
#include "net/dial.h"
#include "net/address.h"
#include "net/socket.h"
#include <ctype.h>
#include <errno.h>
#include <gyre/task.h>
#include <stdio.h>

struct dial {
    const struct gyre__driver_class *driver; /* the loop's */
    struct gyre__watch *watch;               /* tells when the kernel has decided */
    gyre_future *future;                     /* what we wait for */
};

static void decided(void *arg, int events)
{
    struct dial *dial = arg;

    dial->driver->change(dial->watch, 0);
    if (!gyre_future_done(dial->future))
        gyre_future_set_result(dial->future, NULL);
}

static int outcome(const struct gyre__driver_class *driver, int fd)
{
    int value = 0;
    int err = driver->getsockopt(fd, SOL_SOCKET, SO_ERROR, &value);

    return err ? err : -value;
}

static int wait_connected(gyre_loop *loop, int fd)
{
    struct dial dial = {.driver = loop->driver_class};
    int err;

    dial.watch = gyre__descriptor_watch(loop, fd, GYRE__WRITABLE, decided, &dial);
    if (!dial.watch)
        return -errno;
    dial.future = gyre_loop_create_future(loop);
    err = gyre_await(dial.future, NULL);
    dial.driver->unwatch(dial.watch);
    gyre_future_unref(dial.future);
    return err ? err : outcome(dial.driver, fd);
}

static int connect_error(int err, const struct addrinfo *remote, struct gyre__refusals *refusals)
{
    char name[GYRE__ADDRESS_TEXT];

    if (err <= GYRE_ECANCELLED)
        return err;
    gyre_error_set(err, "[Errno %d] Connect call failed %s", -err,
                   gyre__address_tuple(remote->ai_addr, remote->ai_addrlen, name));
    return gyre__refusals_note(refusals, err);
}

static int connect_socket(gyre_loop *loop, int fd, const struct addrinfo *remote,
                          struct gyre__refusals *refusals)
{
    int err = loop->driver_class->connect(fd, remote->ai_addr, remote->ai_addrlen);

    if (err == -EINPROGRESS)
        err = wait_connected(loop, fd);
    return err ? connect_error(err, remote, refusals) : 0;
}

static int local_error(int err, const struct addrinfo *local, struct gyre__refusals *refusals)
{
    char name[GYRE__ADDRESS_TEXT];
    char why[100];

    snprintf(why, sizeof why, "%s", gyre_strerror(err));
    for (char *c = why; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    gyre_error_set(err, "[Errno %d] error while attempting to bind on address %s: %s", -err,
                   gyre__address_tuple(local->ai_addr, local->ai_addrlen, name), why);
    return gyre__refusals_note(refusals, err);
}

/* To the first local address of the same family that can be had. */
static int bind_local(gyre_loop *loop, int fd, int family, const struct addrinfo *local,
                      struct gyre__refusals *refusals)
{
    int err = 0;

    for (; local; local = local->ai_next) {
        if (local->ai_family != family)
            continue;
        err = loop->driver_class->bind(fd, local->ai_addr, local->ai_addrlen);
        if (!err)
            return 0;
        local_error(err, local, refusals);
    }
    if (err)
        return err;
    gyre_error_set(-EADDRNOTAVAIL, "no matching local address with family=%d found", family);
    return gyre__refusals_note(refusals, -EADDRNOTAVAIL);
}

int gyre__dial(gyre_loop *loop, const struct addrinfo *remote, const struct addrinfo *local, int *fd,
               struct gyre__refusals *refusals)
{
    int opened = loop->driver_class->socket(remote->ai_family, SOCK_STREAM, remote->ai_protocol);
    int err;

    if (opened < 0)
        return connect_error(opened, remote, refusals);
    err = local ? bind_local(loop, opened, remote->ai_family, local, refusals) : 0;
    if (!err)
        err = connect_socket(loop, opened, remote, refusals);
    if (err) {
        loop->driver_class->close_socket(opened);
        return err;
    }
    gyre__socket_nodelay(loop, opened);
    *fd = opened;
    return 0;
}
