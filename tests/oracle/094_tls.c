/* 094: TLS: the handshake goes before connection_made; no half close; close sends close_notify, lost(None).
 */
#include "certificate.h"

struct side {
    const char *name;
    char log[256];
    gyre_transport *transport;
    gyre_future *lost;
};

static struct side client = {.name = "cli"}, server_side = {.name = "srv"};

static void note(struct side *side, const char *text)
{
    size_t used = strlen(side->log);

    snprintf(side->log + used, sizeof side->log - used, "%s%s", used ? ", " : "", text);
}

static void *factory(void *arg)
{
    struct side *side = arg;

    side->lost = gyre_loop_create_future(gyre_get_running_loop());
    return side;
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct side *side = self;
    char text[64];

    side->transport = transport;
    snprintf(text, sizeof text, "('made, cipher known', %s)",
             py_bool(gyre_transport_get_extra_info(transport, "cipher", NULL) != NULL));
    note(side, text);
    if (side == &client)
        gyre_transport_write(transport, "hi", 2);
}

static void data_received(void *self, const void *data, size_t len)
{
    struct side *side = self;
    char answer[32];

    note(side, py_bytes(data, len));
    if (side == &client)
        gyre_transport_close(side->transport);
    else
        gyre_transport_write(
            side->transport, answer,
            (size_t)snprintf(answer, sizeof answer, "re:%.*s", (int)len, (const char *)data));
}

static bool eof_received(void *self)
{
    note(self, "'eof'");
    return false;
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
    .eof_received = eof_received,
    .connection_lost = connection_lost,
};

static void meet(gyre_loop *loop, gyre_server *server, gyre_tls_context *context)
{
    gyre_transport *transport = NULL;

    gyre_loop_create_connection(loop, &transport, &protocol, .host = "127.0.0.1",
                                .port = gyre_server_get_port(server), .ssl = context,
                                .server_hostname = "localhost", .arg = &client);
    printf("can_write_eof %s\n", py_bool(gyre_transport_can_write_eof(transport)));
    printf("%s\n", oracle_name(gyre_transport_write_eof(transport)));
    oracle_await(client.lost);
    oracle_await(server_side.lost);
    gyre_transport_write(transport, "dropped", 7);
    gyre_transport_unref(transport);
    printf("%s [%s]\n%s [%s]\n", client.name, client.log, server_side.name, server_side.log);
}

/* Who trusts only those whom the system trusts. */
static void refuse(gyre_loop *loop, gyre_server *server)
{
    static struct side stranger = {.name = "stranger"};
    gyre_tls_context *context;
    int err;

    gyre_tls_context_new(&context, NULL);
    err = gyre_loop_create_connection(loop, NULL, &protocol, .host = "127.0.0.1",
                                      .port = gyre_server_get_port(server), .ssl = context,
                                      .server_hostname = "localhost", .arg = &stranger);
    if (!*stranger.log)
        printf("%s: no connection_made, no connection_lost\n", oracle_name(err));
    gyre_future_unref(stranger.lost);
    gyre_tls_context_unref(context);
}

static int run(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();
    gyre_tls_context *of_server = server_context(), *of_client = client_context();
    gyre_server *server;

    gyre_loop_create_server(loop, &server, &protocol, .host = "127.0.0.1", .ssl = of_server,
                            .arg = &server_side);
    meet(loop, server, of_client);
    refuse(loop, server);
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
