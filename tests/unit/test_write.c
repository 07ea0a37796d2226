/* Writing: what is sent at once, what waits for whom, what is copied, and that the order of bytes is kept. */
#include "net/transport.h"
#include "net_peer.h"
#include "net_system.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BIG = 4 << 20 };

static char data[BIG];

/* test_selector_events.py::SelectorSocketTransportTests::test_write; 17 S7: now, while the loop does not run.
 */
static void a_write_outside_the_loop_reaches_the_kernel_now(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char text[8];

    assert_int_equal(gyre_transport_write(diary.transport, "abc", 3), 0);
    assert_int_equal(recv(peer, text, sizeof text, MSG_DONTWAIT), 3);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_no_data,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_sendmsg_no_data: nor does it touch what
 * waits. */
static void nothing_is_no_write(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct iovec empty[2] = {{NULL, 0}, {NULL, 0}};
    int peer = net_pair(loop, &diary);

    net_system_watch(loop);
    assert_int_equal(gyre_transport_write(diary.transport, NULL, 0), 0);
    assert_int_equal(gyre_transport_writelines(diary.transport, NULL, 0), 0);
    assert_int_equal(gyre_transport_writelines(diary.transport, empty, 2), 0);
    assert_int_equal(net_system.sends, 0);
    net_system.send_error = -EAGAIN;
    gyre_transport_write(diary.transport, "data", 4);
    assert_int_equal(gyre_transport_write(diary.transport, "", 0), 0);
    assert_int_equal(net_system.sends, 1);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 4);
    net_system.send_error = 0;
    net_finish(loop, &diary, peer);
}

static void write_three(struct diary *diary)
{
    gyre_transport_write(diary->transport, "one", 3);
    gyre_transport_write(diary->transport, "two", 3);
    gyre_transport_write(diary->transport, "three", 5);
    diary->arg = (void *)(intptr_t)net_system.sends;
}

/* One send for all that a method writes, when the method returns. */
static void a_methods_writes_leave_together(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = write_three};
    int peer = net_pair(loop, &diary);
    char text[16];

    net_system_watch(loop);
    write(peer, "x", 1);
    while (!diary.received)
        net_step(loop);
    assert_int_equal((intptr_t)diary.arg, 0);
    assert_int_equal(net_system.sends, 1);
    assert_int_equal(read(peer, text, sizeof text), 11);
    assert_memory_equal(text, "onetwothree", 11);
    net_finish(loop, &diary, peer);
}

static void write_from_a_callback(void *arg)
{
    struct diary *diary = arg;

    write_three(diary);
    gyre_transport_write(diary->transport, "!", 1);
}

/* T38: other writes leave before the poll, together. */
static void a_callbacks_writes_leave_before_the_poll(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char text[16];

    net_system_watch(loop);
    gyre_loop_call_soon(loop, write_from_a_callback, &diary);
    net_turns(loop, 1);
    assert_int_equal(net_system.sends, 1);
    assert_int_equal(read(peer, text, sizeof text), 12);
    net_finish(loop, &diary, peer);
}

static void write_and_stop(void *arg)
{
    write_from_a_callback(arg);
    gyre_loop_stop(gyre_get_event_loop());
}

/* T38: what a timer wrote in the very last turn is sent before the run ends. */
static void stopping_the_loop_sends_what_waits(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char text[16];

    gyre_loop_call_later(loop, 0.001, write_and_stop, &diary);
    gyre_loop_run_forever(loop);
    assert_int_equal(recv(peer, text, sizeof text, MSG_DONTWAIT), 12);
    net_finish(loop, &diary, peer);
}

static void write_16_kib(struct diary *diary)
{
    gyre_transport_write(diary->transport, data, 8 * 1024 - 1);
    gyre_transport_write(diary->transport, data, 8 * 1024 - 1);
    gyre_transport_write(diary->transport, data, 1);
    assert_int_equal(net_system.sends, 0);
    gyre_transport_write(diary->transport, data, 1);
    assert_int_equal(net_system.sends, 1);
}

static void the_batch_stays_below_16_kib(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = write_16_kib};
    int peer = net_pair(loop, &diary);

    net_system_watch(loop);
    write(peer, "x", 1);
    while (!diary.received)
        net_step(loop);
    assert_int_equal(net_system.sent, 16 * 1024);
    net_finish(loop, &diary, peer);
}

