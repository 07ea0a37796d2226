/* driver/sim_call.c - from a descriptor to its socket, and to what its kind does. */
#include "driver/sim_call.h"
#include "driver/sim_socket.h"
#include <errno.h>
#include <string.h>

static int check(int domain, int type)
{
    if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX)
        return -EAFNOSUPPORT;
    if (type != SOCK_STREAM && (type != SOCK_DGRAM || domain == AF_UNIX))
        return -ESOCKTNOSUPPORT;
    return 0;
}

int gyre__sim_socket(struct gyre__driver *driver, int domain, int type, int protocol)
{
    struct gyre__sim_socket *socket;
    int fd, err = check(domain, type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC));

    if (err)
        return err;
    socket = gyre__sim_socket_new(driver, domain, type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), protocol);
    fd = gyre__sim_enter(socket);
    if (fd >= 0)
        gyre__sim_trace(driver, socket, "socket %s %s",
                        domain == AF_INET    ? "IPv4"
                        : domain == AF_INET6 ? "IPv6"
                                             : "unix",
                        socket->type == SOCK_STREAM ? "stream" : "datagram");
    gyre__sim_socket_unref(socket);
    return fd;
}

int gyre__sim_duplicate(int fd)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    return socket ? gyre__sim_enter(socket) : gyre__sim_refuse(fd);
}

int gyre__sim_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    return socket ? socket->kind->connect(socket, address, size) : gyre__sim_refuse(fd);
}

ssize_t gyre__sim_recv(int fd, void *buffer, size_t len)
{
    return gyre__sim_recvfrom(fd, buffer, len, NULL, NULL);
}

ssize_t gyre__sim_send(int fd, const struct iovec *pieces, int count)
{
    return gyre__sim_sendmsg(fd, pieces, count, NULL, 0);
}

ssize_t gyre__sim_recvmsg(int fd, void *buffer, size_t len, struct sockaddr_storage *from, socklen_t *size)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    return socket ? socket->kind->recv(socket, buffer, len, from, size) : gyre__sim_refuse(fd);
}

ssize_t gyre__sim_sendmsg(int fd, const struct iovec *pieces, int count, const struct sockaddr *to,
                          socklen_t size)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    return socket ? socket->kind->send(socket, pieces, count, to, size) : gyre__sim_refuse(fd);
}

/* As the system's, the length of what was copied. */
ssize_t gyre__sim_recvfrom(int fd, void *buffer, size_t len, struct sockaddr *address, socklen_t *size)
{
    struct sockaddr_storage from = {0};
    socklen_t room = sizeof from;
    ssize_t got = gyre__sim_recvmsg(fd, buffer, len, &from, &room);

    if (got >= 0 && address && size) {
        memcpy(address, &from, room < *size ? room : *size);
        *size = room;
    }
    return got > 0 && (size_t)got > len ? (ssize_t)len : got;
}

ssize_t gyre__sim_sendto(int fd, const void *data, size_t len, const struct sockaddr *address, socklen_t size)
{
    struct iovec piece = {(void *)(uintptr_t)data, len};

    return gyre__sim_sendmsg(fd, &piece, 1, size ? address : NULL, size);
}

ssize_t gyre__sim_sendfile(int fd, int file, int64_t offset, size_t count)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    return socket ? socket->kind->sendfile(socket, file, offset, count) : gyre__sim_refuse(fd);
}

int gyre__sim_shutdown(int fd, int how)
{
    struct gyre__sim_socket *socket = gyre__sim_find(fd);

    return socket ? socket->kind->shutdown(socket, how) : gyre__sim_refuse(fd);
}

int gyre__sim_close(int fd)
{
    struct gyre__sim_socket *socket = gyre__sim_leave(fd);

    if (!socket)
        return gyre__sim_refuse(fd);
    gyre__sim_lose_watches(socket, fd);
    if (--socket->descriptors == 0) {
        gyre__sim_trace(socket->driver, socket, "close");
        socket->kind->close(socket);
    }
    gyre__sim_socket_unref(socket);
    return 0;
}

int gyre__sim_getsockname(int fd, struct sockaddr_storage *address, socklen_t *size)
{
    const struct gyre__sim_socket *socket = gyre__sim_find(fd);

    if (!socket)
        return gyre__sim_refuse(fd);
    gyre__sim_address_write(&socket->own, socket->domain, address, size);
    return 0;
}

static bool has_peer(const struct gyre__sim_socket *socket)
{
    return socket->type == SOCK_DGRAM ? socket->far.family != AF_UNSPEC
                                      : socket->state == GYRE__SIM_CONNECTED;
}

int gyre__sim_getpeername(int fd, struct sockaddr_storage *address, socklen_t *size)
{
    const struct gyre__sim_socket *socket = gyre__sim_find(fd);

    if (!socket)
        return gyre__sim_refuse(fd);
    if (!has_peer(socket))
        return -ENOTCONN;
    gyre__sim_address_write(&socket->far, socket->domain, address, size);
    return 0;
}
