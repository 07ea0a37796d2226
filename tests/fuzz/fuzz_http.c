/* fuzz_http.c - libFuzzer plays the client of an HTTP server: framing, parser, connection, tasks, flow
 * control.
 *
 * Each input is played twice: in one piece to a client that takes everything, then in pieces, as its first
 * bytes say, to one that may be slow. Both must get the same answers, well-formed, and everything must come
 * to an end.
 */
#include "answers.h"
#include "fake_transport.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE = 3000 }; /* passes of the loop after which something is stuck */

/* How the client behaves. */
struct manner {
    unsigned piece;  /* most bytes it sends at a time; 0: all */
    unsigned thirst; /* as in gyre_transport */
    unsigned passes; /* of the loop between two pieces */
    bool vanish;     /* it resets in place of an orderly end */
};

static gyre_loop *loop;
static http_server *server;
static struct answers answers[2];
static struct answers *told;
static bool fickle; /* what was answered depends on what of the body had come */
static bool cut;    /* a handler broke its answer off */

static int plain(http_request *request, void *arg)
{
    return http_respond(request, 200, "text/plain", "hello", 5);
}

static int echo(http_request *request, void *arg)
{
    size_t len;
    const void *body = http_body(request, &len);

    return http_respond(request, 200, http_header(request, "Content-Type"), body, len);
}

static int looks(http_request *request, void *arg)
{
    const char *texts[] = {http_path(request),         http_target(request),      http_param(request, "id"),
                           http_param(request, "all"), http_query(request, "a"),  http_query(request, ""),
                           http_header(request, "A"),  http_version(request),     http_method(request),
                           http_query(request, "b c"), http_header(request, "B"), http_path(request)};
    static char text[20000];
    size_t len = 0;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (const char *at = texts[i]; at && *at; at++)
            text[len++] = *at;
    return http_respond(request, 200, NULL, text, len);
}

static int waits(http_request *request, void *arg)
{
    gyre_sleep(0);
    return plain(request, arg);
}

static int reads(http_request *request, void *arg)
{
    gyre_reader *reader = http_reader(request);
    ptrdiff_t total = 0;
    ptrdiff_t len;
    char text[30];

    while ((len = gyre_reader_read(reader, NULL, 1000)) > 0)
        total += len;
    if (len < 0)
        return (int)len;
    return http_respond(request, 200, NULL, text, (size_t)snprintf(text, sizeof text, "%td", total));
}

static int pipes(http_request *request, void *arg)
{
    gyre_reader *reader = http_reader(request);
    const char *data;
    ptrdiff_t len;
    int err = http_begin(request, 200, NULL, HTTP_UNKNOWN);

    fickle = true;
    while (err >= 0 && (len = gyre_reader_read(reader, &data, 100)) != 0)
        err = len < 0 ? (int)len : http_write(request, data, (size_t)len);
    cut = cut || err < 0;
    return err < 0 ? err : http_end(request);
}

static int declines(http_request *request, void *arg)
{
    fickle = true;
    return http_respond_status(request, 403);
}

static int writes(http_request *request, void *arg)
{
    static char bytes[3000];
    int err = http_begin(request, 200, NULL, arg ? 9000 : HTTP_UNKNOWN);

    for (int i = 0; i < 3 && err >= 0; i++)
        err = http_write(request, bytes, sizeof bytes);
    cut = cut || err < 0;
    return err < 0 ? err : http_end(request);
}

static int fails(http_request *request, void *arg)
{
    return -EIO;
}

static int breaks_off(http_request *request, void *arg)
{
    cut = true;
    http_begin(request, 200, NULL, 10);
    http_write(request, "hello", 5);
    return 0;
}

static int surrounds(http_request *request, void *arg)
{
    http_set_header(request, "X", http_path(request));
    return http_next(request);
}

static void observe(const http_record *record, void *arg)
{
    if (told->count < MOST_ANSWERS)
        told->list[told->count++] = (struct answer){record->status, record->bytes,
                                                    !strcmp(http_method(record->request), "HEAD"), cut};
    cut = false;
    http_target(record->request);
    if ((record->status == 404 || record->status == 405) && http_header(record->request, "Expect"))
        fickle = true;
}

static int ignore(gyre_loop *of, const gyre_exception_context *context, void *arg)
{
    return 0;
}

