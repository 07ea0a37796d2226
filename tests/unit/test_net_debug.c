/* In debug mode: transports that the program leaves open, those that it uses on another thread, and
 * methods that take too long. */
#include "net_peer.h"
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static int setup(void **state)
{
    int err = net_setup(state);

    gyre_loop_set_debug(*state, true);
    return err;
}

static void an_open_transport_is_told_when_the_loop_closes(void **state)
{
    struct diary diary = {0};
    int peer = net_pair(*state, &diary);

    gyre_loop_close(*state);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.message, "unclosed transport");
    assert_true(report.transport);
    assert_int_equal(diary.lost, 1);
    close(peer);
}

static void a_closed_one_is_not(void **state)
{
    struct diary diary = {0};
    int peer = net_pair(*state, &diary);

    gyre_transport_close(diary.transport);
    gyre_loop_close(*state);
    assert_int_equal(report.count, 0);
    close(peer);
}

static void nor_without_debug_mode(void **state)
{
    struct diary diary = {0};
    int peer = net_pair(*state, &diary);

    gyre_loop_set_debug(*state, false);
    gyre_loop_close(*state);
    assert_int_equal(report.count, 0);
    close(peer);
}

/* What the methods returned on another thread. */
static int wrote, ended;

static void *use(void *transport)
{
    wrote = gyre_transport_write(transport, "x", 1);
    ended = gyre_transport_write_eof(transport);
    return NULL;
}

static void visit(void *transport)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, use, transport), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void methods_on_another_thread_are_refused(void **state)
{
    struct diary diary = {0};
    int peer = net_pair(*state, &diary);

    gyre_loop_call_soon(*state, visit, diary.transport);
    net_turns(*state, 2);
    assert_int_equal(wrote, GYRE_EWRONGTHREAD);
    assert_int_equal(ended, GYRE_EWRONGTHREAD);
    gyre_transport_abort(diary.transport);
    net_turns(*state, 2);
    close(peer);
}

static void dawdle(struct diary *diary)
{
    usleep(30000);
}

static void a_slow_data_received_is_told(void **state)
{
    struct diary diary = {.on_data = dawdle};
    int peer = net_pair(*state, &diary);

    gyre_loop_set_slow_callback_duration(*state, 0.02);
    assert_int_equal(write(peer, "x", 1), 1);
    while (!diary.received)
        net_step(*state);
    assert_int_equal(report.count, 1);
    assert_memory_equal(report.message, "Executing <Handle data_received> took ", 38);
    gyre_loop_set_slow_callback_duration(*state, 10);
    net_finish(*state, &diary, peer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, net_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_open_transport_is_told_when_the_loop_closes),
        TEST(a_closed_one_is_not),
        TEST(nor_without_debug_mode),
        TEST(methods_on_another_thread_are_refused),
        TEST(a_slow_data_received_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
