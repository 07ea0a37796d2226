/* Limits on silence: never early, one timer, and each counts only what it is about. */
#include "net/transport.h"
#include "net_peer.h"
#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char data[4 << 20];

static void nothing_at_all_is_idle(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    double begun = gyre_loop_time(loop);

    gyre_transport_set_timeouts(diary.transport, .idle = 0.05);
    while (!diary.lost)
        net_step(loop);
    assert_true(gyre_loop_time(loop) - begun >= 0.05);
    assert_int_equal(diary.err, -ETIMEDOUT);
    assert_int_equal(report.count, 0);
    net_finish(loop, &diary, peer);
}

static void read_counts_input_alone(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    gyre_transport_set_timeouts(diary.transport, .read = 0.05);
    while (!diary.lost) {
        gyre_transport_write(diary.transport, "y", 1);
        net_step(loop);
    }
    assert_int_equal(diary.err, -ETIMEDOUT);
    net_finish(loop, &diary, peer);
}

/* While reading is paused nobody is late; after resume the whole time is there again. */
static void read_does_not_count_while_paused(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    double begun;

    gyre_transport_set_timeouts(diary.transport, .read = 0.05);
    gyre_transport_pause_reading(diary.transport);
    net_run(loop, 0.1);
    assert_int_equal(diary.lost, 0);
    begun = gyre_loop_time(loop);
    gyre_transport_resume_reading(diary.transport);
    while (!diary.lost)
        net_step(loop);
    assert_true(gyre_loop_time(loop) - begun >= 0.05);
    net_finish(loop, &diary, peer);
}

static void a_stalled_write_is_lost_also_while_closing(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    gyre_transport_set_timeouts(diary.transport, .write_stall = 0.05);
    net_run(loop, 0.1);
    assert_int_equal(diary.lost, 0);
    gyre_transport_write(diary.transport, data, sizeof data);
    gyre_transport_close(diary.transport);
    while (!diary.lost)
        net_step(loop);
    assert_int_equal(diary.err, -ETIMEDOUT);
    net_finish(loop, &diary, peer);
}

static void zero_switches_them_off(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_loop_stats stats;
    int peer = net_pair(loop, &diary);

    gyre_transport_set_timeouts(diary.transport, .idle = 0.03, .read = 0.03);
    gyre_transport_set_timeouts(diary.transport, .idle = 0);
    net_run(loop, 0.06);
    assert_int_equal(diary.lost, 0);
    assert_null(diary.transport->limits);
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.timers, 0);
    net_finish(loop, &diary, peer);
}

/* Events cost no timer: a thousand reads leave one. */
static void one_timer_serves_all(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_loop_stats stats;
    int peer = net_pair(loop, &diary);

    gyre_transport_set_timeouts(diary.transport, .idle = 100, .read = 100, .write_stall = 100);
    for (int i = 0; i < 1000; i++) {
        write(peer, "x", 1);
        net_turns(loop, 1);
    }
    while (diary.received < 1000)
        net_turns(loop, 1);
    gyre_loop_get_stats(loop, &stats);
    assert_int_equal(stats.timers, 1);
    net_finish(loop, &diary, peer);
}

static void block_for_a_while(void *arg)
{
    struct timespec pause = {0, 80000000};
    struct diary *diary = arg;

    nanosleep(&pause, NULL);
    gyre_transport_set_timeouts(diary->transport, .idle = 0.05);
}

/* The time that a callback blocked the loop before is not the peer's. */
static void limits_count_from_when_they_were_set(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    double begun = gyre_loop_time(loop);

    gyre_loop_call_soon(loop, block_for_a_while, &diary);
    while (!diary.lost)
        net_step(loop);
    assert_true(gyre_loop_time(loop) - begun >= 0.13);
    net_finish(loop, &diary, peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_at_all_is_idle, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(read_counts_input_alone, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(read_does_not_count_while_paused, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_stalled_write_is_lost_also_while_closing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(zero_switches_them_off, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(one_timer_serves_all, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(limits_count_from_when_they_were_set, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
