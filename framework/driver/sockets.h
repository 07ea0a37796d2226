/* driver/sockets.h - the system's socket calls in the driver's form: -errno, never EINTR, non-blocking,
 * close-on-exec. */
#ifndef GYRE__SOCKETS_H
#define GYRE__SOCKETS_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

struct gyre__driver;

int gyre__sys_socket(struct gyre__driver *driver, int domain, int type, int protocol);
int gyre__sys_duplicate(int fd);
int gyre__sys_bind(int fd, const struct sockaddr *address, socklen_t size);
int gyre__sys_listen(int fd, int backlog);
int gyre__sys_deafen(int fd);
int gyre__sys_accept(int fd, struct sockaddr_storage *peer, socklen_t *size);
int gyre__sys_connect(int fd, const struct sockaddr *address, socklen_t size);
ssize_t gyre__sys_recv(int fd, void *buffer, size_t len);
ssize_t gyre__sys_send(int fd, const struct iovec *pieces, int count);
ssize_t gyre__sys_recvmsg(int fd, void *buffer, size_t len, struct sockaddr_storage *from, socklen_t *size);
ssize_t gyre__sys_sendmsg(int fd, const struct iovec *pieces, int count, const struct sockaddr *to,
                          socklen_t size);
int gyre__sys_recvmmsg(int fd, struct mmsghdr *messages, unsigned count);
int gyre__sys_sendmmsg(int fd, struct mmsghdr *messages, unsigned count);
ssize_t gyre__sys_read(int fd, void *buffer, size_t len);
ssize_t gyre__sys_write(int fd, const struct iovec *pieces, int count);
ssize_t gyre__sys_recvfrom(int fd, void *buffer, size_t len, struct sockaddr *address, socklen_t *size);
ssize_t gyre__sys_sendto(int fd, const void *data, size_t len, const struct sockaddr *address,
                         socklen_t size);
ssize_t gyre__sys_sendfile(int fd, int file, int64_t offset, size_t count);
int gyre__sys_shutdown(int fd, int how);
int gyre__sys_close(int fd);
int gyre__sys_getsockname(int fd, struct sockaddr_storage *address, socklen_t *size);
int gyre__sys_getpeername(int fd, struct sockaddr_storage *address, socklen_t *size);
int gyre__sys_getsockopt(int fd, int level, int name, int *value);
int gyre__sys_setsockopt(int fd, int level, int name, int value);

/* A driver class's members for descriptors of the system. */
#define GYRE__SYSTEM_SOCKETS                                                                              \
    .socket = gyre__sys_socket, .duplicate = gyre__sys_duplicate, .bind = gyre__sys_bind,                 \
    .listen = gyre__sys_listen, .deafen = gyre__sys_deafen, .accept = gyre__sys_accept,                   \
    .connect = gyre__sys_connect, .recv = gyre__sys_recv, .send = gyre__sys_send, .read = gyre__sys_read, \
    .write = gyre__sys_write, .recvfrom = gyre__sys_recvfrom, .recvmsg = gyre__sys_recvmsg,               \
    .sendmsg = gyre__sys_sendmsg, .recvmmsg = gyre__sys_recvmmsg, .sendmmsg = gyre__sys_sendmmsg,         \
    .sendto = gyre__sys_sendto, .sendfile = gyre__sys_sendfile, .shutdown = gyre__sys_shutdown,           \
    .close_socket = gyre__sys_close, .getsockname = gyre__sys_getsockname,                                \
    .getpeername = gyre__sys_getpeername, .getsockopt = gyre__sys_getsockopt,                             \
    .setsockopt = gyre__sys_setsockopt

#endif
