/* net/dial.c - socket, bind, connect, wait. */
#include "net/dial.h"
#include "base/error.h"
#include "net/address.h"
#include "net/readiness.h"
#include "net/socket.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

static int connect_error(int err, const struct sockaddr *address, socklen_t size)
{
    char name[GYRE__ADDRESS_TEXT];

    if (!gyre__error_is_os(err))
        return err;
    return gyre_error_set(err, "[Errno %d] Connect call failed %s", -err,
                          gyre__address_tuple(address, size, name));
}

int gyre__dial_on(gyre_loop *loop, int fd, const struct sockaddr *address, socklen_t size)
{
    int err = loop->driver_class->connect(fd, address, size);

    if (err == -EINPROGRESS || err == -EALREADY) {
        err = gyre__await_ready(loop, fd, GYRE__WRITABLE);
        if (!err)
            err = gyre__connect_outcome(loop, fd);
    }
    return err ? connect_error(err, address, size) : 0;
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

static int note(int err, struct gyre__refusals *refusals)
{
    return gyre__error_is_os(err) ? gyre__refusals_note(refusals, err) : err;
}

int gyre__dial(gyre_loop *loop, const struct addrinfo *remote, const struct addrinfo *local, int *fd,
               struct gyre__refusals *refusals)
{
    int opened =
        loop->driver_class->socket(loop->driver, remote->ai_family, SOCK_STREAM, remote->ai_protocol);
    int err;

    if (opened < 0)
        return note(connect_error(opened, remote->ai_addr, remote->ai_addrlen), refusals);
    err = local ? bind_local(loop, opened, remote->ai_family, local, refusals) : 0;
    if (!err)
        err = note(gyre__dial_on(loop, opened, remote->ai_addr, remote->ai_addrlen), refusals);
    if (err) {
        loop->driver_class->close_socket(opened);
        return err;
    }
    gyre__socket_nodelay(loop, opened);
    *fd = opened;
    return 0;
}
