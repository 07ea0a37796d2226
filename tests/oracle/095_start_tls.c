/* 095: start_tls upgrades a live connection; connection_made is not called again, and no plain byte is heard
 * afterwards. */
#include "certificate.h"

struct side {
    const char *name;
    char log[256];
    char last[64];
    gyre_transport *transport;
    gyre_future *lost, *data;
};

static struct side client = {.name = "cli"}, server_side = {.name = "srv"};
static gyre_tls_context *of_server, *of_client;

static void note(struct side *side, const char *text)
{
    size_t used = strlen(side->log);

    snprintf(side->log + used, sizeof side->log - used, "%s%s", used ? ", " : "", text);
}

static void *factory(void *arg)
{
    struct side *side = arg;
    gyre_loop *loop = gyre_get_running_loop();

    side->lost = gyre_loop_create_future(loop);
    side->data = gyre_loop_create_future(loop);
    return side;
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct side *side = self;

    side->transport = transport;
    note(side, "'made'");
}

static void data_received(void *self, const void *data, size_t len)
{
    struct side *side = self;

    snprintf(side->last, sizeof side->last, "%s", py_bytes(data, len));
    note(side, side->last);
    gyre_future_set_result(side->data, NULL);
}

static void connection_lost(void *self, int err)
{
    struct side *side = self;
    char text[64];

    snprintf(text, sizeof text, "('lost', %s)", oracle_repr(err));
    note(side, text);
    gyre_future_set_result(side->lost, NULL);
}

static const gyre_protocol protocol = {
    .create = factory,
    .connection_made = connection_made,
    .data_received = data_received,
    .connection_lost = connection_lost,
};

/* The next bytes, and a future for those after. Python: await q.get() */
static const char *get(struct side *side)
{
    oracle_await(side->data);
    side->data = gyre_loop_create_future(gyre_get_running_loop());
    return side->last;
}

static int upgrade_server(void *arg)
{
    return gyre_loop_start_tls(gyre_get_running_loop(), arg, server_side.transport, NULL, of_server,
                               .server_side = true);
}

static int upgrade_client(void *arg)
{
    return gyre_loop_start_tls(gyre_get_running_loop(), arg, client.transport, NULL, of_client,
                               .server_hostname = "localhost");
}

static void upgrade(gyre_transport **one, gyre_transport **two)
{
    gyre_task *first, *second;

    gyre_create_task(&first, upgrade_client, one);
    gyre_create_task(&second, upgrade_server, two);
    oracle_await(first);
    oracle_await(second);
}

static void talk(gyre_transport *one, gyre_transport *two)
{
    void *self;

    gyre_transport_get_protocol(one, &self);
    printf("new transports %s %s protocol kept %s\n", py_bool(one != client.transport),
           py_bool(two != server_side.transport), py_bool(self == &client));
    gyre_transport_write(one, "secret", 6);
    printf("%s\n", get(&server_side));
    gyre_transport_write(two, "answer", 6);
    printf("%s\n", get(&client));
    gyre_transport_close(one);
    oracle_await(client.lost);
    oracle_await(server_side.lost);
    printf("%s [%s]\n%s [%s]\n", client.name, client.log, server_side.name, server_side.log);
}

static void begin(gyre_server *server)
{
    gyre_loop_create_connection(gyre_get_running_loop(), NULL, &protocol, .host = "127.0.0.1",
                                .port = gyre_server_get_port(server), .arg = &client);
    gyre_transport_write(client.transport, "STARTTLS", 8);
    gyre_sleep(.05);
    get(&server_side);
    gyre_transport_write(server_side.transport, "GO", 2);
    get(&client);
}

static int run(void *arg)
{
    gyre_transport *one = NULL, *two = NULL;
    gyre_server *server;

    of_server = server_context();
    of_client = client_context();
    gyre_loop_create_server(gyre_get_running_loop(), &server, &protocol, .host = "127.0.0.1",
                            .arg = &server_side);
    begin(server);
    upgrade(&one, &two);
    talk(one, two);
    gyre_transport_unref(one);
    gyre_transport_unref(two);
    gyre_future_unref(client.data);
    gyre_future_unref(server_side.data);
    gyre_server_close(server);
    gyre_server_unref(server);
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    return 0;
}

int main(int argc, char **argv)
{
    find_certificate(argc, argv);
    return oracle_run(argc, argv, run);
}
