/* net/send.c - from the buffer, and past it, into the kernel.
 *
 * One system call for all that is there. What the kernel refuses is copied, and the watch says when to go on.
 */
#include "net/kind.h"
#include <errno.h>

enum {
    PIECES = 64 /* in one system call */
};

/* Where we are in the program's pieces. */
struct cursor {
    const struct iovec *piece; /* the current one */
    size_t count;              /* pieces left, the current one included */
    size_t offset;             /* bytes of it that are done */
};

static void skip(struct cursor *cursor, size_t len)
{
    while (cursor->count && len >= cursor->piece->iov_len - cursor->offset) {
        len -= cursor->piece->iov_len - cursor->offset;
        cursor->offset = 0;
        cursor->piece++;
        cursor->count--;
    }
    cursor->offset += len;
}

/* Describes what comes next, empty pieces left out. */
static int gather(const struct cursor *cursor, struct iovec *pieces, int max)
{
    size_t offset = cursor->offset;
    int count = 0;

    for (size_t i = 0; i < cursor->count && count < max; i++, offset = 0) {
        const struct iovec *piece = &cursor->piece[i];

        if (piece->iov_len > offset)
            pieces[count++] = (struct iovec){(char *)piece->iov_base + offset, piece->iov_len - offset};
    }
    return count;
}

static size_t total(const struct iovec *pieces, size_t count)
{
    size_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += pieces[i].iov_len;
    return sum;
}

void gyre__transport_block(gyre_transport *transport)
{
    transport->blocked = true;
    transport->wrote = gyre__net_now(transport->net);
    gyre__limits_arm(transport);
    gyre__transport_rewatch(transport);
}

/* One system call; true when all of it went. *sent is how much did; on an error the connection is lost. */
static bool send_pieces(gyre_transport *transport, const struct iovec *pieces, int count, size_t *sent)
{
    ssize_t took = transport->kind->send(transport, pieces, count);

    *sent = took > 0 ? (size_t)took : 0;
    if (took > 0)
        transport->wrote = gyre__net_now(transport->net);
    else if (took < 0 && took != -EAGAIN)
        gyre__transport_lose(transport, (int)took);
    return *sent == total(pieces, (size_t)count);
}

static void shut_if_drained(gyre_transport *transport)
{
    if (!transport->ending || transport->shut || transport->out.size || transport->sending ||
        transport->state >= GYRE__LOSING)
        return;
    transport->shut = true;
    transport->kind->shutdown(transport);
}

/* True when the buffer is empty. Consuming may run an owner's release, which may do anything: also write more
 * than the kernel takes. */
static bool empty_bytes(gyre_transport *transport)
{
    struct iovec pieces[PIECES];
    size_t sent;
    bool all = true;

    while (all && transport->out.size && !transport->blocked) {
        all = send_pieces(transport, pieces, gyre__buffer_gather(&transport->out, pieces, PIECES), &sent);
        if (transport->state < GYRE__LOSING)
            gyre__buffer_consume(&transport->out, &transport->net->pool, sent);
    }
    return !transport->out.size;
}

static bool empty_buffer(gyre_transport *transport)
{
    return transport->kind->empty ? transport->kind->empty(transport) : empty_bytes(transport);
}

void gyre__transport_flush(gyre_transport *transport)
{
    gyre__list_remove(&transport->flush.link);
    if (transport->blocked || transport->state >= GYRE__LOSING)
        return;
    gyre__transport_hold(transport);
    if (!empty_buffer(transport))
        gyre__transport_block(transport);
    shut_if_drained(transport);
    gyre_transport_unref(transport);
}

void gyre__transport_store(gyre_transport *transport, const struct iovec *pieces, size_t count, size_t done)
{
    struct cursor cursor = {pieces, count, 0};
    struct iovec piece;

    skip(&cursor, done);
    while (gather(&cursor, &piece, 1)) {
        if (gyre__buffer_append(&transport->out, &transport->net->pool, piece.iov_base, piece.iov_len)) {
            gyre__transport_lose(transport, -ENOMEM);
            return;
        }
        skip(&cursor, piece.iov_len);
    }
}

/* Sends straight from the program's memory; returns how many bytes went. The buffer is empty. */
static size_t send_uncopied(gyre_transport *transport, const struct iovec *from, size_t count)
{
    struct cursor cursor = {from, count, 0};
    struct iovec pieces[PIECES];
    size_t sent, done = 0;
    bool all = true;
    int n;

    while (all && (n = gather(&cursor, pieces, PIECES))) {
        all = send_pieces(transport, pieces, n, &sent);
        skip(&cursor, sent);
        done += sent;
    }
    return done;
}

/* What waits and the first of what comes, in one call. The rest is stored before owners hear of what went:
 * their release may write too. */
static void send_behind(gyre_transport *transport, const struct iovec *from, size_t count)
{
    struct cursor cursor = {from, count, 0};
    size_t waiting = transport->out.size;
    struct iovec pieces[PIECES];
    int n = gyre__buffer_gather(&transport->out, pieces, PIECES);
    size_t sent;

    if (total(pieces, (size_t)n) == waiting)
        n += gather(&cursor, pieces + n, PIECES - n);
    send_pieces(transport, pieces, n, &sent);
    if (transport->state < GYRE__LOSING)
        gyre__transport_store(transport, from, count, sent > waiting ? sent - waiting : 0);
    if (transport->state >= GYRE__LOSING)
        return;
    transport->blocked = transport->out.size > (sent < waiting ? sent : waiting);
    gyre__buffer_consume(&transport->out, &transport->net->pool, sent < waiting ? sent : waiting);
}

static void send_alone(gyre_transport *transport, const struct iovec *pieces, size_t count)
{
    size_t done = send_uncopied(transport, pieces, count);

    if (transport->state < GYRE__LOSING)
        gyre__transport_store(transport, pieces, count, done);
    transport->blocked = transport->state < GYRE__LOSING && transport->out.size;
}

void gyre__transport_send(gyre_transport *transport, const struct iovec *pieces, size_t count)
{
    gyre__list_remove(&transport->flush.link);
    if (transport->out.size)
        send_behind(transport, pieces, count);
    else
        send_alone(transport, pieces, count);
    if (transport->blocked && transport->state < GYRE__LOSING)
        gyre__transport_block(transport);
}
