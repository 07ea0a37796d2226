/* driver/sim_call.h - the socket calls of virtual time, by descriptor, in the driver's form. */
#ifndef GYRE__SIM_CALL_H
#define GYRE__SIM_CALL_H

#include "driver/driver.h"

int gyre__sim_socket(struct gyre__driver *driver, int domain, int type, int protocol);
int gyre__sim_duplicate(int fd);
int gyre__sim_bind(int fd, const struct sockaddr *address, socklen_t size);
int gyre__sim_listen(int fd, int backlog);
int gyre__sim_deafen(int fd);
int gyre__sim_accept(int fd, struct sockaddr_storage *peer, socklen_t *size);
int gyre__sim_connect(int fd, const struct sockaddr *address, socklen_t size);
ssize_t gyre__sim_recv(int fd, void *buffer, size_t len);
ssize_t gyre__sim_send(int fd, const struct iovec *pieces, int count);
ssize_t gyre__sim_recvmsg(int fd, void *buffer, size_t len, struct sockaddr_storage *from, socklen_t *size);
ssize_t gyre__sim_sendmsg(int fd, const struct iovec *pieces, int count, const struct sockaddr *to,
                          socklen_t size);
ssize_t gyre__sim_recvfrom(int fd, void *buffer, size_t len, struct sockaddr *address, socklen_t *size);
ssize_t gyre__sim_sendto(int fd, const void *data, size_t len, const struct sockaddr *address,
                         socklen_t size);
ssize_t gyre__sim_sendfile(int fd, int file, int64_t offset, size_t count);
int gyre__sim_shutdown(int fd, int how);
int gyre__sim_close(int fd);
int gyre__sim_getsockname(int fd, struct sockaddr_storage *address, socklen_t *size);
int gyre__sim_getpeername(int fd, struct sockaddr_storage *address, socklen_t *size);
int gyre__sim_getsockopt(int fd, int level, int name, int *value);
int gyre__sim_setsockopt(int fd, int level, int name, int value);

/* A driver class's members for descriptors in virtual time. A pipe would be read and written like a stream.
 */
#define GYRE__SIM_SOCKETS                                                                                  \
    .socket = gyre__sim_socket, .duplicate = gyre__sim_duplicate, .bind = gyre__sim_bind,                  \
    .listen = gyre__sim_listen, .deafen = gyre__sim_deafen, .accept = gyre__sim_accept,                    \
    .connect = gyre__sim_connect, .recv = gyre__sim_recv, .send = gyre__sim_send, .read = gyre__sim_recv,  \
    .write = gyre__sim_send, .recvmsg = gyre__sim_recvmsg, .sendmsg = gyre__sim_sendmsg,                   \
    .recvfrom = gyre__sim_recvfrom, .sendto = gyre__sim_sendto, .sendfile = gyre__sim_sendfile,            \
    .shutdown = gyre__sim_shutdown, .close_socket = gyre__sim_close, .getsockname = gyre__sim_getsockname, \
    .getpeername = gyre__sim_getpeername, .getsockopt = gyre__sim_getsockopt,                              \
    .setsockopt = gyre__sim_setsockopt

#endif
