/* net/clients.c - what a server tells about itself, and does to all its connections at once. */
#include "net/server.h"
#include "net/transport.h"

/* Calls fn for each connection that is there now; fn may end any of them. */
static void each(gyre_server *server, void (*fn)(gyre_transport *transport))
{
    struct gyre__list todo;
    struct gyre__list *link;

    gyre__list_take(&todo, &server->transports);
    while ((link = gyre__list_pop(&todo))) {
        gyre__list_append(&server->transports, link);
        fn(GYRE__OF(link, gyre_transport, link));
    }
}

void gyre_server_close_clients(gyre_server *server)
{
    each(server, gyre_transport_close);
}

void gyre_server_abort_clients(gyre_server *server)
{
    each(server, gyre_transport_abort);
}

bool gyre_server_is_serving(const gyre_server *server)
{
    return server->serving && !server->closed;
}

size_t gyre_server_sockets(const gyre_server *server, int *sockets, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < server->listening; i++) {
        if (server->listeners[i].fd < 0)
            continue;
        if (count < max)
            sockets[count] = server->listeners[i].fd;
        count++;
    }
    return count;
}

static int port_of(const union gyre__address *address)
{
    switch (address->any.sa_family) {
    case AF_INET:
        return ntohs(address->v4.sin_port);
    case AF_INET6:
        return ntohs(address->v6.sin6_port);
    default:
        return -1;
    }
}

int gyre_server_get_port(const gyre_server *server)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    union gyre__address address;

    if (!server->listening ||
        server->net->loop->driver_class->getsockname(server->listeners[0].fd, &name, &size))
        return -1;
    gyre__address_set(&address, (struct sockaddr *)&name, size);
    return port_of(&address);
}

size_t gyre_server_get_connections(const gyre_server *server)
{
    return server->connections;
}

gyre_loop *gyre_server_get_loop(const gyre_server *server)
{
    return server->net->loop;
}
