/* test_limits_paced.c - what puts a limit on silence off: peers that are slow, and not too slow; in virtual
 * time, where a machine that is slow changes nothing.
 */
#include "net_peer.h"
#include "unit.h"
#include <errno.h>
#include <gyre/datagram.h>
#include <gyre/task.h>
#include <netinet/in.h>

static struct diary there, here; /* the server's end, and the client's */
static gyre_server *server;

static void connect_both(void)
{
    memset(&there, 0, sizeof there);
    memset(&here, 0, sizeof here);
    assert_int_equal(gyre_loop_create_server(loop, &server, &net_diary, .host = "127.0.0.1", .arg = &there),
                     0);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1",
                                                 .port = gyre_server_get_port(server), .arg = &here),
                     0);
    while (!there.made)
        gyre_sleep(0.01);
}

static void part(void)
{
    gyre_server_abort_clients(server);
    gyre_server_close(server);
    gyre_server_wait_closed(server);
    gyre_server_unref(server);
    while (!here.lost)
        gyre_sleep(0.01);
}

/* Silence from `begun` on is told in time: not early, and not much later. */
static void await_timeout(double begun)
{
    double late;

    while (!here.lost)
        gyre_sleep(0.01);
    late = gyre_loop_time(loop) - begun;
    assert_int_equal(here.err, -ETIMEDOUT);
    assert_true(late >= 3 && late < 3.2);
}

static int talk_both_ways(void *arg)
{
    double last = 0;

    connect_both();
    gyre_transport_set_timeouts(here.transport, .idle = 3);
    for (int i = 0; i < 16; i++) {
        gyre_sleep(2);
        assert_int_equal(here.lost, 0);
        last = gyre_loop_time(loop);
        gyre_transport_write(i < 8 ? there.transport : here.transport, "x", 1);
    }
    await_timeout(last);
    part();
    return 0;
}

static void reading_and_writing_put_idle_off(void **state)
{
    assert_int_equal(run_main(talk_both_ways, NULL), 0);
}

static int talk_one_way(void *arg)
{
    double last = 0;

    connect_both();
    gyre_transport_set_timeouts(here.transport, .read = 3);
    for (int i = 0; i < 8; i++) {
        gyre_sleep(2);
        assert_int_equal(here.lost, 0);
        last = gyre_loop_time(loop);
        gyre_transport_write(there.transport, "x", 1);
    }
    for (int i = 0; i < 2; i++) {
        gyre_sleep(1.4);
        gyre_transport_write(here.transport, "y", 1);
    }
    await_timeout(last);
    part();
    return 0;
}

static void only_reading_puts_read_off(void **state)
{
    assert_int_equal(run_main(talk_one_way, NULL), 0);
}

static void read_once(struct diary *diary)
{
    gyre_transport_pause_reading(diary->transport);
}

/* A slow reader is no stalled one. */
static int read_slowly(void *arg)
{
    static const char bytes[200000];
    double last = 0;

    connect_both();
    there.on_data = read_once;
    gyre_transport_set_timeouts(here.transport, .write_stall = 3);
    gyre_transport_write(here.transport, bytes, sizeof bytes);
    while (there.received < sizeof bytes / 2) {
        gyre_sleep(2);
        assert_int_equal(here.lost, 0);
        last = gyre_loop_time(loop);
        gyre_transport_resume_reading(there.transport);
    }
    await_timeout(last);
    part();
    return 0;
}

static void progress_puts_a_stall_off(void **state)
{
    assert_int_equal(run_main(read_slowly, NULL), 0);
}

/* --- datagrams --- */

struct endpoint {
    gyre_transport *transport;
    int received, lost, err;
};

static void *create(void *endpoint)
{
    return endpoint;
}

static void be_made(void *self, gyre_transport *transport)
{
    ((struct endpoint *)self)->transport = transport;
}

static void be_lost(void *self, int err)
{
    struct endpoint *endpoint = self;

    endpoint->lost++;
    endpoint->err = err;
}

static void receive(void *self, const void *bytes, size_t len, const struct sockaddr *from, socklen_t size)
{
    ((struct endpoint *)self)->received++;
}

static const gyre_datagram_protocol of_endpoint = {
    .create = create, .connection_made = be_made, .connection_lost = be_lost, .datagram_received = receive};

/* Empty ones too. */
static void send_and_stop(struct endpoint *sender, struct endpoint *receiver)
{
    const struct sockaddr_storage *name =
        gyre_transport_get_extra_info(receiver->transport, "sockname", NULL);
    struct sockaddr_storage own = *name;
    double last = 0;

    for (int i = 0; i < 4; i++) {
        gyre_sleep(2);
        assert_int_equal(receiver->lost, 0);
        last = gyre_loop_time(loop);
        gyre_transport_sendto(sender->transport, "", 0, (struct sockaddr *)&own, sizeof(struct sockaddr_in));
    }
    while (!receiver->lost)
        gyre_sleep(0.01);
    assert_int_equal(receiver->err, -ETIMEDOUT);
    assert_int_equal(receiver->received, 4);
    assert_true(gyre_loop_time(loop) - last >= 3 && gyre_loop_time(loop) - last < 3.2);
}

static int send_datagrams(void *arg)
{
    struct endpoint sender = {0}, receiver = {0};
    const gyre_transport_timeouts *limit = arg;

    gyre_loop_create_datagram_endpoint(loop, NULL, &of_endpoint, .local_host = "127.0.0.1", .arg = &sender);
    gyre_loop_create_datagram_endpoint(loop, NULL, &of_endpoint, .local_host = "127.0.0.1", .arg = &receiver);
    gyre_transport_set_timeouts(receiver.transport, .idle = limit->idle, .read = limit->read);
    send_and_stop(&sender, &receiver);
    gyre_transport_close(sender.transport);
    while (!sender.lost)
        gyre_sleep(0.01);
    return 0;
}

static void datagrams_put_silence_off(void **state)
{
    assert_int_equal(run_main(send_datagrams, &(gyre_transport_timeouts){.idle = 3}), 0);
    assert_int_equal(run_main(send_datagrams, &(gyre_transport_timeouts){.read = 3}), 0);
}

static int open_paced(void **state)
{
    loop = gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_latency = 0.01, .sim_buffer = 4096);
    gyre_set_event_loop(loop);
    return loop ? 0 : -1;
}

#define PACED(test) cmocka_unit_test_setup_teardown(test, open_paced, close_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PACED(reading_and_writing_put_idle_off),
        PACED(only_reading_puts_read_off),
        PACED(progress_puts_a_stall_off),
        PACED(datagrams_put_silence_off),
    };

    alarm(60);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
