/* http/suspended.c - a handler that waits: what it keeps, and what becomes of it. */
#include "http/suspended.h"
#include "http/body.h"
#include "http/exchange.h"
#include "http/request.h"
#include "http/server.h"

void http__suspended_limit(struct http_connection *connection)
{
    const http_server *server = connection->server;
    bool works = http__exchange_waits(connection);
    bool reads = works && http__body_streams(connection->request);

    gyre_transport_set_timeouts(connection->transport, .idle = works ? 0 : server->idle_timeout,
                                .read = reads ? server->idle_timeout : 0, .write_stall = server->write_stall);
}

/* The task of a suspended handler has ended. */
static void answered(gyre_future *task, void *arg)
{
    http_request *request = arg;
    struct http_connection *connection = request->connection;

    if (!connection)
        return;
    http__exchange_finish(connection);
    if (!connection->closing) {
        http__suspended_limit(connection);
        http__connection_resume(connection);
    }
}

/* Behind `answered`, or in its place when the loop was closed first. */
static void forget(void *arg)
{
    http_request *request = arg;
    http_server *server = request->server;

    if (request->connection && request->connection->request == request)
        request->connection->request = NULL;
    gyre_future_unref(request->task);
    request->task = NULL;
    http__request_put(request);
    server->stats.waiting--;
    http_server_unref(server);
}

/* The handler that was begun last did not return. */
void http__suspended_begin(struct http_connection *connection, gyre_task *task)
{
    http_request *request = connection->request;

    request->task = task;
    http_server_ref(connection->server)->stats.waiting++;
    http__suspended_limit(connection);
    gyre_future_add_done_callback(task, answered, request, .release = forget);
}
