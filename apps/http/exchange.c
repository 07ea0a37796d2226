/* http/exchange.c - requests and their answers. The handlers of one read run one after the other in one task,
 * which begins at once: most are over when it is. One that waits is the last of its task: suspended.c.
 */
#include "http/exchange.h"
#include "http/arrival.h"
#include "http/body.h"
#include "http/request.h"
#include "http/server.h"
#include "http/suspended.h"

/* What most requests do without: an observer, a body to be closed, whose rest is not waited for. */
static void conclude(struct http_connection *connection, http_request *request)
{
    http__request_observe(request);
    http__body_close(request);
    request->concludes = false;
    if (connection->choked)
        http__connection_choke(connection, false);
}

/* The request has its answer. A suspended one goes back to the pool when its task is forgotten. */
static HTTP__INLINE void finish(struct http_connection *connection)
{
    http_request *request = connection->request;

    if (request->concludes)
        conclude(connection, request);
    connection->request = NULL;
    if (!request->parser.keep_alive)
        http__connection_hang_up(connection);
    if (!request->task)
        http__request_put(request);
}

void http__exchange_finish(struct http_connection *connection)
{
    finish(connection);
}

void http__exchange_refuse(struct http_connection *connection, int status)
{
    http__request_refuse(connection->request, status);
    finish(connection);
}

/* A task: handles a request and, as long as it was never suspended, those that follow. */
static int handle(void *arg)
{
    http_request *request = arg;

    while (request) {
        struct http_connection *connection = request->connection;

        request->running = true;
        http__request_handle(request);
        request->running = false;
        if (request->task)
            break;
        finish(connection);
        request = http__arrival_next(connection);
    }
    return 0;
}

static void start(struct http_connection *connection)
{
    gyre_task *task;
    int err = gyre_create_task(&task, handle, connection->request, .eager_start = GYRE_YES);

    if (err) {
        http__request_report(connection->request, err);
        http__exchange_refuse(connection, 503);
    } else if (connection->request && connection->request->running) {
        http__suspended_begin(connection, task);
    } else {
        gyre_future_unref(task);
    }
}

/* What an unfinished request still needs of the bytes is copied. Without memory for that a client is told, or
 * sent away when its handler has begun; the handler finds nothing any more where the head was. */
static void keep(struct http_connection *connection)
{
    http_request *request = connection->request;

    if (!request || http__parser_keep(&request->parser))
        return;
    if (!request->task) {
        http__exchange_refuse(connection, 503);
        return;
    }
    http__parser_forget(&request->parser);
    gyre_transport_abort(connection->transport);
}

/* More of a body whose handler has begun. */
static void stream(struct http_connection *connection)
{
    http_request *request = connection->request;

    while (connection->at < connection->end && http__body_streams(request))
        connection->at += http__parser_feed_body(&request->parser, connection->at,
                                                 (size_t)(connection->end - connection->at));
    if (request->reader && request->parser.sink && !http__body_streams(request)) {
        http__connection_disarm(connection);
        http__body_settle(request);
        http__suspended_limit(connection);
    }
}

size_t http__exchange_serve(struct http_connection *connection, const char *data, size_t len)
{
    size_t used;

    connection->serving = true;
    connection->at = data;
    connection->end = data + len;
    if (http__exchange_waits(connection))
        stream(connection);
    while (http__arrival_next(connection))
        start(connection);
    keep(connection);
    used = (size_t)(connection->at - data);
    connection->at = connection->end = NULL;
    connection->serving = false;
    return used;
}

void http__exchange_cut(struct http_connection *connection)
{
    if (http__exchange_waits(connection) && http__body_streams(connection->request))
        http__body_break(connection->request, 400, GYRE_EINCOMPLETEREAD, "the client ended inside the body");
}

void http__exchange_abandon(struct http_connection *connection)
{
    http_request *request = connection->request;

    if (!request)
        return;
    http__request_observe(request);
    if (http__body_streams(request))
        http__body_break(request, 400, -EPIPE, "the client is gone");
    connection->request = NULL;
    request->connection = NULL;
    if (request->task)
        gyre_task_cancel(request->task);
    else
        http__request_put(request);
}

void http__exchange_writable(struct http_connection *connection)
{
    http_request *request = connection->request;

    if (request && request->writable && !gyre_future_done(request->writable))
        gyre_future_set_result(request->writable, NULL);
}

bool http__exchange_waits(const struct http_connection *connection)
{
    return connection->request && connection->request->task;
}

bool http__exchange_reads_head(const struct http_connection *connection)
{
    return connection->request && connection->request->parser.phase == HTTP__HEAD;
}
