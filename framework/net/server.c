/* net/server.c - the server object: its sockets, its connections, its end.
 *
 * A connection counts from the making of its transport until connection_lost has returned. Each holds a
 * reference, so that a closed server lasts until they are gone.
 */
#include "net/server.h"
#include "base/memory.h"
#include "net/transport.h"
#include "net/unix_socket.h"
#include "task/waiter.h"
#include <stdlib.h>

static double or_default(double value, double otherwise)
{
    if (value < 0)
        return 0;
    return value > 0 ? value : otherwise;
}

static void apply(gyre_server *server, const gyre_server_options *options)
{
    server->arg = options->arg;
    server->tls = (struct gyre__tls_order){.context = gyre_tls_context_ref(options->ssl),
                                           .server_side = true,
                                           .handshake = options->ssl_handshake_timeout,
                                           .shutdown = options->ssl_shutdown_timeout};
    server->max = options->max_connections ? options->max_connections : SIZE_MAX;
    server->backlog = options->backlog ? options->backlog : 100;
    server->drain = or_default(options->drain, 10);
    server->linger = or_default(options->linger, 2);
    server->balance = options->balance != GYRE_NO;
}

gyre_server *gyre__server_new(gyre_loop *loop, const gyre_protocol *protocol,
                              const gyre_server_options *options)
{
    gyre_server *server = gyre__calloc(sizeof *server);

    server->net = gyre__net(loop);
    server->protocol = protocol;
    server->vars = gyre__vars_capture();
    /* One for the maker, one for the loop. */
    server->references = 2;
    gyre__list_init(&server->transports);
    gyre__list_append(&server->net->servers, &server->link);
    gyre__loop_hold(loop);
    apply(server, options);
    return server;
}

gyre_server *gyre_server_ref(gyre_server *server)
{
    if (server)
        server->references++;
    return server;
}

void gyre_server_unref(gyre_server *server)
{
    gyre_loop *loop;

    if (!server || --server->references)
        return;
    loop = server->net->loop;
    if (server->release)
        server->release(server->arg);
    gyre_tls_context_unref(server->tls.context);
    free(server->listeners);
    gyre__vars_clear(&server->vars);
    free(server);
    gyre__loop_let_go(loop);
}

void gyre__server_add(gyre_server *server, int fd, uint64_t group, const struct sockaddr *asked,
                      socklen_t size)
{
    struct gyre__listener *listener;

    server->listeners = gyre__realloc(server->listeners, (server->listening + 1) * sizeof *server->listeners);
    listener = &server->listeners[server->listening++];
    server->bound = server->listening;
    *listener = (struct gyre__listener){.server = server, .fd = fd, .group = group};
    gyre__address_set(&listener->asked, asked, size);
}

void gyre__server_settle(gyre_server *server)
{
    if (!server->closed || server->connections || server->making || server->gone)
        return;
    server->gone = true;
    gyre__list_remove(&server->link);
    gyre__waiter_wake_all(server->waiters, 0);
    gyre_server_unref(server);
}

static void count(gyre_server *server, int change)
{
    struct gyre__net *net = server->net;

    server->connections += (size_t)change;
    gyre__count(&net->served, (uint64_t)change);
    if (net->hooks->count)
        net->hooks->count(net->hooks_arg, server, change);
}

void gyre__server_begin(gyre_server *server, gyre_transport *transport)
{
    transport->server = gyre_server_ref(server);
    gyre__list_append(&server->transports, &transport->link);
    count(server, 1);
    gyre__server_arm(server);
}

void gyre__server_gone(gyre_server *server)
{
    count(server, -1);
    gyre__server_arm(server);
    gyre__server_settle(server);
    gyre_server_unref(server);
}

static bool may_accept(const gyre_server *server)
{
    return server->serving && !server->closed && !server->exhausted && server->connections < server->max;
}

void gyre__server_arm(gyre_server *server)
{
    bool arm = may_accept(server);

    if (arm == server->armed)
        return;
    server->armed = arm;
    for (size_t i = 0; i < server->listening; i++)
        if (server->listeners[i].watch)
            server->net->loop->driver_class->change(server->listeners[i].watch, arm ? GYRE__READABLE : 0);
}

static void close_listener(gyre_server *server, struct gyre__listener *listener)
{
    struct gyre__net *net = server->net;

    if (listener->watch)
        net->loop->driver_class->unwatch(listener->watch);
    if (listener->file)
        gyre__unix_file_remove(net->loop, listener->file);
    if (listener->fd >= 0)
        net->loop->driver_class->close_socket(listener->fd);
    if (listener->group && net->hooks->unbind)
        net->hooks->unbind(net->hooks_arg, listener->group);
}

void gyre_server_close(gyre_server *server)
{
    size_t count = server->listening;

    if (server->closed)
        return;
    server->closed = true;
    server->armed = false;
    server->listening = 0;
    gyre_handle_cancel(&server->retry);
    for (size_t i = 0; i < count; i++)
        close_listener(server, &server->listeners[i]);
    if (server->forever)
        gyre_future_cancel(server->forever);
    gyre__server_settle(server);
}

gyre_server *gyre__server_find(gyre_loop *loop, uint64_t group)
{
    struct gyre__list *servers = &gyre__net(loop)->servers;

    for (struct gyre__list *link = servers->next; link != servers; link = link->next) {
        gyre_server *server = GYRE__OF(link, gyre_server, link);

        for (size_t i = 0; i < server->bound; i++)
            if (server->listeners[i].group == group)
                return server;
    }
    return NULL;
}
