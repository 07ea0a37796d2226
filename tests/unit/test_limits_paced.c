/* test_limits_paced.c - what puts a limit on silence off: peers that are slow, and not too slow; in virtual
 * time, where a machine that is slow changes nothing.
 */
#include "net_mail.h"
#include "unit.h"
#include <errno.h>
#include <gyre/task.h>

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

/* Silence from `begun` on is told now: not early, and not much later. */
static void assert_in_time(double begun)
{
    double late = gyre_loop_time(loop) - begun;

    assert_true(late >= 3 && late < 3.2);
}

static void await_timeout(double begun)
{
    while (!here.lost)
        gyre_sleep(0.01);
    assert_int_equal(here.err, -ETIMEDOUT);
    assert_in_time(begun);
}

/* Says something now and then; when that was the last time. */
static double speak(struct diary *speaker)
{
    double last = 0;

    for (int i = 0; i < 8; i++) {
        gyre_sleep(2);
        assert_int_equal(here.lost, 0);
        last = gyre_loop_time(loop);
        gyre_transport_write(speaker->transport, "x", 1);
    }
    return last;
}

static int talk_both_ways(void *arg)
{
    connect_both();
    gyre_transport_set_timeouts(here.transport, .idle = 3);
    speak(&there);
    await_timeout(speak(&here));
    part();
    return 0;
}

static void reading_and_writing_put_idle_off(void **state)
{
    assert_int_equal(run_main(talk_both_ways, NULL), 0);
}

static int talk_one_way(void *arg)
{
    double last;

    connect_both();
    gyre_transport_set_timeouts(here.transport, .read = 3);
    last = speak(&there);
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

static struct mail sender, receiver;

/* Empty ones too. */
static int send_and_stop(void *arg)
{
    double last = 0;

    for (int i = 0; i < 4; i++) {
        gyre_sleep(2);
        assert_int_equal(receiver.lost, 0);
        last = gyre_loop_time(loop);
        net_send(&sender, "", net_mail_address(&receiver));
    }
    while (!receiver.lost)
        gyre_sleep(0.01);
    assert_string_equal(receiver.text, "made got:0 got:0 got:0 got:0 lost:-110 ");
    assert_in_time(last);
    return 0;
}

static void receive_within(double idle, double read)
{
    memset(&sender, 0, sizeof sender);
    memset(&receiver, 0, sizeof receiver);
    net_endpoint(loop, &sender);
    net_endpoint(loop, &receiver);
    gyre_transport_set_timeouts(receiver.transport, .idle = idle, .read = read);
    assert_int_equal(run_main(send_and_stop, NULL), 0);
    net_mail_end(loop, &sender);
}

static void datagrams_put_silence_off(void **state)
{
    receive_within(3, 0);
    receive_within(0, 3);
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
