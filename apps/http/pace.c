/* http/pace.c - one timer for a body that does not come at once, and a look at it when it may be too slow. */
#include "http/pace.h"
#include "http/body.h"
#include "http/exchange.h"
#include "http/request.h"
#include "http/server.h"

static const double moment = 1; /* seconds, the least between two looks */

/* Is it the client's turn to send some of a body? */
static bool waits_for_body(const struct http_connection *connection)
{
    const http_request *request = connection->request;

    return request && request->parser.phase == HTTP__BODY && !request->parser.head.expects_continue &&
           !connection->choked && !connection->paused && !connection->stalled && !connection->closing;
}

static double now(const struct http_connection *connection)
{
    return gyre_loop_time(gyre_transport_get_loop(connection->transport));
}

static void refuse(struct http_connection *connection)
{
    if (http__exchange_waits(connection))
        http__body_break(connection->request, 408, -ETIMEDOUT, "the body comes too slowly");
    else
        http__exchange_refuse(connection, 408);
}

static void look(void *arg);

static void look_later(struct http_connection *connection, double seconds)
{
    connection->armed = true;
    connection->deadline =
        gyre_loop_call_later(gyre_transport_get_loop(connection->transport), seconds, look, connection);
}

/* So many seconds ahead of the least pace; negative: too slow. */
static double lead(const struct http_connection *connection)
{
    const http_request *request = connection->request;
    size_t came = request->parser.body_len - request->paced_from;

    return (double)came / connection->server->body_rate - (now(connection) - request->paced_at);
}

static void look(void *arg)
{
    struct http_connection *connection = arg;
    double ahead;

    connection->armed = false;
    if (!waits_for_body(connection))
        return;
    ahead = lead(connection);
    if (ahead < 0)
        refuse(connection);
    else
        look_later(connection, ahead > moment ? ahead : moment);
}

void http__pace_watch(struct http_connection *connection)
{
    http_request *request = connection->request;

    if (connection->armed || connection->server->body_rate < 0 || !waits_for_body(connection))
        return;
    request->paced_at = now(connection);
    request->paced_from = request->parser.body_len;
    look_later(connection, connection->server->header_timeout);
}
