/* http/request.c - what a handler reads of its request, and the pool.
 *
 * Texts are handed out as C strings inside copies that live as long as the request: a raw piece is ended in
 * place, where a separator stood; a decoded piece, never longer than it was, goes to the same offset of a
 * second buffer.
 */
#include "http/body.h"
#include "http/connection.h"
#include "http/method.h"
#include "http/server.h"
#include <stdlib.h>
#include <string.h>

enum {
    KEEP = 16384, /* bytes of each buffer that a pooled request keeps */
    SPARES = 256  /* requests that wait in a pool */
};

const char *http_method(const http_request *request)
{
    return request->parser.head.good ? http__method_name(request->parser.llhttp.method) : "";
}

const char *http_version(const http_request *request)
{
    const struct http_head *head = &request->parser.head;

    return !head->good ? "" : head->old ? "HTTP/1.0" : "HTTP/1.1";
}

/* The piece as a string, in the kept head. */
static const char *raw(http_request *request, struct http_slice piece)
{
    struct http_parser *parser = &request->parser;

    if (!http__parser_keep_head(parser))
        return NULL;
    parser->kept.data[piece.at + piece.len] = '\0';
    return parser->kept.data + piece.at;
}

/* Room for decoded pieces of the target, and behind them for the target itself. */
static char *strings(http_request *request)
{
    return http__buffer_reserve(&request->strings, 2 * (request->parser.head.target.len + 1U));
}

/* The piece of the target as a string, decoded. */
static const char *decoded(http_request *request, struct http_slice piece, bool form)
{
    const struct http_head *head = &request->parser.head;
    char *out = strings(request);

    if (!out)
        return NULL;
    out += piece.at - head->target.at;
    http__decode(head->text, piece, form, out);
    return out;
}

const char *http_path(http_request *request)
{
    return request->parser.head.good ? raw(request, request->parser.head.path) : "";
}

/* The kept target may have been cut at the end of its path, where the question mark was. */
const char *http_target(http_request *request)
{
    const struct http_head *head = &request->parser.head;
    size_t path_end = (size_t)(head->path.at + head->path.len - head->target.at);
    size_t len = head->target.len;
    char *out = head->good ? strings(request) : NULL;

    if (!out)
        return head->good ? NULL : "";
    out += len + 1;
    memcpy(out, head->text + head->target.at, len);
    if (path_end < len)
        out[path_end] = '?';
    out[len] = '\0';
    return out;
}

const char *http_header_at(http_request *request, const char *name, size_t place)
{
    const struct http_head *head = &request->parser.head;
    const struct http_field *field = head->good ? http__head_find(head, name, place) : NULL;

    return field ? raw(request, field->value) : NULL;
}

const char *http_header(http_request *request, const char *name)
{
    return http_header_at(request, name, 0);
}

const char *http_query(http_request *request, const char *name)
{
    const struct http_head *head = &request->parser.head;
    struct http_slice value;

    if (!head->good || !http__query_find(head->text, head->query, name, &value))
        return NULL;
    return decoded(request, value, true);
}

const char *http_param(http_request *request, const char *name)
{
    const struct http_match *match = &request->match;

    for (unsigned i = 0; request->routed && match->endpoint && i < match->endpoint->count; i++)
        if (!strcmp(match->endpoint->names[i], name))
            return decoded(request, match->params[i], false);
    return NULL;
}

gyre_transport *http_transport(const http_request *request)
{
    return request->connection ? request->connection->transport : NULL;
}

http_request *http__request_take(http_server *server, struct http_connection *connection)
{
    http_request *request = server->spare;

    if (request) {
        server->spare = request->next;
        server->spares--;
    } else {
        request = calloc(1, sizeof *request);
    }
    if (!request)
        return NULL;
    http__parser_begin(&request->parser, &server->limits);
    request->connection = connection;
    request->server = server;
    request->answered = false;
    request->routed = false;
    if (server->observer) {
        request->concludes = true;
        request->began = gyre_loop_time(gyre_transport_get_loop(connection->transport));
    }
    return request;
}

void http__request_observe(http_request *request)
{
    const http_server *server = request->server;
    http_record record = {.request = request};

    if (!server->observer)
        return;
    if (request->answered) {
        record.status = request->status;
        record.bytes = request->sent;
    }
    record.seconds = gyre_loop_time(gyre_get_event_loop()) - request->began;
    server->observer(&record, server->observer_arg);
}

static void trim(http_request *request, size_t keep)
{
    http__parser_trim(&request->parser, keep);
    http__buffer_clear(&request->strings, keep);
    http__buffer_clear(&request->fields, keep);
    http__buffer_clear(&request->answer, keep);
}

static void release(http_request *request)
{
    trim(request, 0);
    free(request);
}

void http__request_put(http_request *request)
{
    http_server *server = request->server;

    if (request->concludes)
        http__body_close(request);
    request->concludes = false;
    if (server->spares == SPARES) {
        release(request);
        return;
    }
    trim(request, KEEP);
    request->next = server->spare;
    server->spare = request;
    server->spares++;
}

void http__request_free_spares(http_server *server)
{
    http_request *request;

    while ((request = server->spare)) {
        server->spare = request->next;
        release(request);
    }
}
