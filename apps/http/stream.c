/* http/stream.c - an answer in pieces: begun with its head, written under flow control, ended by its framing.
 * An answer that is not ended is broken off: the client must never take a part for the whole.
 */
#include "http/connection.h"
#include "http/response.h"
#include <stdio.h>
#include <sys/socket.h>

static enum http_framing framing_of(const http_request *request, int64_t len)
{
    if (len >= 0)
        return HTTP__SIZED;
    return request->parser.head.old ? HTTP__UNTIL_CLOSE : HTTP__CHUNKED;
}

static void open_answer(http_request *request, const struct http_answer *answer)
{
    request->open = true;
    request->sent = 0;
    request->framing = answer->framing;
    request->bodiless = !http__response_has_body(request, answer->status);
    request->left = request->bodiless ? 0 : answer->len;
}

int http_begin(http_request *request, int status, const char *type, int64_t len)
{
    struct http_answer answer = {
        status, type, 0, NULL, len > 0 ? (uint64_t)len : 0, framing_of(request, len)};
    int err = http__response_check(request, &answer);
    char *end;

    if (!err && len < HTTP_UNKNOWN)
        err = gyre_error_set(GYRE_EVALUE, "a body is not %lld bytes long", (long long)len);
    if (err)
        return err;
    if (answer.framing == HTTP__UNTIL_CLOSE)
        request->parser.keep_alive = false;
    end = http__response_head(request, &answer, 0);
    if (!end)
        return -ENOMEM;
    open_answer(request, &answer);
    gyre_transport_write(http_transport(request), request->answer.data, (size_t)(end - request->answer.data));
    return !request->bodiless;
}

static int check(const http_request *request)
{
    if (!request->connection || gyre_transport_is_closing(request->connection->transport))
        return gyre_error_set(-EPIPE, "the client is gone");
    if (!request->open)
        return gyre_error_set(GYRE_ERUNTIME, "no answer was begun, or it has ended");
    return 0;
}

/* So many bytes of the body are on their way. */
static int count(http_request *request, uint64_t len)
{
    if (request->framing == HTTP__SIZED) {
        if (len > request->left)
            return gyre_error_set(GYRE_EVALUE, "this is more than the length that was announced");
        request->left -= len;
    }
    request->sent += len;
    return 0;
}

static int send_piece(http_request *request, const void *data, size_t len)
{
    gyre_transport *transport = http_transport(request);
    char size[20];

    if (request->framing != HTTP__CHUNKED)
        return gyre_transport_write(transport, data, len);
    return gyre_transport_writelines(
        transport,
        (struct iovec[]){{size, (size_t)snprintf(size, sizeof size, "%zx\r\n", len)},
                         {(void *)(uintptr_t)data, len},
                         {(void *)(uintptr_t) "\r\n", 2}},
        3);
}

/* Flow control: returns when the client has taken enough. */
static int wait_writable(http_request *request)
{
    int err;

    if (!request->connection->stalled)
        return 0;
    if (request->writable)
        return gyre_error_set(GYRE_ERUNTIME, "another task waits in http_write already");
    request->writable = gyre_loop_create_future(gyre_get_event_loop());
    err = gyre_await(request->writable, NULL);
    gyre_future_unref(request->writable);
    request->writable = NULL;
    return err;
}

int http_write(http_request *request, const void *data, size_t len)
{
    int err = check(request);

    if (!err && len && !request->bodiless) {
        err = count(request, len);
        if (!err)
            err = send_piece(request, data, len);
    }
    return err ? err : wait_writable(request);
}

int http_sent(http_request *request, uint64_t len)
{
    int err = check(request);

    if (err)
        return err;
    if (request->framing != HTTP__SIZED || request->bodiless)
        return gyre_error_set(GYRE_ERUNTIME, "the bytes of this answer cannot be sent by other ways");
    return count(request, len);
}

int http_end(http_request *request)
{
    int err = check(request);

    if (err)
        return err;
    if (request->left)
        return gyre_error_set(GYRE_ERUNTIME, "the answer ends before the length that was announced");
    request->open = false;
    if (request->framing == HTTP__CHUNKED && !request->bodiless)
        return gyre_transport_write(http_transport(request), "0\r\n\r\n", 5);
    return 0;
}

/* A client that waits for the end of the connection would take an orderly one for that of the body. */
void http__response_break_off(http_request *request)
{
    gyre_transport *transport = http_transport(request);
    struct linger reset = {.l_onoff = 1};

    request->open = false;
    request->parser.keep_alive = false;
    if (request->framing == HTTP__UNTIL_CLOSE) {
        setsockopt(gyre_transport_get_socket(transport), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        gyre_transport_abort(transport);
    }
}
