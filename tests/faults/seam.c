/* seam.c - the system's drivers, with socket calls that ask the plan.
 *
 * The linker hands these classes out in place of the library's. They are copies, in which the calls are
 * replaced when this program is to have faults at all.
 */
#include "driver/driver.h"
#include "driver/sockets.h"
#include "fault.h"
#include <errno.h>

extern const struct gyre__driver_class __real_gyre__epoll_driver, __real_gyre__uv_driver;

struct gyre__driver_class __wrap_gyre__epoll_driver, __wrap_gyre__uv_driver;

/* What to return in place of the call, or 0: go on, perhaps interrupted, perhaps with less. */
static int strike(enum fault_call call, int fd, size_t *len)
{
    int error = fault_ask(call, fd);

    if (error == EINTR)
        fault_interrupt();
    else if (error == FAULT_SHORT && len)
        *len = *len > 1 ? *len / 2 : *len;
    else
        return -error;
    return 0;
}

static int fault_socket(struct gyre__driver *driver, int domain, int type, int protocol)
{
    int err = strike(FAULT_SOCKET, -1, NULL);

    return err ? err : gyre__sys_socket(driver, domain, type, protocol);
}

static int fault_duplicate(int fd)
{
    int err = strike(FAULT_DUP, fd, NULL);

    return err ? err : gyre__sys_duplicate(fd);
}

static int fault_bind(int fd, const struct sockaddr *address, socklen_t size)
{
    int err = strike(FAULT_BIND, fd, NULL);

    return err ? err : gyre__sys_bind(fd, address, size);
}

static int fault_listen(int fd, int backlog)
{
    int err = strike(FAULT_LISTEN, fd, NULL);

    return err ? err : gyre__sys_listen(fd, backlog);
}

static int fault_deafen(int fd)
{
    int err = strike(FAULT_DEAFEN, fd, NULL);

    return err ? err : gyre__sys_deafen(fd);
}

static int fault_accept(int fd, struct sockaddr_storage *peer, socklen_t *size)
{
    int err = strike(FAULT_ACCEPT, fd, NULL);

    return err ? err : gyre__sys_accept(fd, peer, size);
}

static int fault_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    int err = strike(FAULT_CONNECT, fd, NULL);

    return err ? err : gyre__sys_connect(fd, address, size);
}

static ssize_t fault_recv(int fd, void *buffer, size_t len)
{
    int err = strike(FAULT_RECV, fd, &len);

    return err ? err : gyre__sys_recv(fd, buffer, len);
}

/* The first piece alone, when there are more; else a part of it. */
static ssize_t send_part(ssize_t (*send)(int fd, const struct iovec *pieces, int count), int fd,
                         const struct iovec *pieces, int count)
{
    struct iovec part = pieces[0];

    if (count == 1 && part.iov_len > 1)
        part.iov_len /= 2;
    return send(fd, &part, 1);
}

static ssize_t fault_send(int fd, const struct iovec *pieces, int count)
{
    size_t len = 2;
    int err = strike(FAULT_SEND, fd, &len);

    if (err)
        return err;
    return len < 2 ? send_part(gyre__sys_send, fd, pieces, count) : gyre__sys_send(fd, pieces, count);
}

static ssize_t fault_recvmsg(int fd, void *buffer, size_t len, struct sockaddr_storage *from, socklen_t *size)
{
    int err = strike(FAULT_RECVMSG, fd, NULL);

    return err ? err : gyre__sys_recvmsg(fd, buffer, len, from, size);
}

static ssize_t fault_sendmsg(int fd, const struct iovec *pieces, int count, const struct sockaddr *to,
                             socklen_t size)
{
    int err = strike(FAULT_SENDMSG, fd, NULL);

    return err ? err : gyre__sys_sendmsg(fd, pieces, count, to, size);
}

static int fault_recvmmsg(int fd, struct mmsghdr *messages, unsigned count)
{
    size_t most = count;
    int err = strike(FAULT_RECVMMSG, fd, &most);

    return err ? err : gyre__sys_recvmmsg(fd, messages, (unsigned)most);
}

static int fault_sendmmsg(int fd, struct mmsghdr *messages, unsigned count)
{
    size_t most = count;
    int err = strike(FAULT_SENDMMSG, fd, &most);

    return err ? err : gyre__sys_sendmmsg(fd, messages, (unsigned)most);
}

