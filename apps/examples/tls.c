/* TLS: a server that tells what was agreed upon, and a client that believes nobody but whom the certificate
 * vouches for.
 *
 * usage: tls serve PORT CERTIFICATE KEY | tls ask PORT CERTIFICATE
 *
 * A certificate to try it with:
 *     openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=localhost \
 *         -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem
 */
#include <gyre/gyre.h>
#include <stdio.h>
#include <string.h>

/* The handshake is done: from here on a stream is a stream. */
static int tell(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const gyre_tls_object *tls = gyre_writer_get_extra_info(writer, "ssl_object", NULL);
    char answer[200];

    snprintf(answer, sizeof answer, "this is %s, and %s\n", tls->version, tls->cipher);
    gyre_writer_write(writer, answer, strlen(answer));
    return gyre_writer_drain(writer);
}

/* The server holds the context itself. */
static int serve(void *argv)
{
    char **args = argv;
    gyre_tls_context *context = NULL;
    gyre_server *server;
    int err = gyre_tls_context_new(&context, .server_side = true, .certfile = args[1], .keyfile = args[2]);

    if (!err)
        err = gyre_start_server(&server, tell, NULL, .host = "127.0.0.1", .service = args[0], .ssl = context);
    gyre_tls_context_unref(context);
    if (err)
        return err;
    printf("listening\n");
    fflush(stdout);
    err = gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

/* Without .server_hostname the certificate must have the name of the host. */
static int ask(void *argv)
{
    char **args = argv;
    gyre_tls_context *context = NULL;
    gyre_reader *reader;
    gyre_writer *writer;
    const char *line;
    ptrdiff_t len;
    int err = gyre_tls_context_new(&context, .cafile = args[1]);

    if (!err)
        err = gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .service = args[0], .ssl = context,
                                   .server_hostname = "localhost");
    gyre_tls_context_unref(context);
    if (err)
        return err;
    len = gyre_reader_readline(reader, &line);
    if (len > 0)
        printf("%.*s", (int)len, line);
    gyre_stream_close(reader, writer);
    return len < 0 ? (int)len : 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[1], "serve"))
        return gyre_run(serve, argv + 2);
    if (argc == 4 && !strcmp(argv[1], "ask"))
        return gyre_run(ask, argv + 2);
    fprintf(stderr, "usage: %s serve PORT CERTIFICATE KEY | ask PORT CERTIFICATE\n", argv[0]);
    return 2;
}
