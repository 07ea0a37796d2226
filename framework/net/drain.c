/* net/drain.c - a server's graceful end: idle connections go, busy ones finish, the late are aborted. */
#include "net/server.h"
#include "net/transport.h"
#include <errno.h>
#include <math.h>

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
    gyre_server_close(server);
    close_idle(server);
    err = gyre__server_wait(server, seconds > 0 ? seconds : 0);
    if (err == -ETIMEDOUT)
        err = abort_rest(server);
    gyre_server_unref(server);
    return err;
}
