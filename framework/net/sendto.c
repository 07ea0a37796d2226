/* net/sendto.c - datagrams that go out: at once, or from the queue when the kernel takes more. */
#include "net/datagram.h"
#include <errno.h>
#include <string.h>

enum { PIECES = 64 };

/* How a datagram waits; its address and its bytes follow. */
struct frame {
    size_t len;     /* of the bytes */
    socklen_t size; /* of the address */
};

/* A datagram that waits: the frame and its address, copied, and where its bytes are. */
struct waiting {
    struct frame frame;
    struct sockaddr_storage to;
    struct iovec pieces[PIECES];
    int count;
};

/* Copies bytes off the front of the pieces. */
static void take_off(struct waiting *waiting, void *into, size_t len)
{
    char *to = into;

    for (int i = 0; i < waiting->count && len; i++) {
        struct iovec *piece = &waiting->pieces[i];
        size_t part = piece->iov_len < len ? piece->iov_len : len;

        memcpy(to, piece->iov_base, part);
        *piece = (struct iovec){(char *)piece->iov_base + part, piece->iov_len - part};
        to += part;
        len -= part;
    }
}

/* Cuts the pieces to the bytes of the datagram; false when it is in more pieces than that. */
static bool cut(struct waiting *waiting)
{
    size_t left = waiting->frame.len;

    for (int i = 0; i < waiting->count; i++) {
        struct iovec *piece = &waiting->pieces[i];

        if (piece->iov_len > left)
            piece->iov_len = left;
        left -= piece->iov_len;
    }
    return !left;
}

static ssize_t give(const gyre_transport *transport, const struct iovec *pieces, int count,
                    const struct sockaddr *to, socklen_t size)
{
    return transport->net->loop->driver_class->sendmsg(transport->fd, pieces, count, size ? to : NULL, size);
}

static ssize_t send_first(const gyre_transport *transport, struct waiting *waiting)
{
    waiting->count = gyre__buffer_gather(&transport->out, waiting->pieces, PIECES);
    take_off(waiting, &waiting->frame, sizeof waiting->frame);
    take_off(waiting, &waiting->to, waiting->frame.size);
    return cut(waiting) ? give(transport, waiting->pieces, waiting->count,
                               (const struct sockaddr *)&waiting->to, waiting->frame.size)
                        : -EMSGSIZE;
}

static void drop_first(gyre_transport *transport, const struct frame *frame)
{
    size_t head = sizeof *frame + frame->size;

    transport->framing -= (ptrdiff_t)head;
    gyre__buffer_consume(&transport->out, &transport->net->pool, head + frame->len);
}

static bool empty(gyre_transport *transport)
{
    struct waiting waiting;
    ssize_t took;

    while (transport->out.size) {
        took = send_first(transport, &waiting);
        if (took == -EAGAIN)
            return false;
        drop_first(transport, &waiting.frame);
        transport->wrote = gyre__net_now(transport->net);
        if (took < 0)
            gyre__datagram_error(transport, (int)took);
    }
    return true;
}

/* An error_received that sends adds to what is being sent, and does not begin this again. */
bool gyre__datagram_empty(gyre_transport *transport)
{
    struct gyre__datagram *datagram = GYRE__OF(transport, struct gyre__datagram, base);
    bool all;

    if (datagram->emptying)
        return true;
    datagram->emptying = true;
    all = empty(transport);
    datagram->emptying = false;
    return all;
}

static void queue(gyre_transport *transport, const struct frame *frame, const struct sockaddr *to,
                  const void *data)
{
    struct gyre__pool *pool = &transport->net->pool;

    if (gyre__buffer_append(&transport->out, pool, frame, sizeof *frame) ||
        gyre__buffer_append(&transport->out, pool, to, frame->size) ||
        gyre__buffer_append(&transport->out, pool, data, frame->len)) {
        gyre__transport_lose(transport, -ENOMEM);
        return;
    }
    transport->framing += (ptrdiff_t)(sizeof *frame + frame->size);
    if (!transport->blocked && !GYRE__OF(transport, struct gyre__datagram, base)->emptying)
        gyre__transport_block(transport);
    gyre__flow_grown(transport);
}

static void send_now(gyre_transport *transport, const struct frame *frame, const struct sockaddr *to,
                     const void *data)
{
    struct iovec piece = {(void *)(uintptr_t)data, frame->len};
    ssize_t took = give(transport, &piece, 1, to, frame->size);

    if (took == -EAGAIN) {
        queue(transport, frame, to, data);
        return;
    }
    transport->wrote = gyre__net_now(transport->net);
    if (took < 0)
        gyre__datagram_error(transport, (int)took);
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
    struct frame frame = {len, size};

    if (err || transport->state != GYRE__OPEN)
        return err;
    if (datagram->remote_size) {
        addr = (const struct sockaddr *)&datagram->remote;
        frame.size = datagram->connected ? 0 : datagram->remote_size;
    }
    gyre__transport_hold(transport);
    if (transport->out.size || transport->blocked)
        queue(transport, &frame, addr, data);
    else
        send_now(transport, &frame, addr, data);
    gyre_transport_unref(transport);
    return 0;
}
