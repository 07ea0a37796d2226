/* http/pieces.c - what llhttp reports while it runs: notes where each piece of a request lies, and refuses
 * what goes over a limit.
 */
#include "http/pieces.h"

/* Ends the request; the callback returns this to stop llhttp. */
static int refuse(struct http_parser *parser, int status)
{
    http__parser_refuse(parser, status);
    return HPE_USER;
}

static uint16_t offset(const struct http_parser *parser, const char *at)
{
    return (uint16_t)(at - parser->head.text);
}

/* A piece that came in two reads is reported twice; in `kept` the second part is where the first ended. A
 * gap, which is a folded line, stays one, and the check of the head finds it. */
static void extend(const struct http_parser *parser, struct http_slice *slice, const char *at, size_t len)
{
    if (!slice->len)
        slice->at = offset(parser, at);
    slice->len += (uint16_t)len;
}

static bool too_long(const struct http_parser *parser, const char *end)
{
    return (size_t)(end - parser->head.text) > parser->limits->header;
}

/* Trailers and chunk extensions are not kept, only limited, with what separates them. */
static int put_aside(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = llhttp->data;

    parser->aside += len + 2;
    return parser->aside > parser->limits->header ? refuse(parser, 431) : 0;
}

static int on_url(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = llhttp->data;

    if (too_long(parser, at + len))
        return refuse(parser, 414);
    extend(parser, &parser->head.target, at, len);
    return 0;
}

/* A name begins a new field, unless it goes on where a read ended. */
static int on_field(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = llhttp->data;
    struct http_head *head = &parser->head;

    if (parser->phase == HTTP__BODY)
        return put_aside(llhttp, at, len);
    if (too_long(parser, at + len))
        return refuse(parser, 431);
    if (!parser->in_name) {
        if (head->count == HTTP__FIELDS)
            return refuse(parser, 431);
        head->fields[head->count++] = (struct http_field){0};
        parser->in_name = true;
    }
    extend(parser, &head->fields[head->count - 1].name, at, len);
    return 0;
}

static int on_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = llhttp->data;
    struct http_head *head = &parser->head;

    if (parser->phase == HTTP__BODY)
        return put_aside(llhttp, at, len);
    if (too_long(parser, at + len))
        return refuse(parser, 431);
    parser->in_name = false;
    if (len)
        extend(parser, &head->fields[head->count - 1].value, at, len);
    return 0;
}

static int on_headers_complete(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;

    parser->keep_alive = llhttp_should_keep_alive(llhttp) && !(llhttp->flags & F_CONNECTION_CLOSE);
    parser->announced = llhttp->content_length;
    llhttp->upgrade = 0; /* an offer that nobody takes up */
    if (!llhttp->content_length && !(llhttp->flags & F_CHUNKED))
        return 0;
    parser->phase = HTTP__BODY;
    return HPE_PAUSED;
}

static int pass_on(struct http_parser *parser, const char *at, size_t len)
{
    parser->body_len += len;
    return parser->sink(parser->sink_arg, at, len) ? 0 : refuse(parser, 503);
}

/* A body that lies whole in this read stays there. */
static int on_body(llhttp_t *llhttp, const char *at, size_t len)
{
    struct http_parser *parser = llhttp->data;

    if (len > parser->body_limit - parser->body_len)
        return refuse(parser, 413);
    if (parser->sink)
        return pass_on(parser, at, len);
    if (!parser->body_len && len == parser->announced) {
        parser->body = at;
        parser->body_len = len;
        return 0;
    }
    if (!http__buffer_append(&parser->collected, at, len))
        return refuse(parser, 503);
    parser->body = parser->collected.data;
    parser->body_len = parser->collected.len;
    return 0;
}

/* The size of a chunk: no need to wait for its bytes. */
static int on_chunk_header(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;

    return llhttp->content_length > parser->body_limit - parser->body_len ? refuse(parser, 413) : 0;
}

static int on_message_complete(llhttp_t *llhttp)
{
    struct http_parser *parser = llhttp->data;

    parser->phase = HTTP__WHOLE;
    return HPE_PAUSED;
}

const llhttp_settings_t http__pieces = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_chunk_header = on_chunk_header,
    .on_chunk_extension_name = put_aside,
    .on_chunk_extension_value = put_aside,
    .on_message_complete = on_message_complete,
};
