/* http/handler.c - runs the handler of a request as a task, and says something where the handler did not.
 *
 * The task begins inside the call: a handler that never waits has answered before its transport's
 * data_received returns, so that all answers to one read leave in one write.
 */
#include "http/connection.h"
#include "http/request.h"
#include "http/server.h"
#include <stdio.h>

static void report(http_request *request, int err)
{
    gyre_loop *loop = gyre_get_event_loop();
    const char *text = gyre_error_text();
    char message[256];

    snprintf(message, sizeof message, "Exception in the handler of %s %s", http_method(request),
             http_path(request));
    gyre_loop_call_exception_handler(loop, .message = message, .exception = err, .text = text,
                                     .task = gyre_current_task(), .transport = http_transport(request));
}

/* Whatever the handler did, its client gets one answer. */
static void conclude(http_request *request, int err)
{
    if (!request->connection)
        return;
    if (err >= 0 && !request->answered)
        err = gyre_error_set(GYRE_ERUNTIME, "the handler returned without an answer");
    if (gyre_is_error(err))
        report(request, err);
    if (!request->answered) {
        request->fields.len = 0;
        if (gyre_is_error(err))
            http_respond_status(request, 500);
        else
            http__request_refuse(request, 503);
    }
}

static int run(void *arg)
{
    http_request *request = arg;
    const struct http_endpoint *endpoint = request->match.endpoint;

    conclude(request, endpoint->handler(request, endpoint->arg));
    request->running = false;
    return 0;
}

static void start(http_request *request)
{
    gyre_task *task;
    int err;

    request->running = true;
    err = gyre_create_task(&task, run, request, .eager_start = GYRE_YES);
    if (err) {
        request->running = false;
        report(request, err);
        http__request_refuse(request, 503);
    } else if (request->running) {
        request->task = task;
    } else {
        gyre_future_unref(task);
    }
}

static void disallow(http_request *request)
{
    char allow[128];

    http__route_allow(request->match.node, allow, sizeof allow);
    http_set_header(request, "Allow", allow);
    http_respond_status(request, 405);
}

void http__request_serve(http_request *request)
{
    const struct http_head *head = &request->parser.head;

    http__route_find(&request->server->routes, request->parser.llhttp.method, head->text, head->path,
                     &request->match);
    if (request->match.endpoint)
        start(request);
    else if (request->match.node)
        disallow(request);
    else
        http_respond_status(request, 404);
}

void http__request_refuse(http_request *request, int status)
{
    request->parser.keep_alive = false;
    http_respond_status(request, status);
}
