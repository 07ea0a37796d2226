/* driver/sim_datagram.c - the calls on a datagram socket in virtual time, with Linux's answers. */
#include "driver/sim_socket.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_V4 = 65507, LONGEST_V6 = 65527 };

static int readiness(const struct gyre__sim_socket *socket)
{
    bool input = !gyre__list_empty(&socket->letters) || socket->error || socket->reading_ended;
    bool room = socket->outstanding < socket->send_room || socket->error;

    return (input ? GYRE__READABLE : 0) | (room ? GYRE__WRITABLE : 0);
}

/* A name to send from. */
static int name(struct gyre__sim_socket *socket)
{
    struct gyre__sim_address any = {.family = AF_INET6};

    if (socket->own.family)
        return 0;
    if (socket->domain == AF_INET)
        any.ip[10] = any.ip[11] = 0xff;
    return gyre__sim_bind_any(socket, &any);
}

static int connect_to(struct gyre__sim_socket *socket, const struct sockaddr *address, socklen_t size)
{
    struct gyre__sim_address target, source;
    char text[GYRE__SIM_TEXT];
    int err = gyre__sim_address_read(&target, socket->domain, address, size);

    if (!err && gyre__sim_is_broadcast(&target) && !gyre__sim_option(socket, SOL_SOCKET, SO_BROADCAST))
        err = -EACCES;
    if (!err)
        err = name(socket);
    if (err)
        return err;
    socket->far = gyre__sim_meant(&target);
    source = gyre__sim_source_for(&socket->far);
    source.port = socket->own.port;
    if (gyre__sim_is_any(&socket->own))
        socket->own = source;
    gyre__sim_trace(socket->driver, socket, "connect to %s", gyre__sim_address_text(&socket->far, text));
    return 0;
}

static struct gyre__sim_letter *first(struct gyre__sim_socket *socket)
{
    return GYRE__OF(socket->letters.next, struct gyre__sim_letter, link);
}

/* Its whole length, also when it does not fit. */
static ssize_t receive(struct gyre__sim_socket *socket, void *buffer, size_t len,
                       struct sockaddr_storage *from, socklen_t *size)
{
    struct gyre__sim_letter *letter = first(socket);
    ssize_t whole;

    if (socket->error)
        return -gyre__sim_take_error(socket);
    if (gyre__list_empty(&socket->letters))
        return socket->reading_ended ? 0 : -EAGAIN;
    if (gyre__sim_balks(socket, "recv"))
        return -EAGAIN;
    gyre__list_remove(&letter->link);
    whole = (ssize_t)letter->len;
    memcpy(buffer, letter->data, letter->len < len ? letter->len : len);
    if (from && size)
        gyre__sim_address_write(&letter->source, socket->domain, from, size);
    socket->held -= letter->len + GYRE__SIM_OVERHEAD;
    free(letter);
    gyre__sim_trace(socket->driver, socket, "recv a datagram of %zd", whole);
    return whole;
}

static int check(const struct gyre__sim_socket *socket, const struct gyre__sim_address *target, size_t len)
{
    if (!target->family)
        return -EDESTADDRREQ;
    if (!target->port)
        return -EINVAL;
    if (gyre__sim_is_broadcast(target) && !gyre__sim_option(socket, SOL_SOCKET, SO_BROADCAST))
        return -EACCES;
    return len > (socket->domain == AF_INET ? LONGEST_V4 : LONGEST_V6) ? -EMSGSIZE : 0;
}

static int find_target(const struct gyre__sim_socket *socket, struct gyre__sim_address *target,
                       const struct sockaddr *to, socklen_t size)
{
    int err = 0;

    *target = socket->far;
    if (to)
        err = gyre__sim_address_read(target, socket->domain, to, size);
    *target = gyre__sim_meant(target);
    return err;
}

static ssize_t send_one(struct gyre__sim_socket *socket, const struct iovec *pieces, int count,
                        const struct sockaddr *to, socklen_t size)
{
    size_t len = gyre__sim_total(pieces, count);
    struct gyre__sim_address target;
    char text[GYRE__SIM_TEXT];
    int err = socket->error ? -gyre__sim_take_error(socket) : find_target(socket, &target, to, size);

    if (!err)
        err = check(socket, &target, len);
    if (!err)
        err = name(socket);
    if (err)
        return err;
    if (socket->outstanding >= socket->send_room || gyre__sim_balks(socket, "send"))
        return -EAGAIN;
    gyre__sim_trace(socket->driver, socket, "send a datagram of %zu to %s", len,
                    gyre__sim_address_text(&target, text));
    gyre__sim_post(socket, pieces, len, &target);
    return (ssize_t)len;
}

static ssize_t refuse_file(struct gyre__sim_socket *socket, int file, int64_t offset, size_t count)
{
    return -ENOTSUP;
}

static int shut_down(struct gyre__sim_socket *socket, int how)
{
    if (!socket->far.family)
        return -ENOTCONN;
    socket->reading_ended |= how != SHUT_WR;
    gyre__sim_notify(socket);
    return 0;
}

static void close_datagram(struct gyre__sim_socket *socket)
{
    socket->state = GYRE__SIM_ENDED;
}

const struct gyre__sim_kind gyre__sim_datagram = {
    .readiness = readiness,
    .connect = connect_to,
    .recv = receive,
    .send = send_one,
    .sendfile = refuse_file,
    .shutdown = shut_down,
    .close = close_datagram,
};
