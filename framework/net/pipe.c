/* net/pipe.c - checking, taking over and giving up the descriptor of a pipe.
 *
 * O_NONBLOCK belongs to the open file, which a shell or a parent may share with us as its own input or
 * output: who made it non-blocking sets it back. Two transports over one open file agree by number: the last
 * one does.
 */
#include "net/pipe.h"
#include "base/check.h"
#include "net/connect.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int check(const gyre_loop *loop, int fd, mode_t *mode)
{
    struct stat status;

    if (fstat(fd, &status))
        return gyre_error_set(-errno, "%d is no open descriptor", fd);
    if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode) && !S_ISCHR(status.st_mode))
        return gyre_error_set(GYRE_EVALUE, "Pipe transport is only for pipes, sockets and character devices");
    if (loop->driver_class->virtual_time)
        return gyre_error_set(-ENOTSUP, "a loop in virtual time takes no descriptor of the system, got %d",
                              fd);
    *mode = status.st_mode;
    return 0;
}

static bool is_pipe(const gyre_transport *transport)
{
    return transport->kind == &gyre__read_pipe_kind || transport->kind == &gyre__write_pipe_kind;
}

static bool same_file(int a, int b)
{
    struct stat one, other;

    return !fstat(a, &one) && !fstat(b, &other) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Another transport over what may be the same open file; it sets the flags back then. */
static struct gyre__pipe *sibling(const gyre_transport *transport, int fd)
{
    const struct gyre__list *all = &transport->net->transports;

    for (struct gyre__list *link = all->next; link != all; link = link->next) {
        gyre_transport *other = GYRE__OF(link, gyre_transport, link);

        if (other != transport && is_pipe(other) && other->fd >= 0 && same_file(other->fd, fd))
            return GYRE__OF(other, struct gyre__pipe, base);
    }
    return NULL;
}

static void set_back(struct gyre__pipe *pipe, int fd)
{
    struct gyre__pipe *heir = pipe->flags < 0 ? NULL : sibling(&pipe->base, fd);

    if (heir)
        heir->flags = pipe->flags;
    else if (pipe->flags >= 0)
        fcntl(fd, F_SETFL, pipe->flags);
}

void gyre__pipe_release(gyre_transport *transport)
{
    int fd = gyre__transport_unwatch(transport);

    set_back(GYRE__OF(transport, struct gyre__pipe, base), fd);
    transport->net->loop->driver_class->close_socket(fd);
}

const void *gyre__pipe_info(const gyre_transport *transport, const char *name)
{
    return !strcmp(name, "pipe") && transport->fd >= 0 ? &transport->fd : NULL;
}

static void take_over(struct gyre__pipe *pipe, int fd, mode_t mode)
{
    int flags = fcntl(fd, F_GETFL);

    pipe->flags = flags & O_NONBLOCK ? -1 : flags;
    pipe->socket = S_ISSOCK(mode);
    pipe->watchable = !S_ISCHR(mode);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int gyre__pipe_open(gyre_loop *loop, gyre_transport **transport, const struct gyre__kind *kind,
                    const gyre_protocol *protocol, int fd, void *arg)
{
    gyre_transport *made;
    mode_t mode;
    int err;

    GYRE__CHECK(protocol, "a pipe wants a protocol");
    err = gyre__connect_check(loop);
    if (!err)
        err = check(loop, fd, &mode);
    if (err)
        return err;
    made = gyre__transport_new(gyre__net(loop), kind, fd, protocol, arg, NULL);
    if (!made)
        return gyre_error_set(GYRE_ERUNTIME, "the protocol's create refused the pipe");
    take_over(GYRE__OF(made, struct gyre__pipe, base), fd, mode);
    made->eof = !kind->recv;
    return gyre__connect_begin(transport, made);
}
