/* 098: a burst of connections: each accepted one gets made -> data -> lost, none is lost on the way. */
#include "client.h"
#include "oracle.h"

enum { CONNECTIONS = 200 };

struct connection {
    gyre_transport *transport;
    char story[64];
};

static char story[64]; /* of the first connection that was lost */
static int lost, alike;

static void tell(struct connection *connection, const char *event)
{
    size_t len = strlen(connection->story);

    snprintf(connection->story + len, sizeof connection->story - len, "%s'%s'", len ? ", " : "", event);
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct connection *connection = self;

    connection->transport = transport;
    tell(connection, "made");
}

static void data_received(void *self, const void *data, size_t len)
{
    struct connection *connection = self;

    tell(connection, "data");
    gyre_transport_write(connection->transport, data, len);
    gyre_transport_close(connection->transport);
}

static bool eof_received(void *self)
{
    tell(self, "EOF AFTER CLOSE");
    return false;
}

static void connection_lost(void *self, int err)
{
    struct connection *connection = self;

    tell(connection, "lost");
    if (lost++ == 0)
        strcpy(story, connection->story);
    alike += strcmp(story, connection->story) == 0;
}

static const gyre_protocol protocol = {
    .size = sizeof(struct connection),
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
};

struct visit {
    int port, number;
};

static bool hears(struct client *client, const char *text)
{
    char heard[16];
    size_t len = 0, n;

    while (len < sizeof heard && (n = client_read(client, heard + len, sizeof heard - len)) > 0)
        len += n;
    return len == strlen(text) && memcmp(heard, text, len) == 0;
}

static int visit(void *arg)
{
    struct visit *visit = arg;
    struct client client;
    char text[16];
    int err = client_open(&client, visit->port), heard;

    if (err)
        return err;
    snprintf(text, sizeof text, "%03d", visit->number);
    client_write(&client, text);
    heard = hears(&client, text);
    client_close(&client);
    return heard;
}

static bool visit_all(int port)
{
    struct visit visits[CONNECTIONS];
    gyre_task *tasks[CONNECTIONS];
    int heard = 0;

    for (int i = 0; i < CONNECTIONS; i++) {
        visits[i] = (struct visit){port, i};
        gyre_create_task(&tasks[i], visit, &visits[i]);
    }
    for (int i = 0; i < CONNECTIONS; i++)
        heard += oracle_await(tasks[i]) == 1;
    return heard == CONNECTIONS;
}

static int run(void *arg)
{
    gyre_server *server;

    gyre_loop_create_server(gyre_get_running_loop(), &server, &protocol, .host = "127.0.0.1", .backlog = 256);
    puts(py_bool(visit_all(gyre_server_get_port(server))));
    gyre_sleep(.05);
    printf("%d {(%s)%s}\n", lost, story, alike == lost ? "" : ", ...");
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
