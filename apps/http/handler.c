/* http/handler.c - finds and calls the handler of a request, and says something where the handler did not. */
#include "http/connection.h"
#include "http/middleware.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"
#include <stdio.h>

void http__request_report(http_request *request, int err)
{
    gyre_loop *loop = gyre_get_event_loop();
    const char *text = gyre_error_text();
    char message[256];

    snprintf(message, sizeof message, "Exception in the handler of %s %s", http_method(request),
             http_path(request));
    gyre_loop_call_exception_handler(loop, .message = message, .exception = err, .text = text,
                                     .task = gyre_current_task(), .transport = http_transport(request));
}

/* The body was refused while the handler read it: that is the client's failure. */
static void conclude_refused(http_request *request)
{
    if (request->open)
        http__response_break_off(request);
    if (request->answered)
        return;
    request->fields.len = 0;
    http__request_refuse(request, request->parser.status);
}

/* The error in what the handler did, if there is one. */
static int judge(const http_request *request, int err)
{
    if (err < 0)
        return err;
    if (!request->answered)
        return gyre_error_set(GYRE_ERUNTIME, "the handler returned without an answer");
    if (request->open)
        return gyre_error_set(GYRE_ERUNTIME, "the handler returned inside its answer");
    return err;
}

/* Whatever the handler did, its client gets one answer, or sees that it is not whole. */
static void conclude(http_request *request, int err)
{
    if (!request->connection) {
        request->open = false;
        return;
    }
    if (err < 0 && request->parser.phase == HTTP__REFUSED) {
        conclude_refused(request);
        return;
    }
    err = judge(request, err);
    if (gyre_is_error(err))
        http__request_report(request, err);
    if (request->open)
        http__response_break_off(request);
    if (request->answered)
        return;
    request->fields.len = 0;
    if (gyre_is_error(err))
        http_respond_status(request, 500);
    else
        http__request_refuse(request, 503);
}

static int disallow(http_request *request)
{
    char allow[128];

    http__route_allow(request->match.node, allow, sizeof allow);
    http_set_header(request, "Allow", allow);
    return http_respond_status(request, 405);
}

int http__request_call(http_request *request)
{
    const struct http_endpoint *endpoint = request->match.endpoint;

    if (endpoint)
        return endpoint->handler(request, endpoint->arg);
    return request->match.node ? disallow(request) : http_respond_status(request, 404);
}

void http__request_handle(http_request *request)
{
    const struct http_endpoint *endpoint = request->match.endpoint;
    int err;

    if (endpoint && !request->server->layers)
        err = endpoint->handler(request, endpoint->arg);
    else
        err = http__layers_enter(request);
    if (err < 0 || !request->answered || request->open || !request->connection)
        conclude(request, err);
}

void http__request_route(http_request *request)
{
    const struct http_head *head = &request->parser.head;

    http__route_find(&request->server->routes, request->parser.llhttp.method, head->text, head->path,
                     &request->match);
}

void http__request_refuse(http_request *request, int status)
{
    request->parser.keep_alive = false;
    http_respond_status(request, status);
}
