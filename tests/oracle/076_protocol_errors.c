/* 076: an exception in data_received or eof_received is fatal: the handler first, then connection_lost(that
 * exception); one in connection_made is only reported. */
#include "oracle.h"
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    const char *where;
    gyre_transport *transport;
    gyre_future *lost;
};

static void raise_in(struct connection *connection, const char *where, const char *text)
{
    if (strcmp(connection->where, where) == 0)
        gyre_transport_fail(connection->transport, gyre_error_set(GYRE_EVALUE, "%s", text));
}

static void connection_made(void *self, gyre_transport *transport)
{
    struct connection *connection = self;

    connection->transport = transport;
    raise_in(connection, "made", "in connection_made");
}

static void data_received(void *self, const void *data, size_t len)
{
    printf("data %s\n", py_bytes(data, len));
    raise_in(self, "data", "in data_received");
}

static bool eof_received(void *self)
{
    raise_in(self, "eof", "in eof_received");
    return false;
}

static void connection_lost(void *self, int err)
{
    struct connection *connection = self;

    printf("lost %s\n", oracle_repr(err));
    gyre_future_set_result(connection->lost, NULL);
}

static const gyre_protocol protocol = {
    .create = oracle_self,
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
};

static int print_context(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    static const char callback[] = "Exception in callback";
    bool named = strncmp(context->message, callback, strlen(callback)) == 0;

    /* As the original, without the callback's own name. */
    printf("HANDLER: %s | %s | %s\n", named ? callback : context->message, context->text,
           context->transport ? "transport" : "handle");
    return 0;
}

static void fail_in(gyre_loop *loop, const char *where)
{
    struct connection connection = {.where = where, .lost = gyre_loop_create_future(loop)};
    gyre_transport *transport;
    int peer = oracle_connect(&transport, &protocol, &connection);

    send(peer, "x", 1, 0);
    gyre_sleep(.02);
    close(peer);
    oracle_await(connection.lost);
    gyre_transport_unref(transport);
}

static int run(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();

    gyre_loop_set_exception_handler(loop, print_context, NULL);
    fail_in(loop, "data");
    fail_in(loop, "eof");
    fail_in(loop, "made");
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
