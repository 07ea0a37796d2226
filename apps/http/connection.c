/* http/connection.c - the protocol of a connection. Received bytes are consumed request by request; while a
 * handler is suspended, or the client does not take its answers, they wait in `rest`, and beyond a limit
 * nothing is read. Every entry ends in settle(), which gives a connection at rest what it needs.
 */
#include "http/connection.h"
#include "http/exchange.h"
#include "http/pace.h"
#include "http/server.h"

enum { REST_LIMIT = 65536 }; /* bytes that may wait before reading pauses */

static void time_out(void *arg)
{
    struct http_connection *connection = arg;

    connection->armed = false;
    http__exchange_refuse(connection, 408);
}

static void arm(struct http_connection *connection)
{
    if (!connection->armed) {
        connection->armed = true;
        connection->deadline = gyre_loop_call_later(gyre_transport_get_loop(connection->transport),
                                                    connection->server->header_timeout, time_out, connection);
    }
}

void http__connection_disarm(struct http_connection *connection)
{
    if (connection->armed) {
        connection->armed = false;
        gyre_handle_cancel(&connection->deadline);
    }
}

void http__connection_hang_up(struct http_connection *connection)
{
    connection->closing = true;
    http__connection_disarm(connection);
    gyre_transport_close(connection->transport);
}

bool http__connection_blocked(const struct http_connection *connection)
{
    return connection->closing || connection->stalled || http__exchange_waits(connection);
}

/* What a connection at rest needs, inside a request or between two. */
static void settle(struct http_connection *connection)
{
    if (connection->ended && !connection->request && !connection->rest.len)
        http__connection_hang_up(connection);
    if (connection->ended)
        http__exchange_cut(connection);
    else if (connection->request)
        http__pace_watch(connection);
    if (http__connection_blocked(connection) || !connection->request)
        return;
    if (connection->ended)
        http__exchange_refuse(connection, 400);
    else if (http__exchange_reads_head(connection))
        arm(connection);
}

/* Both calls change nothing when it is so already. */
static void steer_reading(struct http_connection *connection)
{
    if (connection->paused || connection->choked)
        gyre_transport_pause_reading(connection->transport);
    else
        gyre_transport_resume_reading(connection->transport);
}

static void store(struct http_connection *connection, const char *data, size_t len)
{
    if (connection->closing || !len)
        return;
    if (!http__buffer_append(&connection->rest, data, len)) {
        gyre_transport_fail(connection->transport, -ENOMEM);
        return;
    }
    connection->paused = connection->rest.len > REST_LIMIT;
    steer_reading(connection);
}

void http__connection_choke(struct http_connection *connection, bool choked)
{
    connection->choked = choked;
    http__connection_disarm(connection);
    steer_reading(connection);
}

void http__connection_resume(struct http_connection *connection)
{
    struct http_buffer *rest = &connection->rest;

    http__warm_touch(connection);
    http__buffer_drop(rest, http__exchange_serve(connection, rest->len ? rest->data : "", rest->len));
    if (!rest->len || connection->closing)
        http__buffer_clear(rest, 0);
    connection->paused = rest->len > REST_LIMIT;
    steer_reading(connection);
    settle(connection);
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct http_connection *connection = self;
    http_server *server = gyre_transport_get_arg(transport);

    connection->transport = transport;
    connection->server = http_server_ref(server);
    server->stats.connections++;
    http__warm_touch(connection);
    gyre_transport_set_timeouts(transport, .idle = server->idle_timeout, .write_stall = server->write_stall);
}

static void data_received(void *self, const void *data, size_t len)
{
    struct http_connection *connection = self;
    size_t used;

    http__warm_touch(connection);
    used = http__exchange_serve(connection, data, len);
    store(connection, (const char *)data + used, len - used);
    settle(connection);
}

/* Half a connection is enough to answer what has come; TLS has no halves. */
static bool eof_received(void *self)
{
    struct http_connection *connection = self;

    connection->ended = true;
    settle(connection);
    return !connection->closing && gyre_transport_can_write_eof(connection->transport);
}

static void pause_writing(void *self)
{
    struct http_connection *connection = self;

    connection->stalled = true;
    http__connection_disarm(connection);
}

static void resume_writing(void *self)
{
    struct http_connection *connection = self;

    connection->stalled = false;
    http__exchange_writable(connection);
    if (!connection->serving)
        http__connection_resume(connection);
}

static void connection_lost(void *self, int err)
{
    struct http_connection *connection = self;

    connection->closing = true;
    http__connection_disarm(connection);
    http__warm_forget(connection);
    http__buffer_clear(&connection->rest, 0);
    http__exchange_abandon(connection);
    connection->server->stats.connections--;
    http_server_unref(connection->server);
}

const gyre_protocol http_protocol = {
    .size = sizeof(struct http_connection),
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
    .pause_writing = pause_writing,
    .resume_writing = resume_writing,
};
