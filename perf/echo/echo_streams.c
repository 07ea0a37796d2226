/* echo_streams.c - sends back what it reads, by streams: what a coroutine for each connection costs above
 * floor_echo.
 * usage: echo_streams [PORT]
 */
#include <gyre/gyre.h>
#include <stdlib.h>

enum { MOST = 256 * 1024 };

static int echo(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *data;
    ptrdiff_t len;

    while ((len = gyre_reader_read(reader, &data, MOST)) > 0) {
        gyre_writer_write(writer, data, (size_t)len);
        if (gyre_writer_drain(writer))
            break;
    }
    return 0;
}

static int serve(void *arg)
{
    const int *port = arg;
    gyre_server *server;
    int err = gyre_start_server(&server, echo, NULL, .host = "127.0.0.1", .port = *port, .backlog = 4096);

    if (err)
        return err;
    err = gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 8888;

    return gyre_run_sharded(1, serve, &port, .quiet = GYRE_YES);
}
