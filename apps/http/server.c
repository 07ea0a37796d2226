/* http/server.c - making and freeing a server, and its routes. */
#include "http/server.h"
#include "http/method.h"
#include "http/middleware.h"
#include "http/request.h"
#include <stdlib.h>

enum { MOST_HEADER = 65535 }; /* pieces of a head are 16-bit offsets */

static double or_default(double seconds, double otherwise)
{
    return seconds > 0 ? seconds : otherwise;
}

static void configure(http_server *server, const http_server_options *options)
{
    server->limits.header = options->header_limit ? options->header_limit : 16 * 1024;
    server->limits.body = options->body_limit ? options->body_limit : 1024 * 1024;
    server->header_timeout = or_default(options->header_timeout, 10.0);
    server->idle_timeout = or_default(options->idle_timeout, 60.0);
    server->write_stall = or_default(options->write_stall, 30.0);
    server->body_rate = options->body_rate != 0 ? options->body_rate : 240;
    server->observer = options->observer;
    server->observer_arg = options->observer_arg;
}

http_server *(http_server_new)(const http_server_options *options)
{
    static const http_server_options none = {.size = sizeof none};
    http_server *server;

    options = options ? options : &none;
    if (options->header_limit > MOST_HEADER) {
        gyre_error_set(GYRE_EVALUE, "header_limit is over %d", MOST_HEADER);
        return NULL;
    }
    server = calloc(1, sizeof *server);
    if (!server) {
        gyre_error_set(-ENOMEM, "no memory for an HTTP server");
        return NULL;
    }
    server->refs = 1;
    configure(server, options);
    return server;
}

http_server *http_server_ref(http_server *server)
{
    if (server)
        server->refs++;
    return server;
}

void http_server_unref(http_server *server)
{
    if (!server || --server->refs)
        return;
    http__request_free_spares(server);
    http__route_clear(&server->routes);
    http__layers_free(server);
    free(server);
}

int(http_route)(http_server *server, const char *method, const char *pattern, http_handler handler, void *arg,
                const http_route_options *options)
{
    int number = http__method_number(method);

    if (number < 0)
        return gyre_error_set(GYRE_EVALUE, "no such method: \"%s\"", method);
    return http__route_add(&server->routes, (unsigned)number, pattern, handler, arg, options);
}

void http_server_get_stats(const http_server *server, http_server_stats *stats)
{
    *stats = server->stats;
}
