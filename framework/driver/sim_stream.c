/* driver/sim_stream.c - the calls on a stream in virtual time, with Linux's answers. */
#include "base/memory.h"
#include "driver/sim_socket.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BOTH = GYRE__READABLE | GYRE__WRITABLE, PIECE = 256 * 1024 };

size_t gyre__sim_capacity(const struct gyre__sim_socket *socket)
{
    return socket->send_room + (socket->peer ? socket->peer->receive_room : 0);
}

size_t gyre__sim_part(struct gyre__driver *driver, size_t n)
{
    if (n < 2 || !gyre__sim_happens(driver, driver->network.partial))
        return n;
    return 1 + gyre__sim_draw(driver, n - 1);
}

bool gyre__sim_balks(struct gyre__sim_socket *socket, const char *call)
{
    if (!gyre__sim_happens(socket->driver, socket->driver->network.again))
        return false;
    gyre__sim_trace(socket->driver, socket, "%s again", call);
    return true;
}

/* Nobody reads at the other end of a socket of this machine, which is known at once. */
static bool is_deserted(const struct gyre__sim_socket *socket)
{
    const struct gyre__sim_socket *peer = socket->peer;

    return socket->domain == AF_UNIX && (!peer || !gyre__sim_is_alive(peer) || peer->reading_ended);
}

/* There is room from a third of the whole on. */
static int readiness_of_connected(const struct gyre__sim_socket *socket)
{
    bool input = socket->len || socket->peer_ended || socket->reading_ended;
    bool room = socket->outstanding * 3 <= gyre__sim_capacity(socket) * 2;
    bool deserted = is_deserted(socket);

    if (socket->error || (socket->ended && socket->peer_ended) || deserted)
        return BOTH;
    return (input ? GYRE__READABLE : 0) | (room || socket->ended ? GYRE__WRITABLE : 0);
}

static int readiness(const struct gyre__sim_socket *socket)
{
    switch (socket->state) {
    case GYRE__SIM_LISTENING:
        return !gyre__list_empty(&socket->queue) || (socket->deaf && socket->domain == AF_UNIX)
                   ? GYRE__READABLE
                   : 0;
    case GYRE__SIM_CONNECTING:
        return 0;
    case GYRE__SIM_CONNECTED:
        return readiness_of_connected(socket);
    default:
        return BOTH;
    }
}

/* Why nothing can be read when nothing is there. 0: the end. */
static ssize_t empty(struct gyre__sim_socket *socket)
{
    bool local = socket->domain == AF_UNIX;

    if (socket->peer_ended && !local)
        return 0;
    if (socket->error)
        return -gyre__sim_take_error(socket);
    if (socket->peer_ended || socket->reading_ended ||
        (socket->was_connected && socket->state == GYRE__SIM_ENDED))
        return 0;
    if (socket->state == GYRE__SIM_CONNECTED || socket->state == GYRE__SIM_CONNECTING)
        return -EAGAIN;
    return local ? -EINVAL : -ENOTCONN;
}

static ssize_t take(struct gyre__sim_socket *socket, void *buffer, size_t len)
{
    size_t most = len < socket->len ? len : socket->len;

    most = gyre__sim_part(socket->driver, most);
    memcpy(buffer, socket->bytes + socket->first, most);
    socket->first += most;
    socket->len -= most;
    if (socket->peer) {
        socket->peer->outstanding -= most;
        gyre__sim_notify(socket->peer);
    }
    gyre__sim_trace(socket->driver, socket, "recv %zu of %zu", most, len);
    return (ssize_t)most;
}

static ssize_t receive(struct gyre__sim_socket *socket, void *buffer, size_t len,
                       struct sockaddr_storage *from, socklen_t *size)
{
    ssize_t nothing;

    if (size)
        *size = 0;
    if (socket->len)
        return gyre__sim_balks(socket, "recv") ? -EAGAIN : take(socket, buffer, len);
    nothing = empty(socket);
    if (!nothing)
        gyre__sim_trace(socket->driver, socket, "recv the end");
    return nothing;
}

