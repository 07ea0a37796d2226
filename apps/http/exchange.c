/* http/exchange.c - one request and its answer. Most are over when http__exchange_feed returns. A handler
 * that is suspended keeps its request, which goes back to the pool when the task has ended: by the task's
 * done callback, or by its release when the loop is closed first.
 */
#include "http/exchange.h"
#include "http/request.h"
#include "http/server.h"
#include <stdio.h>
#include <stdlib.h>

/* The request has its answer. A suspended one goes back to the pool when its task is forgotten. */
static void finish(struct http_connection *connection)
{
    http_request *request = connection->request;

    connection->request = NULL;
    if (!request->parser.keep_alive)
        http__connection_hang_up(connection);
    if (!request->task)
        http__request_put(request);
}

void http__exchange_refuse(struct http_connection *connection, int status)
{
    http__request_refuse(connection->request, status);
    finish(connection);
}

/* A connection that waits for bytes has a limit on silence; one whose handler works has none. */
static void limit_silence(struct http_connection *connection, double idle)
{
    gyre_transport_set_timeouts(connection->transport, .idle = idle,
                                .write_stall = connection->server->write_stall);
}

/* The task of a suspended handler has ended. */
static void answered(gyre_future *task, void *arg)
{
    http_request *request = arg;
    struct http_connection *connection = request->connection;

    if (!connection)
        return;
    finish(connection);
    if (!connection->closing) {
        limit_silence(connection, connection->server->idle_timeout);
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

static void suspend(struct http_connection *connection)
{
    http_request *request = connection->request;

    http_server_ref(connection->server)->stats.waiting++;
    limit_silence(connection, 0);
    gyre_future_add_done_callback(request->task, answered, request, .release = forget);
}

static void serve(struct http_connection *connection)
{
    http__request_serve(connection->request);
    if (connection->request->task)
        suspend(connection);
    else
        finish(connection);
}

/* The client waits for a word before it sends the body. */
static void invite(struct http_connection *connection)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_parser *parser = &connection->request->parser;

    if (parser->head.expects_continue && !parser->body_len)
        gyre_transport_write(connection->transport, go_on, sizeof go_on - 1);
    parser->head.expects_continue = false;
}

/* Does what the request, as far as it has come, asks for. */
static void advance(struct http_connection *connection)
{
    const struct http_parser *parser = &connection->request->parser;

    if (parser->phase != HTTP__HEAD)
        http__connection_disarm(connection);
    if (parser->phase == HTTP__BODY)
        invite(connection);
    else if (parser->phase == HTTP__WHOLE)
        serve(connection);
    else if (parser->phase == HTTP__REFUSED)
        http__exchange_refuse(connection, parser->status);
}

size_t http__exchange_feed(struct http_connection *connection, const char *data, size_t len)
{
    size_t used;

    if (!connection->request)
        connection->request = http__request_take(connection->server, connection);
    if (!connection->request) {
        http__connection_hang_up(connection);
        return 0;
    }
    used = http__parser_feed(&connection->request->parser, data, len);
    advance(connection);
    return used;
}

void http__exchange_keep(struct http_connection *connection)
{
    if (connection->request && !http__parser_keep(&connection->request->parser)) {
        fputs("http: out of memory\n", stderr);
        abort();
    }
}

void http__exchange_abandon(struct http_connection *connection)
{
    http_request *request = connection->request;

    connection->request = NULL;
    if (!request)
        return;
    request->connection = NULL;
    if (request->task)
        gyre_task_cancel(request->task);
    else
        http__request_put(request);
}

bool http__exchange_waits(const struct http_connection *connection)
{
    return connection->request && connection->request->task;
}

bool http__exchange_reads_head(const struct http_connection *connection)
{
    return connection->request && connection->request->parser.phase == HTTP__HEAD;
}
