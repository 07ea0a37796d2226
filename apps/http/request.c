/* http/request.c - what a handler reads of its request, and the pool.
 *
 * Texts are handed out as C strings inside copies that live as long as the request: a raw piece is ended in
 * place, where a separator stood; a decoded piece, never longer than it was, goes to the same offset of a
 * second buffer.
 */
#include "http/request.h"
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
    return http__method_name(request->parser.llhttp.method);
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

/* The piece of the target as a string, decoded. */
static const char *decoded(http_request *request, struct http_slice piece, bool form)
{
    const struct http_head *head = &request->parser.head;
    char *out = http__buffer_reserve(&request->strings, head->target.len + 1U);

    if (!out)
        return NULL;
    out += piece.at - head->target.at;
    http__decode(head->text, piece, form, out);
    return out;
}

const char *http_path(http_request *request)
{
    return raw(request, request->parser.head.path);
}

const char *http_header(http_request *request, const char *name)
{
    const struct http_field *field = http__head_find(&request->parser.head, name);

    return field ? raw(request, field->value) : NULL;
}

const char *http_query(http_request *request, const char *name)
{
    const struct http_head *head = &request->parser.head;
    struct http_slice value;

    if (!http__query_find(head->text, head->query, name, &value))
        return NULL;
    return decoded(request, value, true);
}

const char *http_param(http_request *request, const char *name)
{
    const struct http_match *match = &request->match;

    for (unsigned i = 0; i < match->endpoint->count; i++)
        if (!strcmp(match->endpoint->names[i], name))
            return decoded(request, match->params[i], false);
    return NULL;
}

const void *http_body(http_request *request, size_t *len)
{
    struct http_parser *parser = &request->parser;

    if (!http__parser_keep_body(parser))
        return NULL;
    if (len)
        *len = parser->body_len;
    return parser->body;
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
    return request;
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
