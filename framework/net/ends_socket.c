/* net/ends_socket.c - the socket between two ends: made, bound, connected; with other shards, if it is a
 * server's.
 *
 * A port of its own choice, and nobody in particular at the other end, is a server's: each shard that asks
 * for it gets a socket there. Port 0 is a client's, unless .reuse_port says that the shards mean one port.
 */
#include "base/error.h"
#include "net/address.h"
#include "net/ends.h"
#include "net/hooks.h"
#include "net/net.h"
#include <string.h>

static int set_options(gyre_loop *loop, int fd, const gyre_datagram_options *options, bool reuse_port)
{
    int err = 0;

    if (reuse_port)
        err = loop->driver_class->setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (!err && options->allow_broadcast == GYRE_YES)
        err = loop->driver_class->setsockopt(fd, SOL_SOCKET, SO_BROADCAST, 1);
    return gyre__error_plain(err);
}

static int make(gyre_loop *loop, int family, int proto, const gyre_datagram_options *options, bool reuse_port,
                int *fd)
{
    int opened = loop->driver_class->socket(loop->driver, family, SOCK_DGRAM, proto);
    int err;

    if (opened < 0)
        return gyre__error_plain(opened);
    err = set_options(loop, opened, options, reuse_port);
    if (err)
        loop->driver_class->close_socket(opened);
    else
        *fd = opened;
    return err;
}

/* As struct gyre__claim's bind; `asked` is the endpoint's options. */
static int make_bound(gyre_loop *loop, const struct sockaddr *address, socklen_t size, const void *asked,
                      bool reuse_port, int *fd)
{
    const gyre_datagram_options *options = asked;
    char name[GYRE__ADDRESS_TEXT];
    int err = make(loop, address->sa_family, options->proto, options, reuse_port, fd);

    if (err)
        return err;
    err = loop->driver_class->bind(*fd, address, size);
    if (!err)
        return 0;
    loop->driver_class->close_socket(*fd);
    return gyre_error_set(err, "error while attempting to bind on address %s: %s",
                          gyre__address_tuple(address, size, name), gyre_strerror(err));
}

static bool is_servers(const struct gyre__ends *ends, const gyre_datagram_options *options)
{
    if (ends->remote || ends->family == AF_UNIX)
        return false;
    return (options->local_port != 0) == (options->reuse_port != GYRE_YES);
}

static int open_local(gyre_loop *loop, struct gyre__opened *opened, const struct gyre__ends *ends,
                      const gyre_datagram_options *options)
{
    const struct gyre__claim claim = {.address = ends->local,
                                      .size = ends->local_size,
                                      .type = SOCK_DGRAM,
                                      .options = options,
                                      .bind = make_bound};
    struct gyre__net *net = gyre__net(loop);

    if (net->hooks->bind && is_servers(ends, options))
        return net->hooks->bind(net->hooks_arg, &claim, &opened->fd, &opened->group);
    return make_bound(loop, claim.address, claim.size, options, options->reuse_port == GYRE_YES, &opened->fd);
}

static int connect_to(gyre_loop *loop, struct gyre__opened *opened, const struct gyre__ends *ends,
                      bool broadcast)
{
    int err = 0;

    if (!ends->remote)
        return 0;
    memcpy(&opened->remote, ends->remote, opened->remote_size = ends->remote_size);
    opened->connected = !broadcast;
    if (opened->connected)
        err = loop->driver_class->connect(opened->fd, ends->remote, ends->remote_size);
    return gyre__error_plain(err);
}

int gyre__ends_socket(gyre_loop *loop, struct gyre__opened *opened, const struct gyre__ends *ends,
                      const gyre_datagram_options *options)
{
    int err;

    *opened = (struct gyre__opened){0};
    err = ends->local
              ? open_local(loop, opened, ends, options)
              : make(loop, ends->family, ends->proto, options, options->reuse_port == GYRE_YES, &opened->fd);
    if (err)
        return err;
    err = connect_to(loop, opened, ends, options->allow_broadcast == GYRE_YES);
    if (err)
        gyre__ends_close(loop, opened->fd, opened->group);
    return err;
}

void gyre__ends_close(gyre_loop *loop, int fd, uint64_t group)
{
    struct gyre__net *net = gyre__net(loop);

    loop->driver_class->close_socket(fd);
    if (group)
        net->hooks->unbind(net->hooks_arg, group);
}
