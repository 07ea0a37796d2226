/* Streams: a server that answers each line with its length, and a client that sends some lines and reads what
 * comes back; both as if reading and writing blocked.
 *
 * usage: streams serve PORT | streams ask PORT WORD...
 */
#include <gyre/gyre.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A coroutine for each client. What readline lends is good until the next read; 0 is the end. */
static int answer(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    char length[32];
    const char *line;
    ptrdiff_t len;
    int err = 0;

    while (!err && (len = gyre_reader_readline(reader, &line, .timeout = 60)) > 0) {
        snprintf(length, sizeof length, "%td ", len - 1);
        gyre_writer_write(writer, length, strlen(length));
        gyre_writer_write(writer, line, (size_t)len);
        /* Waits while the client does not take its answers. */
        err = gyre_writer_drain(writer);
    }
    return err ? err : (int)len;
}

static int serve(void *argv)
{
    gyre_server *server;
    int err = gyre_start_server(&server, answer, NULL, .host = "127.0.0.1", .service = *(char **)argv);

    if (err)
        return err;
    printf("listening\n");
    fflush(stdout);
    err = gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

static ptrdiff_t talk(gyre_reader *reader, gyre_writer *writer, char **words)
{
    const char *line;
    ptrdiff_t len;
    int err = 0;

    for (; *words && !err; words++) {
        gyre_writer_write(writer, *words, strlen(*words));
        gyre_writer_write(writer, "\n", 1);
        err = gyre_writer_drain(writer);
    }
    /* We have said all; the server still answers. */
    gyre_writer_write_eof(writer);
    while (!err && (len = gyre_reader_readline(reader, &line)) > 0)
        printf("%.*s", (int)len, line);
    return err ? err : len;
}

static int ask(void *argv)
{
    char **words = argv;
    gyre_reader *reader;
    gyre_writer *writer;
    ptrdiff_t err = gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .service = words[0]);

    if (err)
        return (int)err;
    err = talk(reader, writer, words + 1);
    gyre_stream_close(reader, writer);
    return (int)err;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "serve"))
        return gyre_run(serve, argv + 2);
    if (argc > 3 && !strcmp(argv[1], "ask"))
        return gyre_run(ask, argv + 2);
    fprintf(stderr, "usage: %s serve PORT | ask PORT WORD...\n", argv[0]);
    return 2;
}
