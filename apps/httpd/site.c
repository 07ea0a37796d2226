/* httpd/site.c - the routes, and the short handlers. */
#include "httpd/site.h"
#include "httpd/accesslog.h"
#include "httpd/number.h"

enum { MOST_SLEEP = 60000 }; /* milliseconds */

static const char hello[] = "Hello, World!";
static const char hello_json[] = "{\"message\":\"Hello, World!\"}";

static int plaintext(http_request *request, void *arg)
{
    return http_respond(request, 200, "text/plain", hello, sizeof hello - 1);
}

static int json(http_request *request, void *arg)
{
    return http_respond(request, 200, "application/json", hello_json, sizeof hello_json - 1);
}

static int echo(http_request *request, void *arg)
{
    const char *type = http_header(request, "Content-Type");
    size_t len;
    const void *body = http_body(request, &len);

    if (!body)
        return -ENOMEM;
    return http_respond(request, 200, type ? type : "application/octet-stream", body, len);
}

static int nap(http_request *request, void *arg)
{
    long ms;
    int err;

    if (!number_read(http_param(request, "ms"), 0, MOST_SLEEP, &ms))
        return http_respond_status(request, 400);
    err = gyre_sleep((double)ms / 1000);
    return err ? err : http_respond(request, 200, "text/plain", "awake\n", 6);
}

static const struct route {
    const char *method;
    const char *pattern;
    http_handler handler;
} routes[] = {
    {"GET", "/plaintext", plaintext}, {"GET", "/json", json},
    {"POST", "/echo", echo},          {"GET", "/sleep/:ms", nap},
    {"GET", "/stats", stats_handler}, {"GET", "/hash/:rounds", hash_handler},
    {"GET", "/", page_handler},
};

static int add_routes(http_server *server, const struct site_options *options)
{
    int err = 0;

    for (size_t i = 0; !err && i < sizeof routes / sizeof *routes; i++)
        err = http_route(server, routes[i].method, routes[i].pattern, routes[i].handler, NULL);
    if (!err && options->root)
        err = http_route(server, "GET", "/file/*path", file_handler, (void *)(uintptr_t)options->root);
    return err;
}

http_server *site_new(const struct site_options *options)
{
    http_server *server =
        http_server_new(.observer = options->log ? accesslog_note : NULL, .observer_arg = options->log);

    if (server && !add_routes(server, options))
        return server;
    http_server_unref(server);
    return NULL;
}
