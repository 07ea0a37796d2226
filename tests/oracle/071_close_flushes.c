/* 071: close() sends the buffer, then connection_lost(None); no data is delivered after close(), later writes
 * are dropped. */
#include "oracle.h"
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 4 << 20 };

static char bytes[SIZE];
static gyre_future *lost;

static void data_received(void *self, const void *data, size_t len)
{
    puts("DATA AFTER CLOSE");
}

static void connection_lost(void *self, int err)
{
    printf("lost %s\n", oracle_str(err));
    gyre_future_set_result(lost, NULL);
}

static const gyre_protocol protocol = {.data_received = data_received, .connection_lost = connection_lost};

static void write_and_close(gyre_transport *transport, int peer)
{
    gyre_transport_write(transport, bytes, SIZE);
    printf("buffered %s\n", py_bool(gyre_transport_get_write_buffer_size(transport) > 0));
    send(peer, "late", 4, 0);
    gyre_transport_close(transport);
    gyre_transport_close(transport);
    printf("closing %s reading %s\n", py_bool(gyre_transport_is_closing(transport)),
           py_bool(gyre_transport_is_reading(transport)));
    gyre_transport_write(transport, bytes, 100);
    gyre_transport_write(transport, "", 0);
}

static void drain_peer(gyre_loop *loop, int peer)
{
    gyre_future *drained;
    int got;

    gyre_loop_run_in_executor(loop, &drained, NULL, oracle_drain, &peer);
    got = oracle_await(drained);
    oracle_await(lost);
    printf("peer got everything written before close: %s\n", py_bool(got >= SIZE && got <= SIZE + 100));
    close(peer);
}

static int run(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();
    gyre_transport *transport;
    int peer;

    lost = gyre_loop_create_future(loop);
    peer = oracle_connect(&transport, &protocol, NULL);
    write_and_close(transport, peer);
    gyre_sleep(.05);
    printf("lost before flush: %s\n", py_bool(gyre_future_done(lost)));
    drain_peer(loop, peer);
    gyre_transport_unref(transport);
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
