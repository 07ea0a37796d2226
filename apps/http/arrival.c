/* http/arrival.c - from bytes to a request that is for its handler. */
#include "http/arrival.h"
#include "http/body.h"
#include "http/exchange.h"
#include "http/request.h"
#include "http/server.h"

void http__arrival_invite(struct http_connection *connection)
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
    http__exchange_finish(connection);
    return false;
}

/* Does what the request, as far as it has come, asks for; true when that is its handler. */
static bool advance(struct http_connection *connection)
{
    http_request *request = connection->request;

    if (request->parser.phase == HTTP__HEAD)
        return false;
    if (request->parser.phase != HTTP__BODY || !request->routed)
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
    http__arrival_invite(connection);
    return NULL;
}

http_request *http__arrival_next(struct http_connection *connection)
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