static void write_8_kib(struct diary *diary)
{
    gyre_transport_write(diary->transport, data, 1);
    gyre_transport_write(diary->transport, data, 8 * 1024);
    assert_int_equal(net_system.sends, 1);
    assert_int_equal(net_system.pieces, 2);
}

/* It takes along what waits, and is not copied itself. */
static void a_large_write_leaves_at_once(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = write_8_kib};
    int peer = net_pair(loop, &diary);

    net_system_watch(loop);
    write(peer, "x", 1);
    while (!diary.received)
        net_step(loop);
    assert_int_equal(net_system.sends, 1);
    net_finish(loop, &diary, peer);
}

static void write_with_a_low_mark(struct diary *diary)
{
    gyre_transport_set_write_buffer_limits(diary->transport, 10, 0);
    gyre_transport_write(diary->transport, data, 9);
    assert_int_equal(net_system.sends, 0);
    gyre_transport_write(diary->transport, data, 1);
    assert_int_equal(net_system.sends, 1);
}

static void the_batch_stays_below_the_high_mark(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = write_with_a_low_mark};
    int peer = net_pair(loop, &diary);

    net_system_watch(loop);
    write(peer, "x", 1);
    while (!diary.received)
        net_step(loop);
    assert_int_equal(diary.pauses, 0);
    net_finish(loop, &diary, peer);
}

static void write_big(struct diary *diary)
{
    gyre_transport_write(diary->transport, data, 20000);
    diary->arg = (void *)(intptr_t)net_system.sends;
    assert_int_equal(diary->transport->out.size, 0);
    assert_null(diary->transport->net->pool.free);
}

/* 16 KiB and more go straight from the caller's memory: no chunk was touched. */
static void a_large_write_is_not_copied(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_data = write_big};
    int peer = net_pair(loop, &diary);

    net_system_watch(loop);
    write(peer, "x", 1);
    while (!diary.received)
        net_step(loop);
    assert_int_equal((intptr_t)diary.arg, 1);
    net_finish(loop, &diary, peer);
}

