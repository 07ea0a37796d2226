/* The marks of flow control: strictly over, at or below, in pairs, and inline. */
#include "net/transport.h"
#include "net_peer.h"
#include "net_system.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BIG = 4 << 20 };

static char data[BIG];

static void read_some(int peer)
{
    recv(peer, data, sizeof data, MSG_DONTWAIT);
}

static void expect_limits(gyre_transport *transport, size_t low, size_t high)
{
    size_t got_low, got_high;

    gyre_transport_get_write_buffer_limits(transport, &got_low, &got_high);
    gyre_transport_get_write_buffer_limits(transport, NULL, NULL);
    assert_int_equal(got_low, low);
    assert_int_equal(got_high, high);
}

/* test_transports.py::TransportTests::test_flowcontrol_mixin_set_write_limits,
 * uv:test_tcp.py::Test_UV_TCP::test_flowcontrol_mixin_set_write_limits */
static void the_marks_and_their_defaults(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    gyre_transport *transport = diary.transport;

    expect_limits(transport, 16 * 1024, 64 * 1024);
    assert_int_equal(gyre_transport_set_write_buffer_limits(transport, 1024, 128), 0);
    expect_limits(transport, 128, 1024);
    assert_int_equal(gyre_transport_set_write_buffer_limits(transport, 1, 2), GYRE_EVALUE);
    assert_int_equal(gyre_transport_set_write_buffer_limits(transport, -2, -1), GYRE_EVALUE);
    assert_int_equal(gyre_transport_set_write_buffer_limits(transport, -1, -2), GYRE_EVALUE);
    expect_limits(transport, 128, 1024);
    assert_int_equal(gyre_transport_set_write_buffer_limits(transport, 0, -1), 0);
    expect_limits(transport, 0, 0);
    assert_int_equal(gyre_transport_set_write_buffer_limits(transport, -1, 100), 0);
    expect_limits(transport, 100, 400);
    assert_int_equal(gyre_transport_set_write_buffer_limits(transport, -1, PTRDIFF_MAX), 0);
    expect_limits(transport, PTRDIFF_MAX, PTRDIFF_MAX);
    assert_int_equal(gyre_transport_set_write_buffer_limits(transport, -1, -1), 0);
    expect_limits(transport, 16 * 1024, 64 * 1024);
    net_finish(loop, &diary, peer);
}

/* T28 S4 - S7 */
static void pause_is_inline_and_strictly_over(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    size_t size;

    gyre_transport_set_write_buffer_limits(diary.transport, 64 << 20, -1);
    gyre_transport_write(diary.transport, data, BIG);
    size = gyre_transport_get_write_buffer_size(diary.transport);
    assert_true(size > 0);
    gyre_transport_set_write_buffer_limits(diary.transport, (ptrdiff_t)size, 0);
    assert_int_equal(diary.pauses, 0);
    gyre_transport_write(diary.transport, "y", 1);
    assert_int_equal(diary.pauses, 1);
    gyre_transport_write(diary.transport, data, 1000);
    assert_int_equal(diary.pauses, 1);
    while (!diary.resumes) {
        read_some(peer);
        net_step(loop);
    }
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 0);
    assert_int_equal(diary.resumes, 1);
    net_finish(loop, &diary, peer);
}

static void a_lowered_mark_pauses_at_once(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    gyre_transport_set_write_buffer_limits(diary.transport, 64 << 20, -1);
    gyre_transport_write(diary.transport, data, BIG);
    assert_int_equal(diary.pauses, 0);
    gyre_transport_set_write_buffer_limits(diary.transport, 100, -1);
    assert_int_equal(diary.pauses, 1);
    net_finish(loop, &diary, peer);
    assert_int_equal(diary.resumes, 0);
}

static void writelines_pauses_too(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct iovec pieces[2] = {{data, BIG / 2}, {data, BIG / 2}};
    int peer = net_pair(loop, &diary);

    gyre_transport_writelines(diary.transport, pieces, 2);
    assert_int_equal(diary.pauses, 1);
    net_finish(loop, &diary, peer);
}

static void owned_writes_pause_too(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    gyre_transport_write_owned(diary.transport, data, BIG, NULL, NULL);
    assert_int_equal(diary.pauses, 1);
    net_finish(loop, &diary, peer);
}

static void write_more(struct diary *diary)
{
    if (diary->resumes < 5)
        gyre_transport_write(diary->transport, data, BIG);
}

