/* Echo server: answers "Re: " and what it heard; hangs up after five silent seconds.
 *
 * usage: echo [--port N] [--timeout SECONDS] [--shards N] [--quiet]
 */
#include <getopt.h>
#include <gyre/gyre.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int port = 8888;
static double timeout = 5.0;
static unsigned shards = 1;
static int quiet;

struct echo {
    gyre_transport *transport;
    gyre_handle timeout;
};

static void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (!quiet)
        vprintf(format, args);
    va_end(args);
}

static void timed_out(void *arg)
{
    struct echo *echo = arg;

    say("connection timeout, closing.\n");
    gyre_transport_close(echo->transport);
}

static void restart_timeout(struct echo *echo)
{
    gyre_handle_cancel(&echo->timeout);
    echo->timeout = gyre_loop_call_later(gyre_get_event_loop(), timeout, timed_out, echo);
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct echo *echo = self;

    say("connection made\n");
    echo->transport = transport;
    restart_timeout(echo);
}

static void data_received(void *self, const void *data, size_t len)
{
    struct echo *echo = self;

    say("data received:  %.*s\n", (int)len, (const char *)data);
    gyre_transport_write(echo->transport, "Re: ", 4);
    gyre_transport_write(echo->transport, data, len);
    restart_timeout(echo);
}

static void connection_lost(void *self, int err)
{
    struct echo *echo = self;

    say("connection lost: %s\n", err ? gyre_strerror(err) : "None");
    gyre_handle_cancel(&echo->timeout);
}

static const gyre_protocol echo_server = {
    .size = sizeof(struct echo),
    .connection_made = connection_made,
    .data_received = data_received,
    .connection_lost = connection_lost,
};

static int serve(void *arg)
{
    gyre_server *server;
    int err = gyre_loop_create_server(gyre_get_event_loop(), &server, &echo_server, .port = port);

    if (err)
        return err;
    err = gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"timeout", required_argument, NULL, 't'},
        {"shards", required_argument, NULL, 's'},
        {"quiet", no_argument, &quiet, 1},
        {0},
    };

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'p')
            port = atoi(optarg);
        else if (option == 't')
            timeout = atof(optarg);
        else if (option == 's')
            shards = (unsigned)atoi(optarg);
        else if (option == '?')
            return 2;
    }
    return gyre_run_sharded(shards, serve, NULL, .quiet = GYRE_YES);
}
