/* 081: close() or abort() inside connection_made: no data callback ever, connection_lost(None) still comes,
 * create_connection still returns. */
#include "oracle.h"
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    const char *how;
    void (*end)(gyre_transport *transport);
    gyre_future *lost;
};

static void connection_made(void *self, gyre_transport *transport)
{
    struct connection *connection = self;

    puts("made");
    gyre_transport_write(transport, "bye", 3);
    connection->end(transport);
    printf("%s returned\n", connection->how);
}

static void data_received(void *self, const void *data, size_t len)
{
    puts("DATA");
}

static bool eof_received(void *self)
{
    puts("EOF");
    return false;
}

static void connection_lost(void *self, int err)
{
    struct connection *connection = self;

    printf("lost %s\n", oracle_str(err));
    gyre_future_set_result(connection->lost, NULL);
}

static const gyre_protocol protocol = {
    .create = oracle_self,
    .connection_made = connection_made,
    .data_received = data_received,
    .eof_received = eof_received,
    .connection_lost = connection_lost,
};

static void print_what_came(int peer)
{
    char data[10];
    ssize_t len = recv(peer, data, sizeof data, 0);

    printf("peer %s\n", py_bytes(data, len > 0 ? (size_t)len : 0));
    close(peer);
}

static void end_early(struct connection connection)
{
    gyre_loop *loop = gyre_get_running_loop();
    gyre_transport *transport;
    int pair[2];

    connection.lost = gyre_loop_create_future(loop);
    oracle_socketpair(pair);
    send(pair[1], "data", 4, 0);
    gyre_loop_create_connection(loop, &transport, &protocol, .sock = pair[0], .arg = &connection);
    printf("returned, closing %s\n", py_bool(gyre_transport_is_closing(transport)));
    oracle_await(connection.lost);
    print_what_came(pair[1]);
    gyre_transport_unref(transport);
}

static int run(void *arg)
{
    end_early((struct connection){.how = "close", .end = gyre_transport_close});
    end_early((struct connection){.how = "abort", .end = gyre_transport_abort});
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
