/* net/sendto.c - datagrams that go out: at once, or with others, or when the kernel takes more. */
#include "net/datagram.h"
#include <errno.h>
#include <string.h>

enum {
    TOGETHER = 64 * 1024, /* bytes that may wait for the end of a batch */
    COPIED = 8 * 1024     /* of one datagram: more costs less sent at once than copied */
};

static void send_now(gyre_transport *transport, const struct gyre__frame *frame, const struct sockaddr *to,
                     const void *data)
{
    struct iovec piece = {(void *)(uintptr_t)data, frame->len};
    ssize_t took = transport->net->loop->driver_class->sendmsg(transport->fd, &piece, 1,
                                                               frame->size ? to : NULL, frame->size);

    if (took == -EAGAIN) {
        gyre__datagram_queue(transport, frame, to, data);
        return;
    }
    transport->wrote = gyre__net_now(transport->net);
    if (took < 0)
        gyre__datagram_error(transport, (int)took);
}

/* What the methods of one batch send leaves together, in order. */
static bool may_wait(const gyre_transport *transport, size_t len)
{
    size_t limit = transport->high < TOGETHER ? transport->high : TOGETHER;

    return GYRE__OF(transport, struct gyre__datagram, base)->answering && len < COPIED &&
           gyre__transport_waiting(transport) + len < limit;
}

static void take(gyre_transport *transport, const struct gyre__frame *frame, const struct sockaddr *to,
                 const void *data)
{
    bool wait = transport->blocked || may_wait(transport, frame->len);

    if (transport->out.size && !wait)
        gyre__transport_flush(transport);
    if (wait || transport->out.size)
        gyre__datagram_queue(transport, frame, to, data);
    else if (transport->state == GYRE__OPEN)
        send_now(transport, frame, to, data);
}

static bool is_remote(const struct gyre__datagram *datagram, const struct sockaddr *addr, socklen_t size)
{
    return !size || !datagram->remote_size ||
           (size == datagram->remote_size && !memcmp(addr, &datagram->remote, size));
}

static int check(gyre_transport *transport, const struct sockaddr *addr, socklen_t size)
{
    int err = gyre__loop_check_here(transport->net->loop);
    char name[GYRE__ADDRESS_TEXT];
    const struct gyre__datagram *datagram = GYRE__OF(transport, struct gyre__datagram, base);

    if (err)
        return err;
    if (transport->kind != &gyre__datagram_kind)
        return gyre_error_set(GYRE_ENOTIMPLEMENTED, "this kind of transport has no sendto()");
    if (size > sizeof datagram->remote)
        return gyre_error_set(GYRE_EVALUE, "an address of %u bytes is none", size);
    if (is_remote(datagram, addr, size))
        return 0;
    gyre__address_tuple((const struct sockaddr *)&datagram->remote, datagram->remote_size, name);
    return gyre_error_set(GYRE_EVALUE, "Invalid address: must be None or %s", name);
}

int gyre_transport_sendto(gyre_transport *transport, const void *data, size_t len,
                          const struct sockaddr *addr, socklen_t size)
{
    int err = check(transport, addr, size);
    const struct gyre__datagram *datagram = GYRE__OF(transport, struct gyre__datagram, base);
    struct gyre__frame frame = {len, size};

    if (err || transport->state != GYRE__OPEN)
        return err;
    if (datagram->remote_size) {
        addr = (const struct sockaddr *)&datagram->remote;
        frame.size = datagram->connected ? 0 : datagram->remote_size;
    }
    gyre__transport_hold(transport);
    take(transport, &frame, addr, data);
    gyre_transport_unref(transport);
    return 0;
}
