/* http/response.c - the answer: its head is put together in one buffer of the request, a small body behind
 * it, and leaves in one write; a larger body goes along uncopied.
 */
#include "http/response.h"
#include "http/connection.h"
#include "http/field.h"
#include "http/server.h"
#include "http/status.h"
#include <stdio.h>
#include <string.h>

enum {
    HEAD_MOST = 256, /* the head without type and added fields fits in */
    SMALL = 1024     /* a body that is copied behind its head */
};

static inline char *put(char *at, const void *data, size_t len)
{
    memcpy(at, data, len);
    return at + len;
}

static inline char *say(char *at, const char *text)
{
    return put(at, text, strlen(text));
}

static HTTP__INLINE char *put_number(char *at, uint64_t number)
{
    char digits[20];
    char *first = digits + sizeof digits;

    do
        *--first = (char)('0' + number % 10);
    while (number /= 10);
    return put(at, first, (size_t)(digits + sizeof digits - first));
}

static HTTP__INLINE bool has_length(int status)
{
    return status != 204 && status != 304;
}

bool http__response_has_body(const http_request *request, int status)
{
    return has_length(status) && request->parser.llhttp.method != HTTP_HEAD;
}

static HTTP__INLINE char *put_connection(char *at, const struct http_parser *parser)
{
    if (!parser->keep_alive)
        return say(at, "Connection: close\r\n");
    return parser->head.old ? say(at, "Connection: keep-alive\r\n") : at;
}

/* The status line, Server and Date. */
static HTTP__INLINE char *put_start(http_request *request, int status, char *at)
{
    const char *date = http__date(&request->server->date, time(NULL));

    if (status == 200)
        return put(at, date, HTTP__OK_LEN + HTTP__DATE_LEN);
    at = say(at, "HTTP/1.1 ");
    at = put_number(at, (size_t)status);
    at = say(at, " ");
    at = say(at, http__status_reason(status));
    at = say(at, "\r\n");
    return put(at, date + HTTP__OK_LEN, HTTP__DATE_LEN);
}

/* How the client finds the end of the body. */
static HTTP__INLINE char *put_framing(char *at, const struct http_answer *answer)
{
    if (answer->framing == HTTP__UNTIL_CLOSE || !has_length(answer->status))
        return at;
    if (answer->framing == HTTP__CHUNKED)
        return say(at, "Transfer-Encoding: chunked\r\n");
    at = say(at, "Content-Length: ");
    at = put_number(at, answer->len);
    return say(at, "\r\n");
}

static HTTP__INLINE char *put_head(http_request *request, const struct http_answer *answer, char *at)
{
    at = put_start(request, answer->status, at);
    if (answer->type) {
        at = say(at, "Content-Type: ");
        at = put(at, answer->type, answer->type_len);
        at = say(at, "\r\n");
    }
    at = put_framing(at, answer);
    at = put_connection(at, &request->parser);
    if (request->fields.len)
        at = put(at, request->fields.data, request->fields.len);
    return say(at, "\r\n");
}

static HTTP__INLINE int check(const http_request *request, struct http_answer *answer)
{
    if (!request->connection)
        return gyre_error_set(-EPIPE, "the client is gone");
    if (request->answered)
        return gyre_error_set(GYRE_ERUNTIME, "this request was answered already");
    if (answer->status < 200 || answer->status > 599)
        return gyre_error_set(GYRE_EVALUE, "%d is no status of an answer", answer->status);
    if (answer->type && !http__field_value(answer->type, &answer->type_len))
        return gyre_error_set(GYRE_EVALUE, "a media type has no control characters");
    return 0;
}

static HTTP__INLINE char *build_head(http_request *request, const struct http_answer *answer, size_t extra)
{
    char *at =
        http__buffer_reserve(&request->answer, HEAD_MOST + answer->type_len + request->fields.len + extra);

    if (!at)
        return NULL;
    if (gyre_transport_is_draining(request->connection->transport))
        request->parser.keep_alive = false;
    request->answered = true;
    request->status = answer->status;
    request->server->stats.requests++;
    return put_head(request, answer, at);
}

int http__response_check(const http_request *request, struct http_answer *answer)
{
    return check(request, answer);
}

char *http__response_head(http_request *request, const struct http_answer *answer, size_t extra)
{
    return build_head(request, answer, extra);
}

/* A small body is copied behind its head. */
static int send_answer(http_request *request, const struct http_answer *answer)
{
    gyre_transport *transport = request->connection->transport;
    size_t len = http__response_has_body(request, answer->status) ? (size_t)answer->len : 0;
    size_t near = len <= SMALL ? len : 0;
    char *end = build_head(request, answer, near);
    char *start = request->answer.data;
    size_t used;

    if (!end)
        return -ENOMEM;
    used = (size_t)(put(end, answer->body, near) - start);
    request->sent = len;
    if (near == len)
        return gyre_transport_write(transport, start, used);
    return gyre_transport_writelines(
        transport, (struct iovec[]){{start, used}, {(void *)(uintptr_t)answer->body, len}}, 2);
}

int http_respond(http_request *request, int status, const char *type, const void *body, size_t len)
{
    struct http_answer answer = {status, type, 0, body ? body : "", len, HTTP__SIZED};
    int err = check(request, &answer);

    return err ? err : send_answer(request, &answer);
}

int http_respond_status(http_request *request, int status)
{
    char text[64];
    int len = snprintf(text, sizeof text, "%d %s\n", status, http__status_reason(status));

    return http_respond(request, status, "text/plain", text, (size_t)len);
}
