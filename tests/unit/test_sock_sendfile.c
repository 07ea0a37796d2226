/* test_sock_sendfile.c - files on the program's own sockets: by sendfile(2), by reading, and each way to be
 * refused or cut short. */
#include "sock_bed.h"

#include "net_system.h"

enum { SIZE = 6 << 20, SMALL = 1000 };

static int file;                /* SIZE bytes, each told by its place */
static char want[SIZE];         /* what it holds */
static char came[SIZE + SMALL]; /* what came */
static int pair[2];             /* it goes from the first to the second */

static int open_file(void **state)
{
    int err = begin_group(state);
    FILE *made = tmpfile();

    for (int i = 0; i < SIZE; i++)
        want[i] = (char)(i * 7 + (i >> 8));
    assert_int_equal(fwrite(want, 1, SIZE, made), SIZE);
    fflush(made);
    file = dup(fileno(made));
    fclose(made);
    return err;
}

static int close_file(void **state)
{
    close(file);
    return end_group(state);
}

static int open_all(void **state)
{
    int err = open_loop(state);

    net_system_watch(loop);
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    return err;
}

static int close_all(void **state)
{
    close_both(pair);
    return close_loop(state);
}

/* A sendfile in a task of its own; then the end of the stream. */
struct order {
    gyre_sendfile_options options;
    int file;
    int64_t sent;
    gyre_task *task;
};

static int carry_out(void *arg)
{
    struct order *order = arg;
    int err;

    order->options.size = sizeof order->options;
    err = (gyre_loop_sock_sendfile)(loop, &order->sent, pair[0], order->file, &order->options);
    shutdown(pair[0], SHUT_WR);
    return err;
}

static void start(struct order *order)
{
    order->sent = -1;
    if (!order->file)
        order->file = file;
    gyre_create_task(&order->task, carry_out, order);
}

static int finish(struct order *order)
{
    int err = gyre_await(order->task, NULL);

    gyre_future_unref(order->task);
    return err;
}

static size_t hear_all(void)
{
    size_t len = 0;
    ptrdiff_t got;

    while ((got = gyre_loop_sock_recv(loop, pair[1], came + len, sizeof came - len)) > 0)
        len += (size_t)got;
    return len;
}

/* Sends it and compares what comes with this part of the file. */
static void expect_part(struct order *order, size_t offset, size_t len)
{
    start(order);
    assert_int_equal(hear_all(), len);
    assert_int_equal(finish(order), 0);
    assert_int_equal(order->sent, len);
    assert_memory_equal(came, want + offset, len);
    assert_int_equal(lseek(file, 0, SEEK_CUR), offset + len);
}

static int send_all(void *arg)
{
    expect_part(&(struct order){0}, 0, SIZE);
    return 0;
}

static int send_part(void *arg)
{
    expect_part(&(struct order){.options = {.offset = 1000, .count = 2000}}, 1000, 2000);
    return 0;
}

/* test_sendfile.py::SockSendfileMixin::test_sock_sendfile_success */
static void test_all(void **state)
{
    RUN(send_all);
    assert_true(net_system.sendfiles > 1);
}

/* test_sendfile.py::SockSendfileMixin::test_sock_sendfile_with_offset_and_count */
static void test_part(void **state)
{
    RUN(send_part);
}

static int send_prefix(void *arg)
{
    return gyre_loop_sock_sendall(loop, pair[0], "prefix", 6);
}

static int send_suffix(void *order)
{
    int err = gyre_loop_sock_sendall(loop, pair[0], "prefix", 6);

    if (!err)
        err = (gyre_loop_sock_sendfile)(loop, NULL, pair[0], file, NULL);
    if (!err)
        err = gyre_loop_sock_sendall(loop, pair[0], "suffix", 6);
    shutdown(pair[0], SHUT_WR);
    return err;
}

static int mix(void *arg)
{
    gyre_task *task;

    gyre_create_task(&task, send_suffix, NULL);
    assert_int_equal(hear_all(), SIZE + 12);
    assert_int_equal(gyre_await(task, NULL), 0);
    gyre_future_unref(task);
    assert_memory_equal(came, "prefix", 6);
    assert_memory_equal(came + 6, want, SIZE);
    assert_memory_equal(came + 6 + SIZE, "suffix", 6);
    return 0;
}

/* test_sendfile.py::SockSendfileMixin::test_sock_sendfile_mix_with_regular_send */
static void test_mixed(void **state)
{
    RUN(send_prefix);
    assert_int_equal(recv(pair[1], came, 6, 0), 6);
    RUN(mix);
}

/* test_base_events.py::BaseLoopSockSendfileTests::test_sock_sendfile_fallback */
static void test_fallback(void **state)
{
    net_system.sendfile_error = -EINVAL;
    RUN(send_all);
}

/* test_base_events.py::BaseLoopSockSendfileTests::test_sock_sendfile_fallback_offset_and_count */
static void test_fallback_part(void **state)
{
    net_system.sendfile_error = -ENOSYS;
    RUN(send_part);
}

