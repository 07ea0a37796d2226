/* net/peercred.c - who made the other end of a unix socket. */
#include "net/transport.h"
#include <errno.h>
#include <gyre/unix.h>
#include <unistd.h>

int gyre_transport_get_peercred(const gyre_transport *transport, gyre_peercred *cred)
{
    const struct gyre__driver_class *driver = transport->net->loop->driver_class;
    struct ucred kernel;
    socklen_t size = sizeof kernel;
    int domain = AF_UNSPEC;

    if (transport->fd < 0)
        return gyre_error_set(-ENOTCONN, "the connection is gone, and its peer with it");
    if (driver->getsockopt(transport->fd, SOL_SOCKET, SO_DOMAIN, &domain) || domain != AF_UNIX)
        return gyre_error_set(-ENOTSUP, "only the peer of a unix socket has credentials");
    if (driver->virtual_time) {
        *cred = (gyre_peercred){.pid = getpid(), .uid = getuid(), .gid = getgid()};
        return 0;
    }
    if (getsockopt(transport->fd, SOL_SOCKET, SO_PEERCRED, &kernel, &size) < 0)
        return gyre_error_set(-errno, "SO_PEERCRED: %s", gyre_strerror(-errno));
    *cred = (gyre_peercred){.pid = kernel.pid, .uid = kernel.uid, .gid = kernel.gid};
    return 0;
}
