/* net/socket.c - checks and options. */
#include "net/socket.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

int gyre__socket_check(const gyre_loop *loop, int fd)
{
    int type = 0;
    int err = loop->driver_class->getsockopt(fd, SOL_SOCKET, SO_TYPE, &type);

    if (err == -EBADF)
        return gyre_error_set(err, "%d is no open descriptor", fd);
    if (err == -ENOTSUP)
        return gyre_error_set(err, "a loop in virtual time takes no descriptor of the system, got %d", fd);
    if (err || type != SOCK_STREAM)
        return gyre_error_set(GYRE_EVALUE, "A Stream Socket was expected, got descriptor %d", fd);
    return 0;
}

int gyre__socket_check_unix(const gyre_loop *loop, int fd)
{
    int domain = 0;
    int err = gyre__socket_check(loop, fd);

    if (err == -EBADF || err == -ENOTSUP)
        return err;
    if (!err)
        err = loop->driver_class->getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain);
    if (err || domain != AF_UNIX)
        return gyre_error_set(GYRE_EVALUE, "A UNIX Domain Stream Socket was expected, got descriptor %d", fd);
    return 0;
}

void gyre__socket_unblock(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void gyre__socket_adopt(const gyre_loop *loop, int fd)
{
    gyre__socket_unblock(fd);
    gyre__socket_nodelay(loop, fd);
}

void gyre__socket_nodelay(const gyre_loop *loop, int fd)
{
    loop->driver_class->setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}
