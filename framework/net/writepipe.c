/* net/writepipe.c - the writing end, which is watched for reading too: that is how a reader's going is told,
 * also while there is nothing to write.
 */
#include "net/pipe.h"
#include <errno.h>
#include <gyre/pipe.h>

static ssize_t send_pieces(gyre_transport *transport, const struct iovec *pieces, int count)
{
    return transport->net->loop->driver_class->write(transport->fd, pieces, count);
}

/* What somebody sends to a socket that only writes is thrown away. */
static bool peer_is_there(gyre_transport *transport)
{
    const struct gyre__pipe *pipe = GYRE__OF(transport, struct gyre__pipe, base);
    struct gyre__net *net = transport->net;
    ssize_t got = pipe->socket ? net->loop->driver_class->recv(transport->fd, net->input, GYRE__INPUT) : 0;

    return got > 0 || got == -EAGAIN;
}

static void be_ready(void *arg, int events)
{
    gyre_transport *transport = gyre__transport_hold(arg);

    if (events & GYRE__READABLE && transport->state < GYRE__LOSING && !peer_is_there(transport))
        gyre__transport_lose(transport, transport->out.size ? -EPIPE : 0);
    if (events & GYRE__WRITABLE)
        gyre__transport_writable(transport);
    gyre_transport_unref(transport);
}

static void rewatch(gyre_transport *transport)
{
    const struct gyre__pipe *pipe = GYRE__OF(transport, struct gyre__pipe, base);
    uint8_t peer = pipe->watchable && transport->state < GYRE__LOSING ? GYRE__READABLE : 0;

    gyre__transport_watch(transport, gyre__transport_wanted(transport) | peer, be_ready);
}

const struct gyre__kind gyre__write_pipe_kind = {
    .size = sizeof(struct gyre__pipe),
    .send = send_pieces,
    .ends_whole = true,
    .rewatch = rewatch,
    .release = gyre__pipe_release,
    .info = gyre__pipe_info,
};

int gyre_loop_connect_write_pipe(gyre_loop *loop, gyre_transport **transport, const gyre_protocol *protocol,
                                 int pipe, void *arg)
{
    return gyre__pipe_open(loop, transport, &gyre__write_pipe_kind, protocol, pipe, arg);
}
