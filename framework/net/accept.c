/* net/accept.c - taking connections off a listening socket, or off another shard.
 *
 * Up to the backlog for each readiness. When the system is out of descriptors or memory, it is reported, and
 * the server looks again after a second: it neither spins nor goes deaf.
 */
#include "net/kind.h"
#include "net/server.h"
#include "net/tls_transport.h"
#include <errno.h>

static bool out_of_resource(int err)
{
    return err == -EMFILE || err == -ENFILE || err == -ENOBUFS || err == -ENOMEM;
}

/* The connection died in the queue, or Linux passes on what happened to it: the next may be fine. */
static bool harmless(int err)
{
    static const int errors[] = {ECONNABORTED, EPROTO,    EPERM,        ENETDOWN,
                                 ENETUNREACH,  EHOSTDOWN, EHOSTUNREACH, EOPNOTSUPP};

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (err == -errors[i])
            return true;
    return false;
}

static void release(void *server)
{
    gyre_server_unref(server);
}

static void try_again(void *arg)
{
    gyre_server *server = arg;

    server->exhausted = false;
    gyre__server_arm(server);
}

static void pause_accepting(gyre_server *server, int fd, int err)
{
    gyre_loop *loop = server->net->loop;
    const char *message =
        out_of_resource(err) ? "socket.accept() out of system resource" : "socket.accept() failed";

    server->exhausted = true;
    gyre__server_arm(server);
    server->retry = gyre_loop_call_later(loop, 1.0, try_again, gyre_server_ref(server), .release = release);
    gyre_loop_call_exception_handler(loop, .message = message, .exception = err, .text = gyre_strerror(err),
                                     .socket = fd);
}

static void refuse(gyre_server *server, int fd)
{
    gyre_loop *loop = server->net->loop;

    gyre_loop_call_exception_handler(loop, .message = "Error on transport creation for incoming connection",
                                     .exception = GYRE_ERUNTIME, .text = "the protocol's create refused it",
                                     .socket = fd);
    loop->driver_class->close_socket(fd);
}

static gyre_transport *make_transport(gyre_server *server, int fd)
{
    if (server->tls.context)
        return gyre__tls_new(server->net, fd, server->protocol, server->arg, server, &server->tls);
    return gyre__transport_new(server->net, &gyre__stream_kind, fd, server->protocol, server->arg, server);
}

static void begin(gyre_server *server, gyre_transport *transport)
{
    if (server->tls.context)
        gyre__tls_begin(transport);
    else
        gyre__transport_begin(transport);
}

/* The factory may close the server: it is not gone before this connection is. */
static void connect_client(gyre_server *server, int fd, const struct sockaddr_storage *peer, socklen_t size)
{
    struct gyre__vars *outer = gyre__vars_switch(&server->vars);
    gyre_transport *transport;

    server->making++;
    transport = make_transport(server, fd);
    server->making--;
    gyre__vars_switch(outer);
    if (transport) {
        gyre__address_set(&transport->peer, (const struct sockaddr *)peer, size);
        begin(server, transport);
    } else {
        refuse(server, fd);
        gyre__server_settle(server);
    }
}

static bool placed_elsewhere(const struct gyre__listener *listener, int fd)
{
    gyre_server *server = listener->server;
    const struct gyre__net *net = server->net;

    return server->balance && !server->draining && net->hooks->place &&
           net->hooks->place(net->hooks_arg, server, listener->group, fd);
}

/* A unix socket that was made deaf says so when its queue is empty. */
static bool is_deaf(const gyre_server *server, int err)
{
    return err == -EINVAL && server->draining;
}

/* True when the next may be tried. A factory may have closed the server, and the listener with it. */
static bool accept_one(struct gyre__listener *listener)
{
    gyre_server *server = listener->server;
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int fd = server->net->loop->driver_class->accept(listener->fd, &peer, &size);

    if (fd >= 0) {
        gyre__count(&server->net->accepted, 1);
        if (!placed_elsewhere(listener, fd))
            connect_client(server, fd, &peer, size);
        return server->armed;
    }
    if (fd == -EAGAIN || is_deaf(server, fd))
        return false;
    if (harmless(fd))
        return true;
    pause_accepting(server, listener->fd, fd);
    return false;
}

void gyre__server_accept(void *arg, int events)
{
    struct gyre__listener *listener = arg;
    gyre_server *server = gyre_server_ref(listener->server);

    for (int i = 0; (i == 0 || i < server->backlog) && accept_one(listener); i++)
        ;
    gyre_server_unref(server);
}

void gyre__server_adopt(gyre_server *server, int fd)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;

    if (server->net->loop->driver_class->getpeername(fd, &peer, &size))
        size = 0;
    if (server->closed && !server->draining)
        server->net->loop->driver_class->close_socket(fd);
    else
        connect_client(server, fd, &peer, size);
}