static ssize_t check_send(struct gyre__sim_socket *socket)
{
    if (socket->error)
        return -gyre__sim_take_error(socket);
    if (socket->state == GYRE__SIM_CONNECTING)
        return -EAGAIN;
    if (socket->domain == AF_UNIX && !socket->was_connected)
        return -ENOTCONN;
    return socket->state != GYRE__SIM_CONNECTED || socket->ended || is_deserted(socket) ? -EPIPE : 0;
}

/* How many of the bytes a call takes, or why none. */
static ssize_t room_for(struct gyre__sim_socket *socket, size_t len)
{
    ssize_t err = check_send(socket);
    size_t capacity, room;

    if (err || !len)
        return err;
    capacity = gyre__sim_capacity(socket);
    room = socket->outstanding < capacity ? capacity - socket->outstanding : 0;
    if (!room || gyre__sim_balks(socket, "send"))
        return -EAGAIN;
    return (ssize_t)gyre__sim_part(socket->driver, len < room ? len : room);
}

static ssize_t send_pieces(struct gyre__sim_socket *socket, const struct iovec *pieces, int count,
                           const struct sockaddr *to, socklen_t size)
{
    size_t total = gyre__sim_total(pieces, count);
    ssize_t len = room_for(socket, total);

    if (len <= 0)
        return len;
    gyre__sim_trace(socket->driver, socket, "send %zd of %zu", len, total);
    gyre__sim_send_data(socket, pieces, (size_t)len);
    return len;
}

static ssize_t send_some(struct gyre__sim_socket *socket, int file, int64_t offset, size_t count)
{
    char *piece = gyre__malloc(count);
    ssize_t got = pread(file, piece, count, offset);

    if (got > 0) {
        gyre__sim_trace(socket->driver, socket, "sendfile %zd", got);
        gyre__sim_send_data(socket, &(struct iovec){piece, (size_t)got}, (size_t)got);
    }
    free(piece);
    return got < 0 ? -errno : got;
}

static ssize_t send_file(struct gyre__sim_socket *socket, int file, int64_t offset, size_t count)
{
    ssize_t len = room_for(socket, count < PIECE ? count : PIECE);

    return len <= 0 ? len : send_some(socket, file, offset, (size_t)len);
}

static int shut_down(struct gyre__sim_socket *socket, int how)
{
    if (socket->state != GYRE__SIM_CONNECTED)
        return -ENOTCONN;
    if (how != SHUT_WR)
        socket->reading_ended = true;
    if (how != SHUT_RD && !socket->ended)
        gyre__sim_send_end(socket);
    gyre__sim_notify(socket);
    if (socket->peer)
        gyre__sim_notify(socket->peer);
    return 0;
}

/* What was not read is told to the other end by a reset. */
static void leave_peer(struct gyre__sim_socket *socket)
{
    struct gyre__sim_socket *peer = gyre__sim_socket_ref(socket->peer);

    if (socket->len)
        gyre__sim_reset(socket);
    else if (!socket->ended)
        gyre__sim_send_end(socket);
    gyre__sim_settle(socket);
    if (peer)
        gyre__sim_notify(peer);
    gyre__sim_socket_unref(peer);
}

static void close_stream(struct gyre__sim_socket *socket)
{
    if (socket->state == GYRE__SIM_LISTENING)
        gyre__sim_stop_listening(socket);
    else if (socket->state == GYRE__SIM_CONNECTED)
        leave_peer(socket);
    else
        socket->state = GYRE__SIM_ENDED;
}

const struct gyre__sim_kind gyre__sim_stream = {
    .readiness = readiness,
    .connect = gyre__sim_connect_stream,
    .recv = receive,
    .send = send_pieces,
    .sendfile = send_file,
    .shutdown = shut_down,
    .close = close_stream,
};