/* Reads everything that comes until EOF, while the loop runs. */
static size_t pump(gyre_loop *loop, int peer, char *to, size_t room)
{
    size_t got = 0;

    for (;;) {
        ssize_t some = recv(peer, to + got, room - got, MSG_DONTWAIT);

        if (some == 0)
            return got;
        if (some > 0)
            got += (size_t)some;
        else
            net_step(loop);
    }
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_partial,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_ready_partial,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_sendmsg_partial */
static void what_the_kernel_refuses_is_copied(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char *copy = malloc(BIG), *got = malloc(BIG);

    for (int i = 0; i < BIG; i++)
        copy[i] = data[i] = (char)(i * 7 + i / 1000);
    assert_int_equal(gyre_transport_write(diary.transport, data, BIG), 0);
    assert_true(gyre_transport_get_write_buffer_size(diary.transport) > 0);
    /* T31: the caller may use its memory again. */
    memset(data, 0, BIG);
    gyre_transport_close(diary.transport);
    assert_int_equal(pump(loop, peer, got, BIG), BIG);
    assert_memory_equal(got, copy, BIG);
    free(copy);
    free(got);
    net_finish(loop, &diary, peer);
}

static void count(void *arg)
{
    ++*(int *)arg;
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_buffer,
 * test_selector_events.py::SelectorSocketTransportTests::test_writelines_sendmsg_partial,
 * test_selector_events.py::SelectorSocketTransportTests::test_writelines_send_partial,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_sendmsg_half_buffer,
 * uv:test_tcp.py::Test_UV_TCP::test_many_small_writes */
static void any_mix_keeps_the_order(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char *sent = malloc(2 * BIG), *got = malloc(2 * BIG);
    char *owned = malloc(BIG);
    size_t used = 0;
    int released = 0, owners = 0;

    srand(3);
    net_system_watch(loop);
    net_system.most = 5000;
    for (int i = 0; i < BIG; i++)
        owned[i] = (char)rand();
    while (used < BIG) {
        size_t len = (size_t)(rand() % 3 ? rand() % 200 : rand() % 40000);
        const char *from = owned + rand() % 100000;
        struct iovec lines[4] = {
            {(char *)(uintptr_t)from, len / 2}, {NULL, 0}, {(char *)(uintptr_t)from, len}};

        assert_int_equal(diary.lost, 0);
        switch (rand() % 4) {
        case 0:
            gyre_transport_write(diary.transport, memcpy(data, from, len), len);
            memcpy(sent + used, from, len);
            memset(data, 0, len);
            break;
        case 1:
            gyre_transport_writelines(diary.transport, lines, 3);
            memcpy(sent + used, from, len / 2);
            memcpy(sent + used + len / 2, from, len);
            len += len / 2;
            break;
        case 2:
            gyre_transport_write_owned(diary.transport, from, len, count, &released);
            memcpy(sent + used, from, len);
            owners++;
            break;
        default:
            net_turns(loop, 1);
            recv(peer, got, 0, MSG_DONTWAIT);
            len = 0;
        }
        used += len;
    }
    gyre_transport_write_eof(diary.transport);
    net_system.most = 0;
    assert_int_equal(pump(loop, peer, got, 2 * BIG), used);
    assert_memory_equal(got, sent, used);
    assert_int_equal(released, owners);
    free(sent);
    free(got);
    net_finish(loop, &diary, peer);
    free(owned);
}

static void an_owner_hears_once_in_every_case(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    gyre_transport *transport = gyre_transport_ref(diary.transport);
    int released = 0;

    assert_int_equal(gyre_transport_write_owned(transport, "abc", 3, count, &released), 0);
    assert_int_equal(released, 1);
    gyre_transport_write_owned(transport, "", 0, count, &released);
    assert_int_equal(released, 2);
    gyre_transport_write_owned(transport, data, BIG, count, &released);
    assert_int_equal(released, 2);
    gyre_transport_write_owned(transport, "abc", 3, NULL, NULL);
    gyre_transport_abort(transport);
    assert_int_equal(released, 3);
    gyre_transport_write_owned(transport, "abc", 3, count, &released);
    assert_int_equal(released, 4);
    net_finish(loop, &diary, peer);
    gyre_transport_write_owned(transport, "abc", 3, count, &released);
    assert_int_equal(released, 5);
    gyre_transport_unref(transport);
}

static void write_again(void *arg)
{
    struct diary *diary = arg;

    if (diary->arg)
        gyre_transport_write(diary->transport, "second", 6);
    diary->arg = NULL;
}

/* An owner that writes in its release comes behind what was written before. */
static void an_owner_may_write(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char text[32] = "";

    diary.arg = &diary;
    net_system_watch(loop);
    gyre_transport_write_owned(diary.transport, data, BIG, NULL, NULL);
    gyre_transport_write_owned(diary.transport, "last", 4, write_again, &diary);
    while (gyre_transport_get_write_buffer_size(diary.transport)) {
        recv(peer, data, BIG, MSG_DONTWAIT);
        net_step(loop);
        assert_int_equal(diary.lost, 0);
    }
    while (strlen(text) < 10) {
        ssize_t some = read(peer, data, BIG);

        assert_true(some > 0);
        if (some >= 10)
            memcpy(text, data + some - 10, 10);
    }
    assert_string_equal(text, "lastsecond");
    net_finish(loop, &diary, peer);
}

static void writes_after_write_eof_are_errors(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int released = 0;
    int peer = net_pair(loop, &diary);
    struct iovec piece = {"x", 1};

    gyre_transport_write_eof(diary.transport);
    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Cannot call write() after write_eof()");
    assert_int_equal(gyre_transport_writelines(diary.transport, &piece, 1), GYRE_ERUNTIME);
    assert_int_equal(gyre_transport_write_owned(diary.transport, "x", 1, count, &released), GYRE_ERUNTIME);
    assert_int_equal(released, 1);
    gyre_transport_close(diary.transport);
    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), GYRE_ERUNTIME);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_closing; T29 */
static void writes_after_close_are_dropped(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct iovec piece = {"x", 1};
    int peer = net_pair(loop, &diary);

    gyre_transport_close(diary.transport);
    for (int i = 0; i < 10; i++)
        assert_int_equal(gyre_transport_write(diary.transport, "x", 1), 0);
    assert_int_equal(gyre_transport_writelines(diary.transport, &piece, 1), 0);
    net_turns(loop, 3);
    assert_int_equal(net_read_all(peer), 0);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_exception,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_sendmsg_OSError,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_ready_exception: write returns normally,
 * the loss is queued, nobody is told but connection_lost. */
static void a_send_error_is_fatal_and_quiet(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);

    net_system_watch(loop);
    net_system.send_error = -EPIPE;
    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), 0);
    assert_int_equal(diary.lost, 0);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 0);
    net_turns(loop, 3);
    assert_int_equal(diary.err, -EPIPE);
    assert_int_equal(report.count, 0);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_tryagain,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_ready_tryagain,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_ready,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_sendmsg_full,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_ready_no_data: and never when nothing
 * waits. */
