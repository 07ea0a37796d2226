/* net/readpipe.c - the reading end: its peer's end is its own, there is no half that stays open. */
#include "net/pipe.h"
#include <errno.h>
#include <gyre/pipe.h>

/* A terminal whose other side is gone says EIO: that is how it ends. */
static ssize_t receive(gyre_transport *transport, void *buffer, size_t len)
{
    ssize_t got = transport->net->loop->driver_class->read(transport->fd, buffer, len);

    if (got == -EIO) {
        gyre__transport_lose(transport, 0);
        return -EAGAIN;
    }
    if (got < 0 && got != -EAGAIN)
        gyre_loop_call_exception_handler(
            transport->net->loop, .message = "Fatal read error on pipe transport", .exception = (int)got,
            .text = gyre_strerror((int)got), .transport = transport, .protocol = transport->protocol);
    return got;
}

static void tell_eof(void *arg)
{
    gyre_transport *transport = arg;

    if (transport->state != GYRE__LOST)
        gyre__upcall_eof(transport);
}

/* Two calls, one after the other; nobody is asked whether to close. */
static void hear_eof(gyre_transport *transport)
{
    transport->eof = true;
    gyre__transport_soon(transport, tell_eof);
    gyre__transport_lose(transport, 0);
}

const struct gyre__kind gyre__read_pipe_kind = {
    .size = sizeof(struct gyre__pipe),
    .recv = receive,
    .hear_eof = hear_eof,
    .rewatch = gyre__transport_watch_stream,
    .release = gyre__pipe_release,
    .info = gyre__pipe_info,
};

int gyre_loop_connect_read_pipe(gyre_loop *loop, gyre_transport **transport, const gyre_protocol *protocol,
                                int pipe, void *arg)
{
    return gyre__pipe_open(loop, transport, &gyre__read_pipe_kind, protocol, pipe, arg);
}
