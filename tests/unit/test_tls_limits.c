/* test_tls_limits.c - silence, where TLS has given all away and a slow network has it still; virtual time. */
#include "tests/unit/tls_bed.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <gyre/server.h>
#include <gyre/task.h>

enum { MUCH = 40000 };

static size_t received;
static int lost;

static void hear(void *self, const void *data, size_t len)
{
    received += len;
}

static void lose(void *self, int err)
{
    lost = err ? err : 1;
}

static const gyre_protocol hearing = {.size = 1, .data_received = hear};
static const gyre_protocol saying = {.size = 1, .connection_lost = lose};

struct contexts {
    gyre_tls_context *server, *client;
};

static int serve_and_dial(gyre_server **server, gyre_transport **transport, const struct contexts *contexts)
{
    int err = gyre_loop_create_server(loop, server, &hearing, .host = "127.0.0.1", .ssl = contexts->server);

    return err ? err
               : gyre_loop_create_connection(loop, transport, &saying, .host = "127.0.0.1",
                                             .port = gyre_server_get_port(*server), .ssl = contexts->client);
}

/* Four thousand bytes a second: ten seconds of work below, while nobody above does anything. */
static int send_slowly(void *arg)
{
    static char bytes[MUCH];
    gyre_transport *transport;
    gyre_server *server;

    assert_int_equal(serve_and_dial(&server, &transport, arg), 0);
    gyre_transport_set_timeouts(transport, .idle = 3);
    gyre_transport_write(transport, bytes, MUCH);
    assert_int_equal(gyre_transport_get_write_buffer_size(transport), 0);
    while (received < MUCH && !lost)
        gyre_sleep(1);
    assert_int_equal(received, MUCH);
    assert_int_equal(lost, 0);
    gyre_sleep(4);
    assert_int_equal(lost, -ETIMEDOUT);
    gyre_transport_unref(transport);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

static int open_slow(void **state)
{
    loop = gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_latency = 0.5, .sim_buffer = 4096);
    gyre_set_event_loop(loop);
    return loop ? 0 : -1;
}

static void test_bytes_on_their_way_are_no_silence(void **state)
{
    struct contexts contexts;

    gyre_tls_context_new(&contexts.server, .server_side = true, .certfile = tls_file("server.pem"));
    gyre_tls_context_new(&contexts.client, .cafile = tls_file("ca.pem"));
    assert_int_equal(run_main(send_slowly, &contexts), 0);
    gyre_tls_context_unref(contexts.server);
    gyre_tls_context_unref(contexts.client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bytes_on_their_way_are_no_silence, open_slow, close_loop),
    };

    alarm(60);
    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
