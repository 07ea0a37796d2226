/* net/tcp.c - the kind that most are of: a connected stream socket. */
#include "net/kind.h"
#include "net/linger.h"
#include <errno.h>

static const struct gyre__driver_class *driver_of(const gyre_transport *transport)
{
    return transport->net->loop->driver_class;
}

static ssize_t receive(gyre_transport *transport, void *buffer, size_t len)
{
    return driver_of(transport)->recv(transport->fd, buffer, len);
}

static ssize_t send_pieces(gyre_transport *transport, const struct iovec *pieces, int count)
{
    return driver_of(transport)->send(transport->fd, pieces, count);
}

/* A peer that is not told would wait for good. Where there is none any more, reading will tell. */
static void shut_writing(gyre_transport *transport)
{
    int err = driver_of(transport)->shutdown(transport->fd, SHUT_WR);

    if (err && err != -ENOTCONN)
        gyre__transport_lose(transport, err);
}

static void close_socket(gyre_transport *transport)
{
    int fd = gyre__transport_unwatch(transport);

    if (!gyre__linger(transport, fd))
        driver_of(transport)->close_socket(fd);
}

const struct gyre__kind gyre__stream_kind = {
    .size = sizeof(gyre_transport),
    .recv = receive,
    .send = send_pieces,
    .shutdown = shut_writing,
    .rewatch = gyre__transport_watch_stream,
    .release = close_socket,
    .sendfile = GYRE__SENDFILE_NATIVE,
};
