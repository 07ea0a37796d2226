/* http/warm.c - the connections that were used a moment ago. Under load most uses find their tick unchanged.
 */
#include "http/warm.h"
#include "http/connection.h"
#include "http/server.h"

static const double tick_seconds = 0.5;

static void append(struct http_connection *connection)
{
    struct http_warm *warm = &connection->server->warm;

    connection->warmth.previous = warm->last;
    connection->warmth.next = NULL;
    *(warm->last ? &warm->last->warmth.next : &warm->first) = connection;
    warm->last = connection;
}

static void take_out(struct http_connection *connection)
{
    struct http_warm *warm = &connection->server->warm;
    struct http_warmth *warmth = &connection->warmth;

    *(warmth->next ? &warmth->next->warmth.previous : &warm->last) = warmth->previous;
    *(warmth->previous ? &warmth->previous->warmth.next : &warm->first) = warmth->next;
}

static void tick(void *arg);

static void let_go(void *server)
{
    http_server_unref(server);
}

static void start_ticking(struct http_connection *connection)
{
    http_server *server = http_server_ref(connection->server);

    server->warm.ticking = true;
    gyre_loop_call_later(gyre_transport_get_loop(connection->transport), tick_seconds, tick, server,
                         .release = let_go);
}

static void cool(struct http_connection *connection)
{
    take_out(connection);
    connection->warmth.warm = false;
    gyre_transport_set_busy(connection->transport, false);
}

/* A connection inside a request stays warm, however long that takes. */
static void look_at(struct http_connection *connection)
{
    if (connection->request || connection->rest.len)
        http__warm_touch(connection);
    else
        cool(connection);
}

static void tick(void *arg)
{
    struct http_warm *warm = &((http_server *)arg)->warm;

    warm->ticking = false;
    warm->tick++;
    while (warm->first && warm->tick - warm->first->warmth.tick > 1)
        look_at(warm->first);
    if (warm->first && !warm->ticking)
        start_ticking(warm->first);
}

void http__warm_touch(struct http_connection *connection)
{
    struct http_warm *warm = &connection->server->warm;
    struct http_warmth *warmth = &connection->warmth;

    if (warmth->warm && warmth->tick == warm->tick)
        return;
    if (warmth->warm)
        take_out(connection);
    else
        gyre_transport_set_busy(connection->transport, true);
    warmth->warm = true;
    warmth->tick = warm->tick;
    append(connection);
    if (!warm->ticking)
        start_ticking(connection);
}

void http__warm_forget(struct http_connection *connection)
{
    if (connection->warmth.warm)
        take_out(connection);
    connection->warmth.warm = false;
}
