/* The echo server as a coroutine for each connection, with streams: answers what it heard.
 *
 * usage: echo_coroutine [--port N] [--timeout SECONDS] [--shards N] [--quiet]
 */
#include <getopt.h>
#include <gyre/gyre.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int port = 8888;
static double timeout;
static unsigned shards = 1;
static int quiet;

static void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (!quiet)
        vprintf(format, args);
    va_end(args);
}

static int echo(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *data;
    ptrdiff_t len;
    int err = 0;

    say("connection made\n");
    while (!err && (len = gyre_reader_read(reader, &data, 256 * 1024, .timeout = timeout)) > 0) {
        say("data received:  %.*s\n", (int)len, data);
        gyre_writer_write(writer, data, (size_t)len);
        err = gyre_writer_drain(writer);
    }
    if (!err && len == -ETIMEDOUT)
        say("connection timeout, closing.\n");
    say("connection lost\n");
    return 0;
}

static int serve(void *arg)
{
    gyre_server *server;
    int err = gyre_start_server(&server, echo, NULL, .port = port);

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
