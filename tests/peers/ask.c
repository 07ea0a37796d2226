/* ask.c - a client: sends its input, prints what it hears, and says on stderr how it went. */
#include "peer.h"
#include <stdio.h>
#include <string.h>

struct pair {
    gyre_reader *reader;
    gyre_writer *writer;
};

static int connect_there(struct pair *pair, const struct peer *peer, gyre_tls_context *context)
{
    const char *name = context ? peer->name : NULL;

    if (!strcmp(peer->kind, "unix"))
        return gyre_open_unix_connection(&pair->reader, &pair->writer, .path = peer->path,
                                         .abstract = peer->abstract ? GYRE_YES : 0, .ssl = context,
                                         .server_hostname = name);
    return gyre_open_connection(&pair->reader, &pair->writer, .host = peer->host, .port = (int)peer->port,
                                .ssl = context, .server_hostname = name);
}

/* It says so, is told to go on, and does. */
static int turn_to_tls(struct pair *pair, const struct peer *peer, gyre_tls_context *context)
{
    const char *line;
    ptrdiff_t len;

    gyre_writer_write(pair->writer, "STARTTLS\n", 9);
    len = gyre_reader_readline(pair->reader, &line);
    if (len != 3 || memcmp(line, "go\n", 3))
        return len < 0 ? (int)len : -EPROTO;
    return gyre_writer_start_tls(pair->writer, context, .server_hostname = peer->name);
}

static int open_pair(struct pair *pair, const struct peer *peer, gyre_tls_context *context)
{
    int err = connect_there(pair, peer, peer->starttls ? NULL : context);

    if (err || !peer->starttls)
        return err;
    err = turn_to_tls(pair, peer, context);
    if (err)
        gyre_stream_close(pair->reader, pair->writer);
    return err;
}

static int send_input(struct pair *pair, const struct peer *peer)
{
    int err = gyre_writer_write(pair->writer, peer->input, peer->len);

    return !err && peer->eof ? gyre_writer_write_eof(pair->writer) : err;
}

static int print(const char *data, ptrdiff_t len)
{
    if (len > 0)
        fwrite(data, 1, (size_t)len, stdout);
    return len < 0 ? (int)len : 0;
}

static int print_incomplete(const struct pair *pair)
{
    gyre_reader_failure failure;

    gyre_reader_get_failure(pair->reader, &failure);
    fwrite(failure.partial, 1, failure.len, stdout);
    return GYRE_EINCOMPLETEREAD;
}

static int hear(struct pair *pair, const struct peer *peer)
{
    long wanted = peer->expect == PEER_AS_SENT ? (long)peer->len : peer->expect;
    const char *data;
    ptrdiff_t len;

    if (wanted < 0 || peer->eof)
        len = gyre_reader_read(pair->reader, &data, -1);
    else
        len = gyre_reader_readexactly(pair->reader, &data, wanted);
    return len == GYRE_EINCOMPLETEREAD ? print_incomplete(pair) : print(data, len);
}

static int talk(struct pair *pair, const struct peer *peer)
{
    int err = send_input(pair, peer);

    if (!err)
        err = hear(pair, peer);
    gyre_writer_close(pair->writer);
    return err ? err : gyre_writer_wait_closed(pair->writer);
}

static int ask_once(const struct peer *peer, gyre_tls_context *context)
{
    char text[1000] = "";
    struct pair pair;
    gyre_transport *transport;
    int err = open_pair(&pair, peer, context);

    if (err)
        return err;
    transport = gyre_transport_ref(gyre_writer_get_transport(pair.writer));
    err = talk(&pair, peer);
    peer_describe(text, sizeof text, transport);
    fprintf(stderr, "%s\n", text);
    gyre_transport_unref(transport);
    gyre_stream_close(pair.reader, pair.writer);
    return err;
}

/* A failure is something to tell about, not one of the program. */
int peer_ask(void *arg)
{
    const struct peer *peer = arg;
    gyre_tls_context *context = NULL;
    int err = peer->tls ? peer_context(&context, peer, false) : 0;

    for (long i = 0; i < peer->times && !err; i++)
        err = ask_once(peer, context);
    fprintf(stderr, "%s: %s\n", gyre_error_name(err), err ? gyre_error_text() : "");
    gyre_tls_context_unref(context);
    return 0;
}
