/* driver/sim_wire.c - what passes between two streams in virtual time: data, ends and resets, in order. */
#include "base/memory.h"
#include "driver/sim_socket.h"
#include <errno.h>
#include <string.h>

/* A socket of this machine's own kind has no way to go. */
static int64_t arrival(struct gyre__sim_socket *from)
{
    int64_t way = from->domain == AF_UNIX ? 0 : gyre__sim_latency(from->driver);
    int64_t when = gyre__sim_now(from->driver) + way;

    if (when > from->latest)
        from->latest = when;
    return from->latest;
}

void gyre__sim_carry(struct gyre__sim_event *event)
{
    struct gyre__sim_socket *from = event->from;
    int64_t when = arrival(from);

    if (from->under_way++ || when > gyre__sim_now(from->driver)) {
        gyre__sim_schedule(from->driver, event, when);
        return;
    }
    event->arrive(event);
    gyre__sim_event_free(event);
}

void gyre__sim_landed(struct gyre__sim_event *event)
{
    event->from->under_way--;
}

static void drop_peer(struct gyre__sim_socket *socket)
{
    struct gyre__sim_socket *peer = socket->peer;

    socket->peer = NULL;
    gyre__sim_socket_unref(peer);
}

void gyre__sim_settle(struct gyre__sim_socket *socket)
{
    if (!gyre__sim_is_alive(socket) && socket->ended && socket->peer_ended)
        drop_peer(socket);
}

void gyre__sim_fail(struct gyre__sim_socket *socket, int error)
{
    socket->state = GYRE__SIM_ENDED;
    socket->error = error;
    drop_peer(socket);
    gyre__sim_notify(socket);
}

static void arrive_reset(struct gyre__sim_event *event)
{
    struct gyre__sim_socket *to = event->to;

    gyre__sim_landed(event);
    if (to->state != GYRE__SIM_CONNECTED)
        return;
    gyre__sim_trace(to->driver, to, "is reset");
    gyre__sim_fail(to, to->peer_ended && to->domain != AF_UNIX ? EPIPE : ECONNRESET);
}

void gyre__sim_send_reset(struct gyre__sim_socket *from, struct gyre__sim_socket *to)
{
    gyre__sim_carry(gyre__sim_event_new(arrive_reset, from, to, 0));
}

void gyre__sim_reset(struct gyre__sim_socket *socket)
{
    struct gyre__sim_socket *peer = gyre__sim_socket_ref(socket->peer);

    socket->state = GYRE__SIM_ENDED;
    drop_peer(socket);
    if (peer)
        gyre__sim_send_reset(socket, peer);
    gyre__sim_socket_unref(peer);
}

static void make_room(struct gyre__sim_socket *socket, size_t more)
{
    if (socket->first + socket->len + more <= socket->room)
        return;
    if (socket->len)
        memmove(socket->bytes, socket->bytes + socket->first, socket->len);
    socket->first = 0;
    if (socket->len + more <= socket->room)
        return;
    socket->room = (socket->len + more) * 2;
    socket->bytes = gyre__realloc(socket->bytes, socket->room);
}

/* Whoever has closed does not read: the sender is told so. */
static void arrive_data(struct gyre__sim_event *event)
{
    struct gyre__sim_socket *to = event->to;

    gyre__sim_landed(event);
    if (to->state != GYRE__SIM_CONNECTED)
        return;
    if (!gyre__sim_is_alive(to)) {
        gyre__sim_reset(to);
        return;
    }
    make_room(to, event->len);
    memcpy(to->bytes + to->first + to->len, event->data, event->len);
    to->len += event->len;
    gyre__sim_notify(to);
}

static void arrive_end(struct gyre__sim_event *event)
{
    struct gyre__sim_socket *to = event->to;

    gyre__sim_landed(event);
    if (to->state != GYRE__SIM_CONNECTED)
        return;
    to->peer_ended = true;
    gyre__sim_notify(to);
    gyre__sim_settle(to);
}

void gyre__sim_send_end(struct gyre__sim_socket *socket)
{
    socket->ended = true;
    gyre__sim_trace(socket->driver, socket, "end");
    if (socket->peer && !socket->cut)
        gyre__sim_carry(gyre__sim_event_new(arrive_end, socket, socket->peer, 0));
    gyre__sim_notify(socket);
}

/* Both ends hear of it, each after what was on its way. */
static void break_connection(struct gyre__sim_socket *socket)
{
    struct gyre__sim_socket *peer = gyre__sim_socket_ref(socket->peer);

    gyre__sim_trace(socket->driver, socket, "the connection breaks");
    socket->cut = peer->cut = true;
    gyre__sim_send_reset(socket, peer);
    gyre__sim_send_reset(peer, socket);
    gyre__sim_socket_unref(peer);
}

/* How many of the bytes still pass. */
static size_t pass(struct gyre__sim_socket *socket, size_t len)
{
    if (socket->cut)
        return 0;
    if (!socket->doomed)
        return len;
    if (len > socket->doom)
        len = socket->doom;
    socket->doom -= len;
    socket->peer->doom = socket->doom;
    return len;
}

static void gather(char *data, const struct iovec *pieces, size_t len)
{
    for (size_t part; len; data += part, len -= part, pieces++) {
        part = pieces->iov_len < len ? pieces->iov_len : len;
        memcpy(data, pieces->iov_base, part);
    }
}

void gyre__sim_send_data(struct gyre__sim_socket *socket, const struct iovec *pieces, size_t len)
{
    size_t passing = pass(socket, len);

    socket->outstanding += len;
    if (passing) {
        struct gyre__sim_event *event = gyre__sim_event_new(arrive_data, socket, socket->peer, passing);

        gather(event->data, pieces, passing);
        gyre__sim_carry(event);
    }
    if (passing < len && !socket->cut && socket->peer)
        break_connection(socket);
}
