/* sim_client.h - HTTP clients on a network in virtual time: each says things at random, and knows which
 * answers it must get. */
#ifndef GYRE_TESTS_SIM_CLIENT_H
#define GYRE_TESTS_SIM_CLIENT_H

#include "unit.h"
#include <errno.h>
#include <gyre/stream.h>

enum { SIM_REQUESTS = 8, SIM_TEXT = 64 };

/* One connection, and what it is about. */
struct sim_client {
    int port;                              /* of the server */
    gyre_reader *reader;                   /* the connection, NULL before */
    gyre_writer *writer;                   /* the same */
    double began, ended;                   /* when it was there, when it was over */
    int asked;                             /* requests that were sent whole */
    char expected[SIM_REQUESTS][SIM_TEXT]; /* the bodies of their answers */
    char *heard;                           /* what came */
    size_t len;                            /* bytes of it */
    int err;                               /* how it ended; 0: in order */
};

/* The dice of the scene; the network has its own. */
static uint64_t sim_dice;

static inline unsigned sim_throw(unsigned end)
{
    sim_dice = sim_dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(sim_dice >> 33) % end;
}

/* Adds a request of some kind, and notes its answer. */
static inline size_t sim_add_request(struct sim_client *client, char *text, size_t room, bool last)
{
    static const char *const kinds[] = {
        "GET /now/%s HTTP/1.1\r\nHost: x\r\n%s\r\n",
        "GET /nap/%s HTTP/1.1\r\nHost: x\r\n%s\r\n",
        "GET /pieces/%s HTTP/1.1\r\nHost: x\r\n%s\r\n",
        "POST /body?%s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n%s",
        "POST /stream?%s HTTP/1.1\r\nHost: x\r\n%sTransfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
    };
    char *body = client->expected[client->asked++];
    const char *close = last ? "Connection: close\r\n" : "";

    snprintf(body, SIM_TEXT, "answer-%d-%.*s", client->asked, (int)sim_throw(40),
             "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    return (size_t)snprintf(text, room, kinds[sim_throw(5)], body, close, strlen(body), body);
}

/* Sends in pieces of any size, at any time; an error is the network's. */
static inline int sim_say(struct sim_client *client, const char *text, size_t len)
{
    int err = 0;

    for (size_t piece; len && !err; text += piece, len -= piece) {
        piece = 1 + sim_throw(sim_throw(2) ? 20 : 2000);
        piece = piece < len ? piece : len;
        err = gyre_writer_write(client->writer, text, piece);
        if (!err)
            err = gyre_writer_drain(client->writer);
        if (!err && sim_throw(3) == 0)
            err = gyre_sleep(sim_throw(50) / 1000.0);
    }
    return err;
}

static inline int sim_dial(struct sim_client *client, ptrdiff_t limit)
{
    int err = gyre_open_connection(&client->reader, &client->writer, .host = "127.0.0.1",
                                   .port = client->port, .limit = limit);

    client->began = client->ended = gyre_loop_time(loop);
    client->heard = calloc(1, 1);
    client->err = err;
    return err;
}

/* Until the end of the connection, whichever it is. */
static inline int sim_hear(void *arg)
{
    struct sim_client *client = arg;
    const char *data;
    ptrdiff_t got;

    while ((got = gyre_reader_read(client->reader, &data, 4096)) > 0) {
        client->heard = realloc(client->heard, client->len + (size_t)got + 1);
        memcpy(client->heard + client->len, data, (size_t)got);
        client->heard[client->len += (size_t)got] = '\0';
    }
    client->ended = gyre_loop_time(loop);
    client->err = (int)got;
    return 0;
}

/* What is between the fields and the next answer; `rest` is moved behind it. False: something is missing. */
static inline bool sim_take_body(const char **rest, bool chunked, char *body)
{
    const char *fields = *rest, *at = strstr(fields, "\r\n\r\n"), *length;
    size_t len, got = 0;

    if (!at)
        return false;
    at += 4;
    length = strstr(fields, "Content-Length: ");
    if (!chunked) {
        len = length && length < at ? strtoul(length + 16, NULL, 10) : 0;
        if (strlen(at) < len)
            return false;
        snprintf(body, SIM_TEXT, "%.*s", (int)len, at);
        *rest = at + len;
        return true;
    }
    for (char *end; (len = strtoul(at, &end, 16)) > 0 && strlen(end) >= len + 4; at = end + 2 + len + 2)
        got += (size_t)snprintf(body + got, SIM_TEXT - got, "%.*s", (int)len, end + 2);
    *rest = at + 5;
    return strncmp(at, "0\r\n\r\n", 5) == 0;
}

/* How many whole answers there are, each the right one in its turn; -1: there is something else. */
static inline int sim_check_answers(const struct sim_client *client)
{
    const char *rest = client->heard;
    int count = 0;

    for (; *rest; count++) {
        const char *end = strstr(rest, "\r\n\r\n"), *chunked = strstr(rest, "Transfer-Encoding: chunked\r\n");
        char body[SIM_TEXT] = "";

        if (!sim_take_body(&rest, chunked && end && chunked < end, body))
            return client->err ? count : -1;
        if (count >= client->asked || strcmp(body, client->expected[count]))
            return -1;
    }
    return count;
}

static inline void sim_hang_up(struct sim_client *client)
{
    gyre_stream_close(client->reader, client->writer);
    free(client->heard);
    client->heard = NULL;
}

#endif
