/* net/sock.c - the sock_* functions: try, wait while the system says "again", try again.
 *
 * A call that waits does it on a duplicate of the descriptor. So several may wait on one socket, beside a
 * reader or writer of the program's, and one that the program closes meanwhile leaves nothing stale behind.
 */
#include "net/sock.h"
#include "base/error.h"
#include "net/readiness.h"
#include <errno.h>
#include <fcntl.h>
#include <gyre/sock.h>
#include <gyre/task.h>
#include <string.h>

static int check_blocking(const gyre_loop *loop, int fd)
{
    int flags = gyre_loop_get_debug(loop) ? fcntl(fd, F_GETFL) : O_NONBLOCK;

    return flags & O_NONBLOCK ? 0 : gyre_error_set(GYRE_EVALUE, "the socket must be non-blocking");
}

static int check(const gyre_loop *loop, int fd)
{
    int err = gyre__loop_guarded(loop) ? gyre__loop_check(loop) : 0;

    if (err)
        return err;
    if (gyre_loop_is_running(loop) && !gyre_current_task())
        return gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    err = gyre__descriptor_check(loop, fd);
    return err ? err : check_blocking(loop, fd);
}

int gyre__sock_begin(struct gyre__sock *sock, gyre_loop *loop, int fd)
{
    *sock = (struct gyre__sock){.loop = loop, .fd = fd};
    return check(loop, fd);
}

int gyre__sock_own(struct gyre__sock *sock)
{
    int duplicate = sock->own ? sock->fd : sock->loop->driver_class->duplicate(sock->fd);

    if (duplicate < 0)
        return duplicate;
    sock->fd = duplicate;
    sock->own = true;
    return 0;
}

int gyre__sock_wait(struct gyre__sock *sock, int events)
{
    int err = gyre__sock_own(sock);

    return err ? err : gyre__await_ready(sock->loop, sock->fd, events);
}

void gyre__sock_close(struct gyre__sock *sock)
{
    if (sock->own)
        sock->loop->driver_class->close_socket(sock->fd);
    sock->own = false;
}

ptrdiff_t gyre__sock_end(struct gyre__sock *sock, ptrdiff_t code)
{
    gyre__sock_close(sock);
    if (gyre__error_is_os(code))
        gyre_error_set((int)code, "[Errno %d] %s", -(int)code, gyre_strerror((int)code));
    return code;
}

ptrdiff_t gyre_loop_sock_recv(gyre_loop *loop, int fd, void *buffer, size_t len)
{
    struct gyre__sock sock;
    ptrdiff_t got = gyre__sock_begin(&sock, loop, fd);

    if (got)
        return got;
    while ((got = loop->driver_class->recv(sock.fd, buffer, len)) == -EAGAIN) {
        got = gyre__sock_wait(&sock, GYRE__READABLE);
        if (got)
            break;
    }
    return gyre__sock_end(&sock, got);
}

ptrdiff_t gyre_loop_sock_recvfrom(gyre_loop *loop, struct sockaddr_storage *address, socklen_t *size, int fd,
                                  void *buffer, size_t len)
{
    struct sockaddr *from = size ? (struct sockaddr *)address : NULL;
    struct gyre__sock sock;
    ptrdiff_t got = gyre__sock_begin(&sock, loop, fd);

    if (got)
        return got;
    while ((got = loop->driver_class->recvfrom(sock.fd, buffer, len, from, from ? size : NULL)) == -EAGAIN) {
        got = gyre__sock_wait(&sock, GYRE__READABLE);
        if (got)
            break;
    }
    return gyre__sock_end(&sock, got);
}

int gyre__sock_send(struct gyre__sock *sock, const char *data, size_t len, size_t *sent)
{
    int err = 0;

    *sent = 0;
    do {
        struct iovec rest = {(char *)(uintptr_t)data + *sent, len - *sent};
        ssize_t took = sock->loop->driver_class->send(sock->fd, &rest, 1);

        if (took < 0 && took != -EAGAIN)
            return (int)took;
        *sent += took > 0 ? (size_t)took : 0;
        if (*sent < len)
            err = gyre__sock_wait(sock, GYRE__WRITABLE);
    } while (*sent < len && !err);
    return err;
}

int gyre_loop_sock_sendall(gyre_loop *loop, int fd, const void *data, size_t len)
{
    struct gyre__sock sock;
    size_t sent;
    int err = gyre__sock_begin(&sock, loop, fd);

    return err ? err : (int)gyre__sock_end(&sock, gyre__sock_send(&sock, data, len, &sent));
}

ptrdiff_t gyre_loop_sock_sendto(gyre_loop *loop, int fd, const void *data, size_t len,
                                const struct sockaddr *address, socklen_t size)
{
    struct gyre__sock sock;
    ptrdiff_t sent = gyre__sock_begin(&sock, loop, fd);

    if (sent)
        return sent;
    while ((sent = loop->driver_class->sendto(sock.fd, data, len, address, size)) == -EAGAIN) {
        sent = gyre__sock_wait(&sock, GYRE__WRITABLE);
        if (sent)
            break;
    }
    return gyre__sock_end(&sock, sent);
}

int gyre_loop_sock_accept(gyre_loop *loop, struct sockaddr_storage *address, socklen_t *size, int fd)
{
    struct sockaddr_storage peer;
    socklen_t room = sizeof peer;
    struct gyre__sock sock;
    int accepted = gyre__sock_begin(&sock, loop, fd);

    if (accepted)
        return accepted;
    while ((accepted = loop->driver_class->accept(sock.fd, &peer, &room)) == -EAGAIN) {
        accepted = gyre__sock_wait(&sock, GYRE__READABLE);
        if (accepted)
            break;
    }
    if (accepted >= 0 && address && size) {
        *size = room < *size ? room : *size;
        memcpy(address, &peer, *size);
    }
    return (int)gyre__sock_end(&sock, accepted);
}