/* Every pause has its resume, also when resume_writing writes again; and after each pause there is one. */
static void pauses_and_resumes_alternate(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_resume = write_more};
    int peer = net_pair(loop, &diary);

    gyre_transport_write(diary.transport, data, BIG);
    while (diary.resumes < 5) {
        read_some(peer);
        net_step(loop);
    }
    assert_int_equal(diary.pauses, 5);
    assert_string_equal(diary.text, "made pause resume pause resume pause resume pause resume pause resume ");
    net_finish(loop, &diary, peer);
}

static void abort_it(struct diary *diary)
{
    gyre_transport_abort(diary->transport);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary->transport), 0);
}

/* T39, T28: re-entrant abort in pause_writing; no resume for a dropped buffer. */
static void abort_in_pause_writing(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_pause = abort_it};
    int peer = net_pair(loop, &diary);

    assert_int_equal(gyre_transport_write(diary.transport, data, BIG), 0);
    assert_int_equal(diary.lost, 0);
    net_turns(loop, 3);
    assert_string_equal(diary.text, "made pause lost:0 ");
    net_finish(loop, &diary, peer);
}

static void write_in_pause(struct diary *diary)
{
    gyre_transport_write(diary->transport, data, 100000);
}

static void writing_in_pause_writing_is_buffered(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_pause = write_in_pause};
    int peer = net_pair(loop, &diary);
    size_t size;

    net_system_watch(loop);
    gyre_transport_write(diary.transport, data, BIG);
    size = gyre_transport_get_write_buffer_size(diary.transport);
    assert_int_equal(size + net_system.sent, BIG + 100000);
    assert_int_equal(diary.pauses, 1);
    net_finish(loop, &diary, peer);
}

static void close_it(struct diary *diary)
{
    gyre_transport_close(diary->transport);
}

/* seed: connection_lost "exactly once", also when resume_writing closes (oracle S01). */
static void close_in_resume_writing(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_resume = close_it};
    int peer = net_pair(loop, &diary);

    gyre_transport_set_write_buffer_limits(diary.transport, 0, -1);
    gyre_transport_write(diary.transport, data, BIG);
    while (!diary.lost) {
        read_some(peer);
        net_step(loop);
    }
    net_run(loop, 0.01);
    assert_string_equal(diary.text, "made pause resume lost:0 ");
    net_finish(loop, &diary, peer);
}

static void write_to_the_other(struct diary *diary)
{
    struct diary *other = diary->arg;

    gyre_transport_write(other->transport, "tick", 4);
}

/* uv:test_tcp.py::_TestTCP::test_resume_writing_write_different_transport */
static void resume_writing_may_write_elsewhere(void **state)
{
    gyre_loop *loop = *state;
    struct diary other = {0};
    struct diary diary = {.on_resume = write_to_the_other, .arg = &other};
    int peer = net_pair(loop, &diary), far = net_pair(loop, &other);
    char text[8];

    gyre_transport_write(diary.transport, data, BIG);
    while (!diary.resumes) {
        read_some(peer);
        net_step(loop);
    }
    assert_int_equal(recv(far, text, sizeof text, MSG_DONTWAIT), 4);
    net_finish(loop, &diary, peer);
    net_finish(loop, &other, far);
}

/* For a release that writes. */
struct chain {
    gyre_transport *transport;
    int peer;
    size_t left;
};

static void write_too_much(void *arg)
{
    struct chain *chain = arg;

    gyre_transport_write(chain->transport, data, sizeof data);
    chain->left = gyre_transport_get_write_buffer_size(chain->transport);
    read_some(chain->peer);
}

/* The kernel has refused more: what began to send before that waits too, until the socket is writable. */
static void a_release_that_writes_too_much(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct chain chain = {.peer = net_pair(loop, &diary)};

    chain.transport = diary.transport;
    assert_int_equal(gyre_transport_write_owned(diary.transport, "x", 1, write_too_much, &chain), 0);
    assert_true(chain.left > 0);
    assert_int_equal(diary.pauses, 1);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), chain.left);
    gyre_transport_abort(diary.transport);
    net_finish(loop, &diary, chain.peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_marks_and_their_defaults, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(pause_is_inline_and_strictly_over, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_lowered_mark_pauses_at_once, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(writelines_pauses_too, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(owned_writes_pause_too, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(pauses_and_resumes_alternate, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(abort_in_pause_writing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_release_that_writes_too_much, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(writing_in_pause_writing_is_buffered, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(close_in_resume_writing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(resume_writing_may_write_elsewhere, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
