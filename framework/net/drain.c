/* net/drain.c - a server's graceful end: idle connections go, busy ones finish, the late are aborted.
 *
 * Whose handshake has begun is accepted before the listening socket closes: new ones are kept out first, so
 * that the queue has an end. Sockets on their way from another shard are waited for. And what was sent before
 * the end is delivered before a connection counts as idle.
 */
#include "net/server.h"
#include "net/transport.h"
#include <errno.h>
#include <math.h>

static const double moment = 0.001; /* seconds, in which the loop polls at least once */

/* A socket that others listen on too would be deaf for them as well. */
static void deafen(gyre_server *server)
{
    for (size_t i = 0; i < server->listening; i++)
        if (server->listeners[i].watch && !server->listeners[i].lent)
            server->net->loop->driver_class->deafen(server->listeners[i].fd);
}

/* A queue holds one more than the backlog, and each pass takes at most the backlog. */
static void take_waiting(gyre_server *server)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < server->listening && server->armed; i++)
            if (server->listeners[i].watch)
                gyre__server_accept(&server->listeners[i], GYRE__READABLE);
}

static bool some_arrive(const gyre_server *server)
{
    const struct gyre__net *net = server->net;

    return net->hooks->arriving && net->hooks->arriving(net->hooks_arg);
}

/* The last connections come, and what they have sent. */
static int stop_listening(gyre_server *server)
{
    int err;

    deafen(server);
    err = gyre_sleep(moment);
    take_waiting(server);
    gyre_server_close(server);
    for (bool more = true; more && !err; more = some_arrive(server))
        err = gyre_sleep(moment);
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
    server->making++;
    err = stop_listening(server);
    server->making--;
    close_idle(server);
    gyre__server_settle(server);
    if (!err)
        err = gyre__server_wait(server, seconds > 0 ? seconds : 0);
    if (err == -ETIMEDOUT)
        err = abort_rest(server);
    gyre_server_unref(server);
    return err;
}
