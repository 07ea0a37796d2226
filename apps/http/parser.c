/* http/parser.c - llhttp, fed so that a head is always one piece of memory: in the read that brought it
 * whole, else in `kept`, where each read is appended before it is parsed. llhttp stops behind the head when a
 * body follows (that is then read where it lies), and behind the request.
 */
#include "http/pieces.h"

void http__parser_begin(struct http_parser *parser, const struct http_limits *limits)
{
    llhttp_init(&parser->llhttp, HTTP_REQUEST, &http__pieces);
    parser->llhttp.data = parser;
    parser->phase = HTTP__HEAD;
    parser->limits = limits;
    parser->head.len = 0;
    parser->head.target = (struct http_slice){0};
    parser->head.count = 0;
    parser->head.expects_continue = false;
    parser->head.good = false;
    parser->kept.len = 0;
    parser->body = "";
    parser->body_len = 0;
    parser->body_limit = 0;
    parser->sink = NULL;
    parser->collected.len = 0;
    parser->aside = 0;
    parser->in_name = false;
}

static bool token(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* An unknown method is not implemented, as long as it looks like one. */
static int status_of_method(const char *at, const char *end)
{
    while (at < end && (token(*at) || (*at >= '0' && *at <= '9')))
        at++;
    return at == end || *at == ' ' ? 501 : 400;
}

/* A version that can be read is unsupported; else what follows it, or its form, is wrong. */
static int status_of_version(const llhttp_t *llhttp)
{
    return llhttp->http_major > 1 || llhttp->http_minor > 1 ? 505 : 400;
}

static int status_of_error(const struct http_parser *parser, llhttp_errno_t error, const char *end)
{
    switch (error) {
    case HPE_INVALID_METHOD:
        return status_of_method(parser->head.text, end);
    case HPE_INVALID_VERSION:
        return status_of_version(&parser->llhttp);
    case HPE_PAUSED_H2_UPGRADE:
        return 505;
    default:
        return 400;
    }
}

/* Runs llhttp over the bytes, until it stops; returns how many it took. */
static size_t run(struct http_parser *parser, const char *data, size_t len)
{
    llhttp_errno_t error = llhttp_execute(&parser->llhttp, data, len);

    if (error == HPE_OK)
        return len;
    if (error == HPE_PAUSED) {
        llhttp_resume(&parser->llhttp);
        return (size_t)(llhttp_get_error_pos(&parser->llhttp) - data);
    }
    if (parser->phase != HTTP__REFUSED)
        http__parser_refuse(parser, status_of_error(parser, error, data + len));
    return len;
}

/* What is wrong with a head that has come so far. */
static int check(struct http_parser *parser)
{
    struct http_head *head = &parser->head;

    if (head->len > parser->limits->header)
        return head->count ? 431 : 414;
    if (parser->phase == HTTP__HEAD)
        return 0;
    if (parser->llhttp.method == HTTP_CONNECT)
        return 501;
    head->asterisk = parser->llhttp.method == HTTP_OPTIONS;
    return http__head_check(head);
}

static size_t feed_head(struct http_parser *parser, const char *data, size_t len)
{
    struct http_head *head = &parser->head;
    size_t used = run(parser, data, len);
    int status;

    head->len += used;
    status = parser->phase == HTTP__REFUSED ? 0 : check(parser);
    if (status)
        http__parser_refuse(parser, status);
    return used;
}

/* The head began in an earlier read: goes on in `kept`, at most one byte beyond the limit. */
static size_t feed_kept(struct http_parser *parser, const char *data, size_t len)
{
    struct http_buffer *kept = &parser->kept;
    size_t most = parser->limits->header + 1 - kept->len;
    size_t before = kept->len;
    size_t used;

    if (!http__buffer_append(kept, data, len < most ? len : most)) {
        http__parser_refuse(parser, 503);
        return len;
    }
    parser->head.text = kept->data;
    used = feed_head(parser, kept->data + before, kept->len - before);
    kept->len = parser->head.len;
    return used;
}

/* The head begins here. Letters begin a method; anything else need not wait for its end. */
static size_t feed_first(struct http_parser *parser, const char *data, size_t len)
{
    size_t used;

    if (!token(*data)) {
        http__parser_refuse(parser, 400);
        return len;
    }
    parser->head.text = data;
    used = feed_head(parser, data, len);
    if (parser->phase == HTTP__HEAD && !http__parser_keep(parser))
        http__parser_refuse(parser, 503);
    return used;
}

size_t http__parser_feed(struct http_parser *parser, const char *data, size_t len)
{
    if (parser->phase != HTTP__HEAD)
        return run(parser, data, len);
    return parser->head.len ? feed_kept(parser, data, len) : feed_first(parser, data, len);
}

size_t http__parser_feed_body(struct http_parser *parser, const char *data, size_t len)
{
    return run(parser, data, len);
}

void http__parser_limit_body(struct http_parser *parser, size_t limit)
{
    parser->body_limit = limit;
    if (parser->announced > limit)
        http__parser_refuse(parser, 413);
}

void http__parser_divert_body(struct http_parser *parser, http_sink sink, void *arg)
{
    parser->sink = sink;
    parser->sink_arg = arg;
}

void http__parser_refuse(struct http_parser *parser, int status)
{
    parser->phase = HTTP__REFUSED;
    parser->status = status;
    parser->keep_alive = false;
}

bool http__parser_keep_head(struct http_parser *parser)
{
    if (parser->head.text == parser->kept.data)
        return true;
    if (!http__buffer_append(&parser->kept, parser->head.text, parser->head.len))
        return false;
    parser->head.text = parser->kept.data;
    return true;
}

bool http__parser_keep_body(struct http_parser *parser)
{
    struct http_buffer *collected = &parser->collected;
    char *end;

    if (!parser->body_len || parser->sink)
        return true;
    if (parser->body != collected->data && !http__buffer_append(collected, parser->body, parser->body_len))
        return false;
    end = http__buffer_reserve(collected, 1);
    if (!end)
        return false;
    *end = '\0';
    parser->body = collected->data;
    return true;
}

bool http__parser_keep(struct http_parser *parser)
{
    return http__parser_keep_head(parser) && http__parser_keep_body(parser);
}

void http__parser_forget(struct http_parser *parser)
{
    parser->head = (struct http_head){.text = ""};
    parser->body = "";
    parser->body_len = 0;
}

void http__parser_trim(struct http_parser *parser, size_t keep)
{
    http__buffer_clear(&parser->kept, keep);
    http__buffer_clear(&parser->collected, keep);
}