static int refused_at_once(void *arg)
{
    struct order order = {.options = {.fallback = GYRE_NO}, .file = arg ? pair[1] : file};

    start(&order);
    assert_int_equal(finish(&order), GYRE_ERUNTIME);
    assert_int_equal(order.sent, -1);
    assert_int_equal(lseek(file, 0, SEEK_CUR), 0);
    return 0;
}

/* test_base_events.py::BaseLoopSockSendfileTests::test_sock_sendfile_no_fallback,
 * test_unix_events.py::SelectorEventLoopUnixSockSendfileTests::test_sock_sendfile_not_available,
 * test_unix_events.py::SelectorEventLoopUnixSockSendfileTests::test_sock_sendfile_os_error_first_call */
static void test_not_available(void **state)
{
    net_system.sendfile_error = -ENOSYS;
    RUN(refused_at_once);
    net_system.sendfile_error = -EINVAL;
    RUN(refused_at_once);
}

/* test_unix_events.py::SelectorEventLoopUnixSockSendfileTests::test_sock_sendfile_not_a_file */
static void test_not_a_file(void **state)
{
    assert_int_equal(run_main(refused_at_once, "another socket"), 0);
}

static int check_arguments(void *arg)
{
    int datagram = make_socket(AF_INET, SOCK_DGRAM);
    int64_t sent = 7;

    assert_int_equal(gyre_loop_sock_sendfile(loop, &sent, datagram, file), GYRE_EVALUE);
    assert_non_null(strstr(gyre_error_text(), "only SOCK_STREAM"));
    assert_int_equal(gyre_loop_sock_sendfile(loop, &sent, pair[0], file, .offset = -1), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sock_sendfile(loop, &sent, pair[0], file, .count = -1), GYRE_EVALUE);
    assert_int_equal(sent, 7);
    return close(datagram);
}

/* test_base_events.py::BaseLoopSockSendfileTests::test_nonstream_socket */
static void test_arguments(void **state)
{
    RUN(check_arguments);
}

static void go_on(void *arg)
{
    assert_true(net_system.sendfiles > 1);
    net_system.sendfile_error = 0;
}

static int blocked_at_first(void *arg)
{
    gyre_loop_call_later(loop, 0.003, go_on, NULL);
    net_system.sendfile_error = -EAGAIN;
    expect_part(&(struct order){0}, 0, SIZE);
    return 0;
}

/* test_unix_events.py::SelectorEventLoopUnixSockSendfileTests::test_sock_sendfile_blocking_error */
static void test_blocked_at_first(void **state)
{
    RUN(blocked_at_first);
}

static int fails(void *arg)
{
    struct order order = {0};

    start(&order);
    assert_int_equal(finish(&order), -EIO);
    assert_int_equal(order.sent, -1);
    return 0;
}

/* test_unix_events.py::SelectorEventLoopUnixSockSendfileTests::test_sock_sendfile_exception */
static void test_other_errors(void **state)
{
    net_system.sendfile_error = -EIO;
    RUN(fails);
}

static int cancelled(void *arg)
{
    struct order order = {0};
    off_t position;

    start(&order);
    gyre_sleep(0.02);
    gyre_task_cancel(order.task);
    assert_int_equal(finish(&order), GYRE_ECANCELLED);
    position = lseek(file, 0, SEEK_CUR);
    assert_int_equal(hear_all(), position);
    assert_memory_equal(came, want, (size_t)position);
    return 0;
}

/* test_unix_events.py::SelectorEventLoopUnixSockSendfileTests::test_sock_sendfile_cancel2: the position is
 * behind what was sent. */
static void test_cancelled(void **state)
{
    RUN(cancelled);
}

static void test_cancelled_while_reading(void **state)
{
    net_system.sendfile_error = -EINVAL;
    RUN(cancelled);
}

static int peer_closes(void *arg)
{
    struct order order = {0};
    char byte;

    start(&order);
    gyre_sleep(0);
    assert_int_equal(recv(pair[1], &byte, 1, 0), 1);
    close(pair[1]);
    pair[1] = dup(pair[0]);
    assert_int_equal(finish(&order), -EPIPE);
    return 0;
}

/* Spec 24 sendfile S5 */
static void test_the_peer_closes(void **state)
{
    RUN(peer_closes);
}

#define SENDING(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SENDING(test_all),
        SENDING(test_part),
        SENDING(test_mixed),
        SENDING(test_fallback),
        SENDING(test_fallback_part),
        SENDING(test_not_available),
        SENDING(test_not_a_file),
        SENDING(test_arguments),
        SENDING(test_blocked_at_first),
        SENDING(test_other_errors),
        SENDING(test_cancelled),
        SENDING(test_cancelled_while_reading),
        SENDING(test_the_peer_closes),
    };
    int failures;

    unit_driver = GYRE_DRIVER_UV;
    failures = cmocka_run_group_tests_name("uv", tests, open_file, close_file);
    unit_driver = GYRE_DRIVER_DEFAULT;
    return failures + cmocka_run_group_tests_name("default", tests, open_file, close_file);
}
