/* net/backlog.c - datagrams that wait, and how they leave: as many by one system call as the driver can. */
#include "net/batch.h"
#include "net/datagram.h"
#include <errno.h>
#include <string.h>

enum { PIECES = 64 };

/* Where we are in the queue. */
struct cursor {
    struct iovec pieces[PIECES]; /* the queue from there on */
    struct iovec *piece;         /* the first that is not done */
    int left;                    /* how many are left */
};

static void begin(struct cursor *cursor, const struct gyre__buffer *queue)
{
    cursor->piece = cursor->pieces;
    cursor->left = gyre__buffer_gather(queue, cursor->pieces, PIECES);
}

/* The next bytes, len at most, that lie side by side. */
static struct iovec next(struct cursor *cursor, size_t len)
{
    struct iovec part = *cursor->piece;

    if (part.iov_len > len) {
        part.iov_len = len;
        cursor->piece->iov_base = (char *)cursor->piece->iov_base + len;
        cursor->piece->iov_len -= len;
        return part;
    }
    cursor->piece++;
    cursor->left--;
    return part;
}

/* Copies bytes off the front; false when there are fewer. */
static bool take_off(struct cursor *cursor, void *into, size_t len)
{
    char *to = into;

    while (len && cursor->left) {
        struct iovec part = next(cursor, len);

        memcpy(to, part.iov_base, part.iov_len);
        to += part.iov_len;
        len -= part.iov_len;
    }
    return !len;
}

/* Takes bytes off the front in up to `most` parts; how many, or -1. */
static int cut_off(struct cursor *cursor, struct iovec *parts, int most, size_t len)
{
    int count = 0;

    while (len && cursor->left && count < most) {
        parts[count] = next(cursor, len);
        len -= parts[count++].iov_len;
    }
    return len ? -1 : count;
}

/* The first datagrams that wait, as many as there is room for: how many. The frame of the first is there at
 * any rate. */
static int lay_out(struct gyre__outgoing *out, const struct gyre__buffer *queue)
{
    struct cursor cursor;
    int i, parts = 0, count;

    begin(&cursor, queue);
    for (i = 0; i < GYRE__BATCH; i++, parts += count) {
        struct gyre__frame *frame = &out->frames[i];

        if (!take_off(&cursor, frame, sizeof *frame) || !take_off(&cursor, &out->to[i], frame->size))
            break;
        count = cut_off(&cursor, out->parts + parts, GYRE__PARTS - parts, frame->len);
        if (count < 0)
            break;
        out->messages[i].msg_hdr = (struct msghdr){.msg_name = frame->size ? &out->to[i] : NULL,
                                                   .msg_namelen = frame->size,
                                                   .msg_iov = out->parts + parts,
                                                   .msg_iovlen = (size_t)count};
    }
    return i;
}

/* How many went, or why the first did not. */
static int give(const gyre_transport *transport, struct gyre__outgoing *out, int count)
{
    const struct gyre__driver_class *class = transport->net->loop->driver_class;
    const struct msghdr *first = &out->messages[0].msg_hdr;
    ssize_t took;

    if (!count)
        return -EMSGSIZE;
    if (class->sendmmsg)
        return class->sendmmsg(transport->fd, out->messages, (unsigned)count);
    took = class->sendmsg(transport->fd, first->msg_iov, (int)first->msg_iovlen, first->msg_name,
                          first->msg_namelen);
    return took < 0 ? (int)took : 1;
}

static void drop(gyre_transport *transport, const struct gyre__frame *frames, int count)
{
    size_t size = 0;

    for (int i = 0; i < count; i++) {
        transport->framing -= (ptrdiff_t)(sizeof *frames + frames[i].size);
        size += sizeof *frames + frames[i].size + frames[i].len;
    }
    gyre__buffer_consume(&transport->out, &transport->net->pool, size);
}

static bool empty(gyre_transport *transport)
{
    while (transport->out.size) {
        struct gyre__outgoing *out = &gyre__batch(transport->net)->out;
        int took = give(transport, out, lay_out(out, &transport->out));

        if (took == -EAGAIN)
            return false;
        drop(transport, out->frames, took < 0 ? 1 : took);
        transport->wrote = gyre__net_now(transport->net);
        if (took < 0)
            gyre__datagram_error(transport, took);
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

void gyre__datagram_queue(gyre_transport *transport, const struct gyre__frame *frame,
                          const struct sockaddr *to, const void *data)
{
    const struct gyre__datagram *datagram = GYRE__OF(transport, struct gyre__datagram, base);
    struct gyre__pool *pool = &transport->net->pool;

    if (gyre__buffer_append(&transport->out, pool, frame, sizeof *frame) ||
        gyre__buffer_append(&transport->out, pool, to, frame->size) ||
        gyre__buffer_append(&transport->out, pool, data, frame->len)) {
        gyre__transport_lose(transport, -ENOMEM);
        return;
    }
    transport->framing += (ptrdiff_t)(sizeof *frame + frame->size);
    if (!transport->blocked && !datagram->emptying && !datagram->answering)
        gyre__transport_block(transport);
    gyre__flow_grown(transport);
}