static void add_routes(void)
{
    http_route(server, "GET", "/", plain, NULL);
    http_route(server, "POST", "/echo", echo, NULL);
    http_route(server, "PUT", "/echo", echo, NULL, .body_limit = 10);
    http_route(server, "GET", "/look/:id/*all", looks, NULL);
    http_route(server, "GET", "/wait", waits, NULL);
    http_route(server, "POST", "/read", reads, NULL, .stream_body = true);
    http_route(server, "POST", "/pipe", pipes, NULL, .stream_body = true);
    http_route(server, "POST", "/decline", declines, NULL, .stream_body = true);
    http_route(server, "GET", "/write", writes, NULL);
    http_route(server, "GET", "/sized", writes, "");
    http_route(server, "GET", "/fail", fails, NULL);
    http_route(server, "GET", "/cut", breaks_off, NULL);
    http_route(server, "GET", "/around/:id", plain, NULL);
    http_use(server, "/around", surrounds, NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    loop = gyre_loop_new();
    gyre_set_event_loop(loop);
    gyre_loop_set_exception_handler(loop, ignore, NULL);
    server =
        http_server_new(.header_limit = 600, .body_limit = 5000, .header_timeout = 1e6, .observer = observe);
    add_routes();
    return 0;
}

/* One pass of the loop, and fn in it: what a transport calls, it calls there. */
static void pass_with(void (*fn)(void *arg), void *arg)
{
    gyre_loop_call_soon(loop, fn, arg);
    gyre_loop_stop(loop);
    gyre_loop_run_forever(loop);
}

static void pump(void *arg)
{
    fake_pump(arg);
}

static void pass(gyre_transport *transport)
{
    pass_with(pump, transport);
}

static size_t waiting(void)
{
    http_server_stats stats;

    http_server_get_stats(server, &stats);
    return stats.waiting;
}

/* What the client sends at a time. */
struct piece {
    gyre_transport *transport;
    const uint8_t *data;
    size_t len;
};

static void send_piece(void *arg)
{
    const struct piece *piece = arg;
    uint8_t *copy = malloc(piece->len);

    memcpy(copy, piece->data, piece->len);
    piece->transport->protocol->data_received(piece->transport->self, copy, piece->len);
    free(copy);
}

static void send_eof(void *arg)
{
    gyre_transport *transport = arg;

    if (!transport->closing && !transport->protocol->eof_received(transport->self))
        transport->closing = true;
}

static void open_up(void *arg)
{
    fake_open(arg, loop, &http_protocol, server);
}

static void lose(void *arg)
{
    fake_lose(arg, -ECONNRESET);
}

static void send_all(gyre_transport *transport, const struct manner *manner, const uint8_t *data, size_t len)
{
    for (unsigned patience = PATIENCE; len && !transport->closing; patience--) {
        size_t piece = manner->piece && manner->piece < len ? manner->piece : len;

        if (!patience)
            abort();
        if (!transport->paused) {
            pass_with(send_piece, &(struct piece){transport, data, piece});
            data += piece;
            len -= piece;
            patience = PATIENCE;
        }
        for (unsigned i = 0; i < manner->passes || (transport->paused && !i); i++)
            pass(transport);
    }
}

/* Until nothing moves any more. */
static void settle(gyre_transport *transport)
{
    for (unsigned i = 0; i < PATIENCE && (waiting() || transport->unsent); i++)
        pass(transport);
}

static void finish(gyre_transport *transport, const struct manner *manner)
{
    if (!manner->vanish) {
        for (unsigned i = 0; i < PATIENCE && transport->paused && !transport->closing; i++)
            pass(transport);
        pass_with(send_eof, transport);
        settle(transport);
        pass(transport);
        if (!transport->lost)
            abort();
    }
    if (!transport->lost)
        pass_with(lose, transport);
    settle(transport);
    if (waiting())
        abort();
}

static void play(const struct manner *manner, const uint8_t *data, size_t len, struct answers *record)
{
    gyre_transport transport = {.thirst = manner->thirst};

    told = record;
    told->count = 0;
    cut = false;
    pass_with(open_up, &transport);
    send_all(&transport, manner, data, len);
    finish(&transport, manner);
    if (!manner->vanish)
        answers_check(told, transport.out ? transport.out : "", transport.out_len);
    fake_free(&transport);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct manner whole = {0};
    struct manner manner;

    if (len < 3)
        return 0;
    manner = (struct manner){
        .piece = data[0], .thirst = data[1] * 20U, .passes = data[2] & 3, .vanish = data[2] & 64};
    fickle = false;
    play(&whole, data + 3, len - 3, &answers[0]);
    play(&manner, data + 3, len - 3, &answers[1]);
    if (!fickle && !manner.vanish)
        answers_compare(&answers[0], &answers[1]);
    return 0;
}
