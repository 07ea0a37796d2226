/* http/exchange.c - requests and their answers. The handlers of one read run one after the other in one task,
 * which begins at once: most are over when it is. A handler that is suspended is the last of its task, and
 * keeps its request, which goes back to the pool when the task has ended: by the task's done callback, or by
 * its release when the loop is closed first.
 */
#include "http/exchange.h"
#include "http/body.h"
#include "http/request.h"
#include "http/server.h"

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

void http__exchange_refuse(struct http_connection *connection, int status)
{
    http__request_refuse(connection->request, status);
    finish(connection);
}

/* A connection that waits for bytes has a limit on silence; one whose handler works has none, unless that
 * reads a body: then on silence while bytes are welcome. */
static void limit_silence(struct http_connection *connection)
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
    finish(connection);
    if (!connection->closing) {
        limit_silence(connection);
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

void http__exchange_invite(struct http_connection *connection)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_parser *parser = &connection->request->parser;

    if (parser->head.expects_continue && !parser->body_len)
        gyre_transport_write(connection->transport, go_on, sizeof go_on - 1);
    parser->head.expects_continue = false;
}

/* A body follows: decides how much of it there may be, and who gets it. A client that waits for permission
 * gets an answer at once where there is no handler. */
static void open_body(http_request *request)
{
    const struct http_endpoint *endpoint = request->match.endpoint;
    size_t limit = request->server->limits.body;

    http__parser_limit_body(&request->parser,
                            endpoint && endpoint->body_limit ? endpoint->body_limit : limit);
    if (request->parser.phase == HTTP__REFUSED)
        return;
    if (endpoint ? endpoint->stream_body : request->parser.head.expects_continue)
        if (!http__body_open(request))
            http__parser_refuse(&request->parser, 503);
}

/* The head is good: finds the handler. */
static void route(http_request *request)
{
    request->routed = true;
    http__request_route(request);
    if (request->parser.phase == HTTP__BODY)
        open_body(request);
}

/* The request is whole; true when it is for its handler. */
static bool conclude_body(struct http_connection *connection)
{
    http_request *request = connection->request;

    if (request->parser.sink)
        http__body_settle(request);
    if (request->match.endpoint || connection->server->layers)
        return true;
    http__request_call(request);
    finish(connection);
    return false;
}

/* Does what the request, as far as it has come, asks for; true when that is its handler. */
static bool advance(struct http_connection *connection)
{
    http_request *request = connection->request;

    if (request->parser.phase == HTTP__HEAD)
        return false;
    http__connection_disarm(connection);
    if (request->parser.phase != HTTP__REFUSED && !request->routed)
        route(request);
    if (request->parser.phase == HTTP__REFUSED)
        http__exchange_refuse(connection, request->parser.status);
    else if (request->parser.phase == HTTP__WHOLE)
        return conclude_body(connection);
    return false;
}

static HTTP__INLINE bool begin(struct http_connection *connection)
{
    if (!connection->request)
        connection->request = http__request_take(connection->server, connection);
    if (!connection->request)
        http__connection_hang_up(connection);
    return connection->request != NULL;
}

/* All bytes are used up inside a request: its handler may begin, or its client may have to be told. */
static http_request *early(struct http_connection *connection)
{
    http_request *request = connection->request;

    if (request->parser.phase != HTTP__BODY || http__connection_blocked(connection))
        return NULL;
    if (request->parser.sink)
        return request;
    http__exchange_invite(connection);
    return NULL;
}

/* The next request whose handler may begin; NULL: there is none now. */
static http_request *next(struct http_connection *connection)
{
    while (connection->at < connection->end && !http__connection_blocked(connection) && begin(connection)) {
        struct http_parser *parser = &connection->request->parser;

        connection->at +=
            http__parser_feed(parser, connection->at, (size_t)(connection->end - connection->at));
        if (advance(connection))
            return connection->request;
    }
    return connection->request ? early(connection) : NULL;
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
        request = next(connection);
    }
    return 0;
}

/* The handler that was begun last did not return. */
static void suspend(struct http_connection *connection, gyre_task *task)
{
    http_request *request = connection->request;

    request->task = task;
    http_server_ref(connection->server)->stats.waiting++;
    limit_silence(connection);
    gyre_future_add_done_callback(task, answered, request, .release = forget);
}

static void start(struct http_connection *connection)
{
    gyre_task *task;
    int err = gyre_create_task(&task, handle, connection->request, .eager_start = GYRE_YES);

    if (err) {
        http__request_report(connection->request, err);
        http__exchange_refuse(connection, 503);
    } else if (connection->request && connection->request->running) {
        suspend(connection, task);
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
        http__body_settle(request);
        limit_silence(connection);
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
    while (next(connection))
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
