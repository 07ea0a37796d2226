/* streams.c - coroutines on both sides of connections. */
#include "scenario.h"
#include <ctype.h>
#include <stdlib.h>

enum { MUCH = 300 * 1024 };

static char much[MUCH];
static gyre_event heard_all;

/* Answers each line in capitals; what is not a line is read and left alone. */
static int shout(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *line;
    ptrdiff_t len;
    int err = 0;

    while (!err && (len = gyre_reader_readline(reader, &line)) > 0) {
        char loud[16];

        for (ptrdiff_t i = 0; i < len && i < (ptrdiff_t)sizeof loud; i++)
            loud[i] = (char)toupper((unsigned char)line[i]);
        gyre_writer_write(writer, loud, (size_t)len);
        err = gyre_writer_drain(writer);
    }
    return err ? err : (int)len;
}

static int ask(gyre_reader *reader, gyre_writer *writer)
{
    const char *answer;
    ptrdiff_t len;

    gyre_writer_write(writer, "hello\nworld\n", 12);
    len = gyre_reader_readexactly(reader, &answer, 12);
    if (len != 12)
        return len < 0 ? (int)len : -EIO;
    scenario_check(!memcmp(answer, "HELLO\nWORLD\n", 12), "another answer");
    gyre_writer_write_eof(writer);
    len = gyre_reader_read(reader, NULL, -1);
    return len > 0 ? -EIO : (int)len;
}

static int converse(void *arg)
{
    gyre_server *server = NULL;
    gyre_reader *reader;
    gyre_writer *writer;
    int err = gyre_start_server(&server, shout, NULL, .host = "127.0.0.1");

    if (!err)
        err =
            gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server));
    if (!err) {
        err = ask(reader, writer);
        gyre_stream_close(reader, writer);
    }
    if (server)
        gyre_server_close_clients(server);
    scenario_end_server(server);
    return err;
}

/* Without a host: this machine, by several addresses, of which only one listens. Tried in a race. */
static int race(void *arg)
{
    gyre_server *server = NULL;
    gyre_reader *reader;
    gyre_writer *writer;
    int err = gyre_start_server(&server, shout, NULL, .host = "127.0.0.1");

    if (!err)
        err = gyre_open_connection(&reader, &writer, .port = gyre_server_get_port(server),
                                   .happy_eyeballs_delay = 0.005);
    if (!err) {
        err = ask(reader, writer);
        gyre_stream_close(reader, writer);
    }
    if (server)
        gyre_server_close_clients(server);
    scenario_end_server(server);
    return err;
}

/* Reads all at once, more than the limit. */
static int swallow(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *data;
    ptrdiff_t len = gyre_reader_read(reader, &data, -1);

    gyre_event_set(&heard_all);
    return len < 0 || len == MUCH ? (int)(len < 0 ? len : 0) : -EIO;
}

static int pour(gyre_reader *reader, gyre_writer *writer)
{
    int err = gyre_writer_write(writer, much, MUCH);

    if (!err)
        err = gyre_writer_drain(writer);
    if (!err)
        err = gyre_writer_write_eof(writer);
    gyre_writer_close(writer);
    err = worse(err, gyre_writer_wait_closed(writer));
    gyre_stream_close(reader, writer);
    return err;
}

static int pour_out(void *arg)
{
    gyre_server *server = NULL;
    gyre_reader *reader;
    gyre_writer *writer;
    int err = gyre_start_server(&server, swallow, NULL, .host = "127.0.0.1", .limit = 1024);

    gyre_event_init(&heard_all);
    if (!err)
        err =
            gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server));
    if (!err)
        err = pour(reader, writer);
    if (!err)
        err = gyre_event_wait(&heard_all);
    if (server)
        gyre_server_close_clients(server);
    scenario_end_server(server);
    gyre_event_destroy(&heard_all);
    return err;
}

const struct scenario fault_streams[] = {{.name = "stream_converse", .run = converse},
                                         {.name = "stream_race", .run = race},
                                         {.name = "stream_pour", .run = pour_out},
                                         {0}};
