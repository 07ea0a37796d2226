/* http/body.c - the body of a request, whole or as a stream.
 *
 * While a body streams, its request may not be the last but one: until it has come whole, the answer says
 * "Connection: close", since a client may wait for the answer before it sends on.
 */
#include "http/body.h"
#include "http/arrival.h"
#include "http/connection.h"

/* The client waits for a word before it sends the body. */
static void wanted(void *arg)
{
    http_request *request = arg;

    if (request->connection && request->parser.phase == HTTP__BODY && !request->answered)
        http__arrival_invite(request->connection);
}

static void pause(void *arg)
{
    http_request *request = arg;

    if (request->connection)
        http__connection_choke(request->connection, true);
}

static void resume(void *arg)
{
    http_request *request = arg;

    if (request->connection)
        http__connection_choke(request->connection, false);
}

static const gyre_reader_source source = {
    .size = sizeof source,
    .pause_reading = pause,
    .resume_reading = resume,
    .wanted = wanted,
};

static bool take(void *reader, const char *data, size_t len)
{
    return gyre_reader_feed_data(reader, data, len) == 0;
}

bool http__body_open(http_request *request)
{
    request->reader = gyre_reader_new();
    if (!request->reader)
        return false;
    gyre_reader_set_source(request->reader, &source, request);
    http__parser_divert_body(&request->parser, take, request->reader);
    request->concludes = true;
    request->goes_on = request->parser.keep_alive;
    request->parser.keep_alive = false;
    return true;
}

bool http__body_streams(const http_request *request)
{
    return request->parser.sink && request->parser.phase == HTTP__BODY;
}

void http__body_break(http_request *request, int status, int err, const char *text)
{
    http__parser_refuse(&request->parser, status);
    gyre_reader_set_exception(request->reader, gyre_error_set(err, "%s", text));
}

static void fail(http_request *request)
{
    int status = request->parser.status;

    if (status == 413)
        http__body_break(request, status, -EMSGSIZE, "the body is longer than it may be");
    else if (status == 503)
        http__body_break(request, status, -ENOMEM, "no memory for the body");
    else
        http__body_break(request, status, GYRE_EVALUE, "the body is malformed");
}

void http__body_settle(http_request *request)
{
    if (request->parser.phase == HTTP__REFUSED && !gyre_reader_exception(request->reader))
        fail(request);
    if (request->parser.phase != HTTP__WHOLE)
        return;
    gyre_reader_feed_eof(request->reader);
    if (!request->answered)
        request->parser.keep_alive = request->goes_on;
}

void http__body_close(http_request *request)
{
    if (!request->reader)
        return;
    gyre_reader_set_source(request->reader, NULL, NULL);
    gyre_reader_free(request->reader);
    request->reader = NULL;
}

const void *http_body(http_request *request, size_t *len)
{
    struct http_parser *parser = &request->parser;

    if (parser->sink) {
        gyre_error_set(GYRE_ERUNTIME, "the body comes as a stream: see http_reader");
        return NULL;
    }
    if (!http__parser_keep_body(parser))
        return NULL;
    if (len)
        *len = parser->body_len;
    return parser->body;
}

/* A body that has come whole already. */
static gyre_reader *read_whole(const struct http_parser *parser)
{
    gyre_reader *reader = gyre_reader_new();

    if (reader && gyre_reader_feed_data(reader, parser->body, parser->body_len)) {
        gyre_reader_free(reader);
        return NULL;
    }
    if (reader)
        gyre_reader_feed_eof(reader);
    return reader;
}

gyre_reader *http_reader(http_request *request)
{
    if (!request->reader)
        request->reader = read_whole(&request->parser);
    request->concludes = true;
    return request->reader;
}
