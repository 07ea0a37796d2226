/* net_system.c - counting and failing. */
#include "net_system.h"

struct net_system net_system;

static const struct gyre__driver_class *original;
static struct gyre__driver_class copy;

typedef ssize_t (*system_send)(int fd, const struct iovec *pieces, int count);

static ssize_t send_by(system_send send, int fd, const struct iovec *pieces, int count)
{
    struct iovec first = pieces[0];
    ssize_t took;

    net_system.sends++;
    net_system.pieces = count;
    if (net_system.send_error)
        return net_system.send_error;
    if (net_system.takes_nothing)
        return 0;
    if (net_system.most && first.iov_len > net_system.most)
        first.iov_len = net_system.most;
    took = net_system.most ? send(fd, &first, 1) : send(fd, pieces, count);
    net_system.sent += took > 0 ? (size_t)took : 0;
    return took;
}

static ssize_t count_send(int fd, const struct iovec *pieces, int count)
{
    return send_by(original->send, fd, pieces, count);
}

static ssize_t count_write(int fd, const struct iovec *pieces, int count)
{
    return send_by(original->write, fd, pieces, count);
}

static ssize_t count_sendmsg(int fd, const struct iovec *pieces, int count, const struct sockaddr *to,
                             socklen_t size)
{
    net_system.sends++;
    if (net_system.send_error)
        return net_system.send_error;
    return original->sendmsg(fd, pieces, count, to, size);
}

static ssize_t count_recvmsg(int fd, void *buffer, size_t len, struct sockaddr_storage *from, socklen_t *size)
{
    net_system.recvs++;
    return net_system.recv_error ? net_system.recv_error : original->recvmsg(fd, buffer, len, from, size);
}

static ssize_t count_recv(int fd, void *buffer, size_t len)
{
    net_system.recvs++;
    return net_system.recv_error ? net_system.recv_error : original->recv(fd, buffer, len);
}

static ssize_t count_read(int fd, void *buffer, size_t len)
{
    net_system.recvs++;
    return net_system.recv_error ? net_system.recv_error : original->read(fd, buffer, len);
}

static ssize_t count_sendfile(int fd, int file, int64_t offset, size_t count)
{
    size_t most = net_system.sendfile_most;

    net_system.sendfiles++;
    if (net_system.sendfile_error)
        return net_system.sendfile_error;
    return original->sendfile(fd, file, offset, most && count > most ? most : count);
}

static int count_accept(int fd, struct sockaddr_storage *peer, socklen_t *size)
{
    net_system.accepts++;
    return net_system.accept_error ? net_system.accept_error : original->accept(fd, peer, size);
}

static int count_shutdown(int fd, int how)
{
    return net_system.shutdown_error ? net_system.shutdown_error : original->shutdown(fd, how);
}

static int count_recvmmsg(int fd, struct mmsghdr *messages, unsigned count)
{
    net_system.recvs++;
    return original->recvmmsg(fd, messages, count);
}

static int count_sendmmsg(int fd, struct mmsghdr *messages, unsigned count)
{
    net_system.sends++;
    return net_system.send_error ? (int)net_system.send_error : original->sendmmsg(fd, messages, count);
}

void net_system_batch(gyre_loop *loop)
{
    net_system_watch(loop);
    copy.recvmmsg = count_recvmmsg;
    copy.sendmmsg = count_sendmmsg;
}

void net_system_watch(gyre_loop *loop)
{
    net_system = (struct net_system){0};
    original = loop->driver_class;
    copy = *original;
    copy.send = count_send;
    copy.recv = count_recv;
    copy.sendmsg = count_sendmsg;
    copy.recvmsg = count_recvmsg;
    copy.sendmmsg = NULL;
    copy.recvmmsg = NULL;
    copy.write = count_write;
    copy.read = count_read;
    copy.accept = count_accept;
    copy.sendfile = count_sendfile;
    copy.shutdown = count_shutdown;
    loop->driver_class = &copy;
}
