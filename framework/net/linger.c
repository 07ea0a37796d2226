/* net/linger.c - FIN first, then input into nowhere, then close. */
#include "net/linger.h"
#include "base/memory.h"
#include "net/server.h"
#include <errno.h>
#include <stdlib.h>

enum {
    MOST_BYTES = 16 * 1024 * 1024,
    SECONDS = 2 /* for connections of no server */
};

static double seconds(const gyre_transport *transport)
{
    return transport->server ? transport->server->linger : SECONDS;
}

/* Looks whether input waits, by reading some of it; or just came, so that more may be on its way. */
static bool input_is_left(const gyre_transport *transport, int fd)
{
    struct gyre__net *net = transport->net;
    ssize_t got = net->loop->driver_class->recv(fd, net->input, GYRE__INPUT);

    return got > 0 || (got == -EAGAIN && transport->fresh);
}

static bool should_linger(const gyre_transport *transport, int fd)
{
    return transport->graceful && !transport->eof && seconds(transport) > 0 &&
           !gyre_loop_is_closed(transport->net->loop) && input_is_left(transport, fd);
}

void gyre__linger_end(struct gyre__linger *linger)
{
    const struct gyre__driver_class *driver = linger->net->loop->driver_class;

    gyre__list_remove(&linger->link);
    gyre_handle_cancel(&linger->timer);
    driver->unwatch(linger->watch);
    driver->close_socket(linger->fd);
    free(linger);
}

static void drain(void *arg, int events)
{
    struct gyre__linger *linger = arg;
    struct gyre__net *net = linger->net;
    ssize_t got = net->loop->driver_class->recv(linger->fd, net->input, GYRE__INPUT);

    if (got == -EAGAIN)
        return;
    if (got <= 0 || (size_t)got >= linger->left)
        gyre__linger_end(linger);
    else
        linger->left -= (size_t)got;
}

static void time_is_up(void *arg)
{
    gyre__linger_end(arg);
}

bool gyre__linger(const gyre_transport *transport, int fd)
{
    gyre_loop *loop = transport->net->loop;
    struct gyre__linger *linger;

    if (!should_linger(transport, fd))
        return false;
    linger = gyre__calloc(sizeof *linger);
    linger->watch = gyre__descriptor_watch(loop, fd, GYRE__READABLE, drain, linger);
    if (!linger->watch) {
        free(linger);
        return false;
    }
    linger->net = transport->net;
    linger->fd = fd;
    linger->left = MOST_BYTES;
    loop->driver_class->shutdown(fd, SHUT_WR);
    linger->timer = gyre_loop_call_later(loop, seconds(transport), time_is_up, linger);
    gyre__list_append(&transport->net->lingers, &linger->link);
    return true;
}
