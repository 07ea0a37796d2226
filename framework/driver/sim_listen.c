/* driver/sim_listen.c - listening sockets of the network in virtual time, and their queues. */
#include "driver/sim_call.h"
#include "driver/sim_socket.h"
#include <errno.h>

enum { MOST = 4096 };

static int check(const struct gyre__sim_socket *socket)
{
    if (socket->type != SOCK_STREAM)
        return -EOPNOTSUPP;
    if (socket->state != GYRE__SIM_FRESH && socket->state != GYRE__SIM_LISTENING)
        return -EINVAL;
    return socket->domain == AF_UNIX && !socket->own.family ? -EINVAL : 0;
}

/* Two may have bound one name, but only one of them listens. */
static int name(struct gyre__sim_socket *socket)
{
    struct gyre__sim_address any = {.family = AF_INET6};

    if (socket->own.family)
        return gyre__sim_conflicts(socket, &socket->own) ? -EADDRINUSE : 0;
    if (socket->domain == AF_INET)
        any.ip[10] = any.ip[11] = 0xff;
    return gyre__sim_bind_any(socket, &any);
}

int gyre__sim_listen(int fd, int backlog)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);
    int err = socket ? check(socket) : gyre__sim_refuse(fd);

    if (!err && socket->state == GYRE__SIM_FRESH)
        err = name(socket);
    if (err)
        return err;
    socket->state = GYRE__SIM_LISTENING;
    socket->backlog = backlog < 0 || backlog > MOST ? MOST : backlog;
    gyre__sim_trace(socket->driver, socket, "listen %d", backlog);
    return 0;
}

int gyre__sim_deafen(int fd)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    if (!socket)
        return gyre__sim_refuse(fd);
    socket->deaf = true;
    gyre__sim_notify(socket);
    return 0;
}

/* As Linux counts: one more than was asked for. */
bool gyre__sim_is_full(const struct gyre__sim_socket *listener)
{
    return listener->queued + listener->embryos > listener->backlog;
}

struct gyre__sim_socket *gyre__sim_make_child(struct gyre__sim_socket *listener,
                                              struct gyre__sim_socket *client,
                                              const struct gyre__sim_address *own)
{
    struct gyre__sim_socket *child =
        gyre__sim_socket_new(listener->driver, listener->domain, listener->type, listener->protocol);

    child->own = *own;
    child->far = client->own;
    child->state = GYRE__SIM_CONNECTED;
    child->peer = gyre__sim_socket_ref(client);
    child->listener = gyre__sim_socket_ref(listener);
    listener->embryos++;
    gyre__sim_inherit_options(child, listener);
    return child;
}

static void forget_listener(struct gyre__sim_socket *child)
{
    struct gyre__sim_socket *listener = child->listener;

    child->listener = NULL;
    gyre__sim_socket_unref(listener);
}

/* One that was reset on the way is not told of. */
void gyre__sim_enqueue(struct gyre__sim_socket *child)
{
    struct gyre__sim_socket *listener = child->listener;

    listener->embryos--;
    if (child->state == GYRE__SIM_CONNECTED && listener->state == GYRE__SIM_LISTENING) {
        listener->queued++;
        gyre__list_append(&listener->queue, &gyre__sim_socket_ref(child)->waiting);
        gyre__sim_notify(listener);
        return;
    }
    forget_listener(child);
    gyre__sim_reset(child);
}

void gyre__sim_stop_listening(struct gyre__sim_socket *listener)
{
    struct gyre__list *link;

    listener->state = GYRE__SIM_ENDED;
    while ((link = gyre__list_pop(&listener->queue))) {
        struct gyre__sim_socket *child = GYRE__OF(link, struct gyre__sim_socket, waiting);

        forget_listener(child);
        gyre__sim_reset(child);
        gyre__sim_socket_unref(child);
    }
}

static int check_accept(struct gyre__sim_socket *listener)
{
    if (listener->type != SOCK_STREAM)
        return -EOPNOTSUPP;
    if (listener->state != GYRE__SIM_LISTENING)
        return -EINVAL;
    if (gyre__list_empty(&listener->queue))
        return -EAGAIN;
    return gyre__sim_balks(listener, "accept") ? -EAGAIN : 0;
}

int gyre__sim_accept(int fd, struct sockaddr_storage *peer, socklen_t *size)
{
    struct gyre__sim_socket *listener = gyre__sim_find(fd), *child;
    int err = listener ? check_accept(listener) : gyre__sim_refuse(fd), accepted;

    if (err)
        return err;
    child = GYRE__OF(listener->queue.next, struct gyre__sim_socket, waiting);
    accepted = gyre__sim_enter(child);
    if (accepted < 0)
        return accepted;
    gyre__list_remove(&child->waiting);
    listener->queued--;
    forget_listener(child);
    if (peer)
        gyre__sim_address_write(&child->far, child->domain, peer, size);
    gyre__sim_trace(child->driver, child, "accept on %u", listener->number);
    gyre__sim_socket_unref(child);
    return accepted;
}
