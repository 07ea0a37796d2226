/* 070: made -> data* -> eof? -> lost on each side, lost exactly once; each side keeps a log, printed at the
 * end. */
#include "oracle.h"
#include <stdarg.h>

enum { LINES = 8 };

struct side {
    const char *name;
    char log[LINES][64];
    int lines;
    gyre_transport *transport;
    gyre_future *lost;
};

static struct side client = {.name = "cli"}, server_side = {.name = "srv"};

static void note(struct side *side, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (side->lines < LINES)
        vsnprintf(side->log[side->lines++], sizeof *side->log, format, args);
    va_end(args);
}

static void *factory(void *arg)
{
    struct side *side = arg;

    side->lost = gyre_loop_create_future(gyre_get_running_loop());
    note(side, "factory");
    return side;
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct side *side = self;

    side->transport = transport;
    note(side, "made");
    if (side == &client)
        gyre_transport_write(transport, "hello", 5);
}

static void data_received(void *self, const void *data, size_t len)
{
    struct side *side = self;
    char answer[32];

    note(side, "('data', %s)", py_bytes(data, len));
    if (side == &client)
        gyre_transport_close(side->transport);
    else
        gyre_transport_write(
            side->transport, answer,
            (size_t)snprintf(answer, sizeof answer, "re:%.*s", (int)len, (const char *)data));
}

static bool eof_received(void *self)
{
    note(self, "eof");
    return false;
}

static void connection_lost(void *self, int err)
{
    struct side *side = self;

    note(side, "('lost', %s)", oracle_repr(err));
    gyre_future_set_result(side->lost, NULL);
}

static const gyre_protocol protocol = {
    .create = factory,
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
};

static void connect_to(gyre_server *server, gyre_transport **transport)
{
    gyre_loop_create_connection(gyre_get_running_loop(), transport, &protocol, .host = "127.0.0.1",
                                .port = gyre_server_get_port(server), .arg = &client);
    if (client.lines == 2)
        note(&client, "create_connection returned after made");
    else
        note(&client, "WRONG ORDER");
}

static void await_the_end(gyre_transport *transport)
{
    oracle_await(client.lost);
    oracle_await(server_side.lost);
    gyre_transport_close(transport);
    gyre_transport_abort(transport);
    gyre_sleep(.02);
    gyre_transport_unref(transport);
}

static void print_log(const struct side *side)
{
    for (int i = 0; i < side->lines; i++)
        printf("%s %s\n", side->name, side->log[i]);
}

static int run(void *arg)
{
    gyre_transport *transport;
    gyre_server *server;

    gyre_loop_create_server(gyre_get_running_loop(), &server, &protocol, .host = "127.0.0.1",
                            .arg = &server_side);
    connect_to(server, &transport);
    await_the_end(transport);
    print_log(&client);
    print_log(&server_side);
    gyre_server_close(server);
    printf("sockets after close %s %s\n", gyre_server_sockets(server, NULL, 0) ? "(...)" : "()",
           py_bool(gyre_server_is_serving(server)));
    gyre_server_unref(server);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
