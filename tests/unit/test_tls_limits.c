/* test_tls_limits.c - silence, where TLS has given all away and a slow network has it still; virtual time. */
#include "tests/unit/tls_bed.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <gyre/server.h>
#include <gyre/task.h>

enum { MUCH = 40000, GONE = 1 };

static struct contexts {
    gyre_tls_context *server, *client;
} contexts;
static gyre_transport *hearer;
static size_t received;
static int lost;

static void meet(void *self, gyre_transport *transport)
{
    hearer = transport;
}

static void hear(void *self, const void *data, size_t len)
{
    received += len;
}

static void lose(void *self, int err)
{
    lost = err ? err : GONE;
}

static const gyre_protocol hearing = {.size = 1, .connection_made = meet, .data_received = hear};
static const gyre_protocol saying = {.size = 1, .connection_lost = lose};

static void serve_and_dial(gyre_server **server, gyre_transport **transport)
{
    assert_int_equal(
        gyre_loop_create_server(loop, server, &hearing, .host = "127.0.0.1", .ssl = contexts.server), 0);
    assert_int_equal(gyre_loop_create_connection(loop, transport, &saying, .host = "127.0.0.1",
                                                 .port = gyre_server_get_port(*server),
                                                 .ssl = contexts.client, .ssl_shutdown_timeout = 3),
                     0);
}

static void end(gyre_server *server, gyre_transport *transport)
{
    gyre_transport_unref(transport);
    gyre_server_close(server);
    gyre_server_unref(server);
}

/* Four thousand bytes a second: ten seconds of work below, while nobody above does anything. */
static int send_slowly(void *arg)
{
    static char bytes[MUCH];
    gyre_transport *transport;
    gyre_server *server;

    serve_and_dial(&server, &transport);
    gyre_transport_set_timeouts(transport, .idle = 3);
    gyre_transport_write(transport, bytes, MUCH);
    assert_int_equal(gyre_transport_get_write_buffer_size(transport), 0);
    while (received < MUCH && !lost)
        gyre_sleep(1);
    assert_int_equal(received, MUCH);
    assert_int_equal(lost, 0);
    gyre_sleep(4);
    assert_int_equal(lost, -ETIMEDOUT);
    end(server, transport);
    return 0;
}

/* A limit on stalls takes the place of the shutdown's as long as bytes are before the goodbye. */
static int part_slowly(void *arg)
{
    size_t size = *(size_t *)arg;
    char *bytes = calloc(1, size);
    gyre_transport *transport;
    gyre_server *server;

    serve_and_dial(&server, &transport);
    while (!hearer)
        gyre_sleep(1);
    gyre_transport_pause_reading(hearer);
    gyre_transport_set_timeouts(transport, .write_stall = 60);
    gyre_transport_write(transport, bytes, size);
    free(bytes);
    gyre_transport_close(transport);
    gyre_sleep(30);
    assert_int_equal(lost, 0);
    gyre_transport_resume_reading(hearer);
    while (!lost)
        gyre_sleep(1);
    assert_int_equal(received, size);
    assert_int_equal(lost, GONE);
    end(server, transport);
    return 0;
}

static int open_slow(void **state)
{
    loop = gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_latency = 0.5, .sim_buffer = 4096);
    gyre_set_event_loop(loop);
    gyre_tls_context_new(&contexts.server, .server_side = true, .certfile = tls_file("server.pem"));
    gyre_tls_context_new(&contexts.client, .cafile = tls_file("ca.pem"));
    hearer = NULL;
    received = 0;
    lost = 0;
    return loop ? 0 : -1;
}

static int close_slow(void **state)
{
    gyre_tls_context_unref(contexts.server);
    gyre_tls_context_unref(contexts.client);
    return close_loop(state);
}

static void test_bytes_on_their_way_are_no_silence(void **state)
{
    assert_int_equal(run_main(send_slowly, NULL), 0);
}

/* All of them below TLS already. */
static void test_a_goodbye_behind_slow_bytes(void **state)
{
    assert_int_equal(run_main(part_slowly, &(size_t){60000}), 0);
}

/* More than TLS hands down at once. */
static void test_a_goodbye_behind_many_slow_bytes(void **state)
{
    assert_int_equal(run_main(part_slowly, &(size_t){400000}), 0);
}

#define SLOWLY(test) cmocka_unit_test_setup_teardown(test, open_slow, close_slow)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SLOWLY(test_bytes_on_their_way_are_no_silence),
        SLOWLY(test_a_goodbye_behind_slow_bytes),
        SLOWLY(test_a_goodbye_behind_many_slow_bytes),
    };

    alarm(60);
    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
