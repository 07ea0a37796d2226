/* driver/sockets.c - the system's socket calls in the driver's form. */
#include "driver/sockets.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#if defined __linux__
#include <linux/filter.h>
#endif
#include <sys/sendfile.h>
#include <unistd.h>

static int result(int code)
{
    return code < 0 ? -errno : code;
}

int gyre__sys_socket(struct gyre__driver *driver, int domain, int type, int protocol)
{
    return result(socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

int gyre__sys_duplicate(int fd)
{
    return result(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

int gyre__sys_bind(int fd, const struct sockaddr *address, socklen_t size)
{
    return result(bind(fd, address, size));
}

int gyre__sys_listen(int fd, int backlog)
{
    return result(listen(fd, backlog));
}

#if defined SO_ATTACH_FILTER
/* One of this machine keeps its queue and refuses all others, once it reads no more. */
static bool is_local(int fd)
{
    int domain = 0;

    return gyre__sys_getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain) == 0 && domain == AF_UNIX;
}

/* A packet filter that lets no bare SYN through: byte 13 of the TCP header has the flags. */
int gyre__sys_deafen(int fd)
{
    enum { FLAGS = 13, SYN = 0x02, ACK = 0x10 };
    struct sock_filter no_syn[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS),      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog filter = {.len = sizeof no_syn / sizeof no_syn[0], .filter = no_syn};

    if (is_local(fd))
        return result(shutdown(fd, SHUT_RD));
    return result(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
}
#else
int gyre__sys_deafen(int fd)
{
    return -ENOTSUP;
}
#endif

int gyre__sys_accept(int fd, struct sockaddr_storage *peer, socklen_t *size)
{
    int accepted;

    do
        accepted = accept4(fd, (struct sockaddr *)peer, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (accepted < 0 && errno == EINTR);
    return result(accepted);
}

int gyre__sys_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    int code = result(connect(fd, address, size));

    /* An interrupted connect goes on in the background, as a non-blocking one does. */
    return code == -EINTR ? -EINPROGRESS : code;
}

ssize_t gyre__sys_recv(int fd, void *buffer, size_t len)
{
    ssize_t got;

    do
        got = recv(fd, buffer, len, 0);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static ssize_t send_one(int fd, const struct iovec *piece)
{
    return send(fd, piece->iov_base, piece->iov_len, MSG_NOSIGNAL);
}

static ssize_t send_many(int fd, const struct iovec *pieces, int count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};

    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

ssize_t gyre__sys_send(int fd, const struct iovec *pieces, int count)
{
    ssize_t sent;

    do
        sent = count == 1 ? send_one(fd, pieces) : send_many(fd, pieces, count);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

ssize_t gyre__sys_recvmsg(int fd, void *buffer, size_t len, struct sockaddr_storage *from, socklen_t *size)
{
    ssize_t got;

    do
        got = recvfrom(fd, buffer, len, MSG_TRUNC, (struct sockaddr *)from, size);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

ssize_t gyre__sys_sendmsg(int fd, const struct iovec *pieces, int count, const struct sockaddr *to,
                          socklen_t size)
{
    struct msghdr message = {.msg_name = (void *)(uintptr_t)to,
                             .msg_namelen = size,
                             .msg_iov = (struct iovec *)pieces,
                             .msg_iovlen = (size_t)count};
    ssize_t sent;

    do
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

int gyre__sys_recvmmsg(int fd, struct mmsghdr *messages, unsigned count)
{
    int got;

    do
        got = recvmmsg(fd, messages, count, MSG_TRUNC, NULL);
    while (got < 0 && errno == EINTR);
    return result(got);
}

int gyre__sys_sendmmsg(int fd, struct mmsghdr *messages, unsigned count)
{
    int sent;

    do
        sent = sendmmsg(fd, messages, count, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return result(sent);
}

ssize_t gyre__sys_read(int fd, void *buffer, size_t len)
{
    ssize_t got;

    do
        got = read(fd, buffer, len);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

ssize_t gyre__sys_write(int fd, const struct iovec *pieces, int count)
{
    ssize_t sent;

    do
        sent = writev(fd, pieces, count);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

ssize_t gyre__sys_recvfrom(int fd, void *buffer, size_t len, struct sockaddr *address, socklen_t *size)
{
    ssize_t got;

    do
        got = recvfrom(fd, buffer, len, 0, address, size);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

ssize_t gyre__sys_sendto(int fd, const void *data, size_t len, const struct sockaddr *address, socklen_t size)
{
    ssize_t sent;

    do
        sent = sendto(fd, data, len, MSG_NOSIGNAL, address, size);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

ssize_t gyre__sys_sendfile(int fd, int file, int64_t offset, size_t count)
{
    off_t from = offset;
    ssize_t sent;

    do
        sent = sendfile(fd, file, &from, count);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

int gyre__sys_shutdown(int fd, int how)
{
    return result(shutdown(fd, how));
}

int gyre__sys_close(int fd)
{
    /* Linux has closed it also when it says EINTR. */
    return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

int gyre__sys_getsockname(int fd, struct sockaddr_storage *address, socklen_t *size)
{
    return result(getsockname(fd, (struct sockaddr *)address, size));
}

int gyre__sys_getpeername(int fd, struct sockaddr_storage *address, socklen_t *size)
{
    return result(getpeername(fd, (struct sockaddr *)address, size));
}

int gyre__sys_getsockopt(int fd, int level, int name, int *value)
{
    socklen_t size = sizeof *value;

    return result(getsockopt(fd, level, name, value, &size));
}

int gyre__sys_setsockopt(int fd, int level, int name, int value)
{
    return result(setsockopt(fd, level, name, &value, sizeof value));
}
