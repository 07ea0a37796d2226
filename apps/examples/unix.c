/* Over a unix socket: a server that tells each client who it is, by what the kernel knows; and such a client.
 *
 * usage: unix serve PATH | unix ask PATH
 */
#include <gyre/gyre.h>
#include <stdio.h>
#include <string.h>

static int tell(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *name;
    char answer[200];
    gyre_peercred peer;
    ptrdiff_t len = gyre_reader_readline(reader, &name);
    int err = len < 0 ? (int)len : gyre_transport_get_peercred(gyre_writer_get_transport(writer), &peer);

    if (err)
        return err;
    snprintf(answer, sizeof answer, "hello, %.*s: process %d of user %u\n", (int)strcspn(name, "\n"), name,
             (int)peer.pid, (unsigned)peer.uid);
    gyre_writer_write(writer, answer, strlen(answer));
    return gyre_writer_drain(writer);
}

/* A socket that an earlier run left there is removed first, and ours at the end. */
static int serve(void *path)
{
    gyre_server *server;
    int err = gyre_start_unix_server(&server, tell, NULL, .path = path);

    if (err)
        return err;
    printf("listening\n");
    fflush(stdout);
    err = gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

static int ask(void *path)
{
    gyre_reader *reader;
    gyre_writer *writer;
    const char *line;
    ptrdiff_t len;
    int err = gyre_open_unix_connection(&reader, &writer, .path = path);

    if (err)
        return err;
    gyre_writer_write(writer, "gyre\n", 5);
    len = gyre_reader_readline(reader, &line);
    if (len > 0)
        printf("%.*s", (int)len, line);
    gyre_stream_close(reader, writer);
    return len < 0 ? (int)len : 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "serve"))
        return gyre_run(serve, argv[2]);
    if (argc == 3 && !strcmp(argv[1], "ask"))
        return gyre_run(ask, argv[2]);
    fprintf(stderr, "usage: %s serve PATH | ask PATH\n", argv[0]);
    return 2;
}