static ssize_t fault_read(int fd, void *buffer, size_t len)
{
    int err = strike(FAULT_READ, fd, &len);

    return err ? err : gyre__sys_read(fd, buffer, len);
}

static ssize_t fault_write(int fd, const struct iovec *pieces, int count)
{
    size_t len = 2;
    int err = strike(FAULT_WRITE, fd, &len);

    if (err)
        return err;
    return len < 2 ? send_part(gyre__sys_write, fd, pieces, count) : gyre__sys_write(fd, pieces, count);
}

static ssize_t fault_recvfrom(int fd, void *buffer, size_t len, struct sockaddr *address, socklen_t *size)
{
    int err = strike(FAULT_RECVFROM, fd, NULL);

    return err ? err : gyre__sys_recvfrom(fd, buffer, len, address, size);
}

static ssize_t fault_sendto(int fd, const void *data, size_t len, const struct sockaddr *address,
                            socklen_t size)
{
    int err = strike(FAULT_SENDTO, fd, NULL);

    return err ? err : gyre__sys_sendto(fd, data, len, address, size);
}

static ssize_t fault_sendfile(int fd, int file, int64_t offset, size_t count)
{
    int err = strike(FAULT_SENDFILE, fd, &count);

    return err ? err : gyre__sys_sendfile(fd, file, offset, count);
}

/* One that is not connected says so because it was, and its peer knows. */
static int fault_shutdown(int fd, int how)
{
    int err = strike(FAULT_SHUTDOWN, fd, NULL);

    if (err == -ENOTCONN)
        gyre__sys_shutdown(fd, SHUT_RDWR);
    return err ? err : gyre__sys_shutdown(fd, how);
}

/* As on Linux, the descriptor is gone also when that has failed. */
static int fault_close(int fd)
{
    int error = fault_ask(FAULT_CLOSE, fd);
    int err = gyre__sys_close(fd);

    return err ? err : -error;
}

static int fault_getsockname(int fd, struct sockaddr_storage *address, socklen_t *size)
{
    int err = strike(FAULT_GETSOCKNAME, fd, NULL);

    return err ? err : gyre__sys_getsockname(fd, address, size);
}

static int fault_getpeername(int fd, struct sockaddr_storage *address, socklen_t *size)
{
    int err = strike(FAULT_GETPEERNAME, fd, NULL);

    return err ? err : gyre__sys_getpeername(fd, address, size);
}

static int fault_getsockopt(int fd, int level, int name, int *value)
{
    int err = strike(FAULT_GETSOCKOPT, fd, NULL);

    return err ? err : gyre__sys_getsockopt(fd, level, name, value);
}

static int fault_setsockopt(int fd, int level, int name, int value)
{
    int err = strike(FAULT_SETSOCKOPT, fd, NULL);

    return err ? err : gyre__sys_setsockopt(fd, level, name, value);
}

static void replace(struct gyre__driver_class *class)
{
    class->socket = fault_socket;
    class->duplicate = fault_duplicate;
    class->bind = fault_bind;
    class->listen = fault_listen;
    class->deafen = fault_deafen;
    class->accept = fault_accept;
    class->connect = fault_connect;
    class->recv = fault_recv;
    class->send = fault_send;
    class->recvmsg = fault_recvmsg;
    class->sendmsg = fault_sendmsg;
    if (class->recvmmsg)
        class->recvmmsg = fault_recvmmsg;
    if (class->sendmmsg)
        class->sendmmsg = fault_sendmmsg;
    class->read = fault_read;
    class->write = fault_write;
    class->recvfrom = fault_recvfrom;
    class->sendto = fault_sendto;
    class->sendfile = fault_sendfile;
    class->shutdown = fault_shutdown;
    class->close_socket = fault_close;
    class->getsockname = fault_getsockname;
    class->getpeername = fault_getpeername;
    class->getsockopt = fault_getsockopt;
    class->setsockopt = fault_setsockopt;
}

void fault_replace_calls(void)
{
    replace(&__wrap_gyre__epoll_driver);
    replace(&__wrap_gyre__uv_driver);
}

__attribute__((constructor(200))) static void copy_classes(void)
{
    __wrap_gyre__epoll_driver = __real_gyre__epoll_driver;
    __wrap_gyre__uv_driver = __real_gyre__uv_driver;
}
