/* net/drain.c - a server's graceful end: idle connections go, busy ones finish, the late are aborted.
 *
 * Whoever is in a listening socket's queue has been told by the kernel that he is connected: he is accepted
 * before the socket is closed. And bytes that came before the end are delivered before a connection counts as
 * idle.
 */
#include "net/server.h"
#include "net/transport.h"
#include <errno.h>
#include <math.h>

static const double last_look = 0.001; /* seconds, at least one poll */

static void take_waiting(gyre_server *server)
{
    for (size_t i = 0; i < server->listening; i++) {
        server->net->loop->driver_class->deafen(server->listeners[i].fd);
        if (server->armed)
            gyre__server_accept(&server->listeners[i], GYRE__READABLE);
    }
}

/* Sockets that another shard has sent still find the server meanwhile. */
static int close_listeners(gyre_server *server)
{
    int err;

    take_waiting(server);
    server->making++;
    gyre_server_close(server);
    err = gyre_sleep(last_look);
    server->making--;
    return err;
}

static void close_idle(gyre_server *server)
{
    struct gyre__list todo;
    struct gyre__list *link;

    gyre__list_take(&todo, &server->transports);
    while ((link = gyre__list_pop(&todo))) {
        gyre_transport *transport = GYRE__OF(link, gyre_transport, link);

        gyre__list_append(&server->transports, link);
        if (!transport->busy)
            gyre_transport_close(transport);
    }
}

/* Connections that would go on if nobody aborted them. */
static int count_alive(const gyre_server *server)
{
    int count = 0;

    for (const struct gyre__list *link = server->transports.next; link != &server->transports;
         link = link->next)
        count += GYRE__OF(link, gyre_transport, link)->state < GYRE__LOSING;
    return count;
}

static int abort_rest(gyre_server *server)
{
    int count = count_alive(server);
    int err;

    gyre_server_abort_clients(server);
    err = gyre__server_wait(server, INFINITY);
    return err ? err : count;
}

int gyre_server_drain(gyre_server *server, double seconds)
{
    int err;

    gyre_server_ref(server);
    server->draining = true;
    err = close_listeners(server);
    close_idle(server);
    gyre__server_settle(server);
    if (!err)
        err = gyre__server_wait(server, seconds > 0 ? seconds : 0);
    if (err == -ETIMEDOUT)
        err = abort_rest(server);
    gyre_server_unref(server);
    return err;
}