static void a_full_kernel_is_asked_again_when_it_is_ready(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char text[8];

    net_system_watch(loop);
    net_system.send_error = -EAGAIN;
    gyre_transport_write(diary.transport, "abc", 3);
    assert_int_equal(net_system.sends, 1);
    gyre_transport_write(diary.transport, "def", 3);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 6);
    assert_int_equal(net_system.sends, 1);
    net_step(loop);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 6);
    net_system.send_error = 0;
    while (diary.transport->out.size)
        net_step(loop);
    assert_int_equal(read(peer, text, sizeof text), 6);
    net_system.sends = 0;
    net_turns(loop, 3);
    assert_int_equal(net_system.sends, 0);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_write_partial_none,
 * test_selector_events.py::SelectorSocketTransportTests::test_write_ready_partial_none */
static void a_kernel_that_takes_nothing_is_asked_again(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char text[8];

    net_system_watch(loop);
    net_system.takes_nothing = true;
    gyre_transport_write(diary.transport, "data", 4);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 4);
    net_step(loop);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 4);
    assert_true(net_system.sends > 1);
    net_system.takes_nothing = false;
    while (diary.transport->out.size)
        net_step(loop);
    assert_int_equal(read(peer, text, sizeof text), 4);
    assert_memory_equal(text, "data", 4);
    net_finish(loop, &diary, peer);
}

/* test_selector_events.py::SelectorSocketTransportTests::test_writelines_sendmsg_full,
 * test_selector_events.py::SelectorSocketTransportTests::test_writelines_send_full,
 * test_transports.py::TransportTests::test_writelines */
static void many_pieces_take_few_calls(void **state)
{
    enum { COUNT = 200 };
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct iovec pieces[COUNT];
    int peer = net_pair(loop, &diary);
    char text[2 * COUNT];

    for (int i = 0; i < COUNT; i++)
        pieces[i] = (struct iovec){"ab", 2};
    net_system_watch(loop);
    assert_int_equal(gyre_transport_writelines(diary.transport, pieces, COUNT), 0);
    assert_int_equal(net_system.sends, 4);
    assert_int_equal(gyre_transport_get_write_buffer_size(diary.transport), 0);
    assert_int_equal(read(peer, text, sizeof text), 2 * COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_memory_equal(text + 2 * i, "ab", 2);
    net_finish(loop, &diary, peer);
}

/* Sanitizers map more than any limit; and their malloc would abort. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* In a process of its own: a write that the memory cannot hold ends the connection, not the process. */
static int starve(void)
{
    struct rlimit limit = {(rlim_t)3 << 30, (rlim_t)3 << 30};
    gyre_loop *loop = gyre_get_event_loop();
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    /* Never read, only its size counts. */
    size_t len = (size_t)2 << 30;
    char *huge = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    setrlimit(RLIMIT_AS, &limit);
    gyre_transport_write(diary.transport, huge, len);
    assert_int_equal(diary.lost, 0);
    net_turns(loop, 3);
    close(peer);
    return diary.lost == 1 && diary.err == -ENOMEM ? 0 : 1;
}

static void a_write_too_large_for_memory_is_fatal_to_the_connection(void **state)
{
#ifdef SANITIZED
    skip();
#endif
    pid_t child = fork();
    int status;

    if (!child)
        _exit(starve());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_write_outside_the_loop_reaches_the_kernel_now, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_no_write, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_methods_writes_leave_together, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_callbacks_writes_leave_before_the_poll, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(stopping_the_loop_sends_what_waits, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_batch_stays_below_16_kib, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_large_write_leaves_at_once, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_batch_stays_below_the_high_mark, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_large_write_is_not_copied, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(what_the_kernel_refuses_is_copied, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(any_mix_keeps_the_order, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_owner_hears_once_in_every_case, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_owner_may_write, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(writes_after_write_eof_are_errors, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(writes_after_close_are_dropped, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_send_error_is_fatal_and_quiet, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_full_kernel_is_asked_again_when_it_is_ready, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(a_kernel_that_takes_nothing_is_asked_again, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(many_pieces_take_few_calls, net_setup, net_teardown),
        cmocka_unit_test(a_write_too_large_for_memory_is_fatal_to_the_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
