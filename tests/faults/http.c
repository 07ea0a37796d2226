/* http.c - requests to a server of apps/http: short ones, one with a body, one whose answer comes in pieces.
 */
#include "scenario.h"
#include <http/http.h>
#include <stdlib.h>

enum { MUCH = 150 * 1024, BODY = 100 * 1024 };

static char much[MUCH], body[BODY];

static int plain(http_request *request, void *arg)
{
    return http_respond(request, 200, "text/plain", "hello", 5);
}

/* The body, whole, and back: an answer that begins before would be the connection's last. */
static int echo(http_request *request, void *arg)
{
    gyre_reader *reader = http_reader(request);
    const char *data;
    ptrdiff_t len = reader ? gyre_reader_read(reader, &data, -1) : -ENOMEM;
    int err = len < 0 ? (int)len : http_begin(request, 200, NULL, HTTP_UNKNOWN);

    if (err >= 0)
        err = http_write(request, data, (size_t)len);
    return err < 0 ? err : http_end(request);
}

static int pieces(http_request *request, void *arg)
{
    int err = http_begin(request, 200, NULL, MUCH);

    for (size_t at = 0; err >= 0 && at < MUCH; at += MUCH / 3)
        err = http_write(request, much + at, MUCH / 3);
    return err < 0 ? err : http_end(request);
}

static const char head[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n"
                           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 102400\r\n\r\n";
static const char tail[] = "GET /pieces HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/* Writes while it reads: the answers are larger than what waits on the way. */
static int ask_all(void *writer)
{
    int err = gyre_writer_write(writer, head, sizeof head - 1);

    if (!err)
        err = gyre_writer_write(writer, body, BODY);
    if (!err)
        err = gyre_writer_write(writer, tail, sizeof tail - 1);
    return err ? err : gyre_writer_drain(writer);
}

static int hear_all(gyre_reader *reader)
{
    const char *data;
    ptrdiff_t got, all = 0;

    while ((got = gyre_reader_read(reader, &data, 65536)) > 0)
        all += got;
    return got < 0 ? (int)got : all > BODY + MUCH ? 0 : -EIO;
}

static int talk(gyre_server *server)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_task *asking;
    int err =
        gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server));

    if (err)
        return err;
    err = gyre_create_task(&asking, ask_all, writer);
    if (!err) {
        err = hear_all(reader);
        gyre_writer_close(writer);
        err = worse(err, gyre_await(asking, NULL));
        gyre_future_unref(asking);
    }
    gyre_stream_close(reader, writer);
    return err;
}

static int converse(http_server *site)
{
    gyre_server *server = NULL;
    int err = gyre_loop_create_server(gyre_get_running_loop(), &server, &http_protocol, .host = "127.0.0.1",
                                      .arg = site);

    if (err)
        return err;
    err = talk(server);
    gyre_server_close_clients(server);
    gyre_server_drain(server, 5);
    scenario_end_server(server);
    return err;
}

static int serve(void *arg)
{
    http_server *site = http_server_new();
    int err;

    if (!site)
        return -ENOMEM;
    err = http_route(site, "GET", "/", plain, NULL);
    if (!err)
        err = http_route(site, "POST", "/echo", echo, NULL, .stream_body = true);
    if (!err)
        err = http_route(site, "GET", "/pieces", pieces, NULL);
    if (!err)
        err = converse(site);
    http_server_unref(site);
    return err;
}

const struct scenario fault_http[] = {{.name = "http_requests", .run = serve}, {0}};
