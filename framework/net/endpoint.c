/* net/endpoint.c - create_datagram_endpoint: a socket, and a transport upon it. */
#include "base/check.h"
#include "base/options.h"
#include "net/connect.h"
#include "net/datagram.h"
#include "net/ends.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

static gyre_protocol methods_of(const gyre_datagram_protocol *class)
{
    return (gyre_protocol){.size = class->size,
                           .create = class->create,
                           .destroy = class->destroy,
                           .connection_made = class->connection_made,
                           .connection_lost = class->connection_lost,
                           .pause_writing = class->pause_writing,
                           .resume_writing = class->resume_writing};
}

static bool is_local(const gyre_loop *loop, int fd)
{
    int domain = 0;

    return !loop->driver_class->getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain) && domain == AF_UNIX;
}

static int begin(gyre_loop *loop, gyre_transport **transport, const gyre_datagram_protocol *class,
                 const struct gyre__opened *opened, void *arg, bool *taken)
{
    gyre_protocol methods = methods_of(class);
    gyre_transport *made =
        gyre__transport_new(gyre__net(loop), &gyre__datagram_kind, opened->fd, &methods, arg, NULL);
    struct gyre__datagram *datagram = GYRE__OF(made, struct gyre__datagram, base);

    *taken = made != NULL;
    if (!made)
        return gyre_error_set(GYRE_ERUNTIME, "the protocol's create refused the endpoint");
    datagram->methods = methods;
    made->protocol = made->made_with = &datagram->methods;
    datagram->class = class;
    datagram->remote = opened->remote;
    datagram->remote_size = opened->remote_size;
    datagram->connected = opened->connected;
    datagram->group = opened->group;
    datagram->large = is_local(loop, opened->fd);
    if (opened->connected)
        gyre__address_set(&made->peer, (const struct sockaddr *)&opened->remote, opened->remote_size);
    return gyre__connect_begin(transport, made);
}

static int check_sock(const gyre_loop *loop, const gyre_datagram_options *options)
{
    int type = 0;
    int err = loop->driver_class->getsockopt(options->sock, SOL_SOCKET, SO_TYPE, &type);

    if (err == -EBADF || err == -ENOTSUP)
        return gyre_error_set(err, "descriptor %d: %s", options->sock, gyre_strerror(err));
    if (err || type != SOCK_DGRAM)
        return gyre_error_set(GYRE_EVALUE, "A datagram socket was expected, got descriptor %d",
                              options->sock);
    if (options->local_host || options->local_port || options->remote_host || options->remote_port ||
        options->family || options->proto || options->flags || options->reuse_port ||
        options->allow_broadcast)
        return gyre_error_set(GYRE_EVALUE, "socket modifier options can not be used when sock is specified");
    return 0;
}

/* What the program connected stays connected. */
static int adopt(gyre_loop *loop, struct gyre__opened *opened, const gyre_datagram_options *options)
{
    int err = check_sock(loop, options);
    socklen_t size = sizeof opened->remote;

    if (err)
        return err;
    *opened = (struct gyre__opened){.fd = options->sock};
    fcntl(opened->fd, F_SETFL, fcntl(opened->fd, F_GETFL) | O_NONBLOCK);
    opened->connected = !loop->driver_class->getpeername(opened->fd, &opened->remote, &size);
    opened->remote_size = opened->connected ? size : 0;
    return 0;
}

static int open_endpoint(gyre_loop *loop, gyre_transport **transport, const gyre_datagram_protocol *class,
                         const gyre_datagram_options *options)
{
    struct gyre__opened opened;
    bool taken;
    int err = options->sock ? adopt(loop, &opened, options) : gyre__ends_open(loop, &opened, options);

    if (err)
        return err;
    err = begin(loop, transport, class, &opened, options->arg, &taken);
    if (!taken && !options->sock)
        gyre__ends_close(loop, opened.fd, opened.group);
    return err;
}

int(gyre_loop_create_datagram_endpoint)(gyre_loop *loop, gyre_transport **transport,
                                        const gyre_datagram_protocol *protocol,
                                        const gyre_datagram_options *options)
{
    gyre_datagram_options filled = {0};
    int err;

    GYRE__CHECK(protocol, "create_datagram_endpoint wants a protocol");
    gyre__options_fill(&filled, sizeof filled, options);
    err = gyre__connect_check(loop);
    return err ? err : open_endpoint(loop, transport, protocol, &filled);
}
