/* Files through sendfile(2): all, a part, behind and before other bytes; what may not happen meanwhile; and
 * each way to be cut short. */
#include "net/transport.h"
#include "net_pipe.h"
#include "net_system.h"
#include <gyre/task.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BIG = 8 << 20, SMALL = 10000 };

static int file;           /* BIG bytes, each told by its place */
static char *want, *heard; /* what it holds, and what came */
static gyre_loop *loop;

static int open_file(void **state)
{
    FILE *made = tmpfile();

    want = malloc(BIG);
    heard = malloc(BIG + SMALL);
    for (int i = 0; i < BIG; i++)
        want[i] = (char)(i * 7 + (i >> 8));
    fwrite(want, 1, BIG, made);
    fflush(made);
    file = dup(fileno(made));
    fclose(made);
    return 0;
}

static int close_file(void **state)
{
    free(want);
    free(heard);
    return close(file);
}

/* A sendfile in a task of its own. */
struct order {
    gyre_transport *transport;
    gyre_sendfile_options options;
    int file;
    int64_t sent;
    int err;
    bool done;
    gyre_task *task;
};

static int carry_out(void *arg)
{
    struct order *order = arg;

    order->options.size = sizeof order->options;
    order->err = (gyre_loop_sendfile)(loop, &order->sent, order->transport, order->file, &order->options);
    order->done = true;
    return order->err;
}

static int report_nothing(void *arg)
{
    carry_out(arg);
    return 0;
}

static void start(struct order *order, gyre_transport *transport)
{
    order->transport = transport;
    order->sent = -1;
    if (!order->file)
        order->file = file;
    gyre_loop_create_task(loop, &order->task, report_nothing, order);
    net_turns(loop, 2);
}

static void finish(struct order *order)
{
    while (!order->done)
        net_step(loop);
    net_turns(loop, 2);
    gyre_future_unref(order->task);
}

static size_t hear(int peer, size_t len)
{
    ssize_t got;

    while ((got = recv(peer, heard + len, (size_t)(BIG + SMALL) - len, MSG_DONTWAIT)) > 0)
        len += (size_t)got;
    return len;
}

/* Reads at the other end until the order is carried out, and then what is left. */
static size_t hear_all(struct order *order, int peer)
{
    size_t len = 0;

    while (!order->done) {
        len = hear(peer, len);
        net_step(loop);
    }
    finish(order);
    return hear(peer, len);
}

/* test_sendfile.py::SendfileMixin::test_sendfile */
static void a_file_arrives_whole(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);

    start(&order, diary.transport);
    assert_int_equal(hear_all(&order, peer), BIG);
    assert_int_equal(order.err, 0);
    assert_int_equal(order.sent, BIG);
    assert_memory_equal(heard, want, BIG);
    assert_int_equal(lseek(file, 0, SEEK_CUR), BIG);
    net_finish(loop, &diary, peer);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_partial */
static void a_part_of_a_file(void **state)
{
    struct diary diary = {0};
    struct order order = {.options = {.offset = 1000, .count = 100}};
    int peer = net_pair(loop = *state, &diary);

    net_system_watch(loop);
    start(&order, diary.transport);
    assert_int_equal(hear_all(&order, peer), 100);
    assert_int_equal(order.sent, 100);
    assert_int_equal(net_system.sendfiles, 1);
    assert_memory_equal(heard, want + 1000, 100);
    assert_int_equal(lseek(file, 0, SEEK_CUR), 1100);
    assert_true(gyre_transport_is_reading(diary.transport));
    net_finish(loop, &diary, peer);
}

/* test_sendfile.py::SockSendfileMixin::test_sock_sendfile_zero_size */
static void behind_the_end_there_is_nothing(void **state)
{
    struct diary diary = {0};
    struct order order = {.options = {.offset = BIG, .count = 100}};
    int peer = net_pair(loop = *state, &diary);

    start(&order, diary.transport);
    assert_int_equal(hear_all(&order, peer), 0);
    assert_int_equal(order.err, 0);
    assert_int_equal(order.sent, 0);
    net_finish(loop, &diary, peer);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_pre_and_post_data */
static void bytes_before_and_behind_keep_their_place(void **state)
{
    struct diary diary = {0};
    struct order order = {.options = {.count = BIG - 2 * SMALL}};
    int peer = net_pair(loop = *state, &diary);

    gyre_transport_write(diary.transport, want, SMALL);
    start(&order, diary.transport);
    assert_int_equal(hear_all(&order, peer), BIG - SMALL);
    gyre_transport_write(diary.transport, want, SMALL);
    net_turns(loop, 2);
    assert_int_equal(hear(peer, BIG - SMALL), BIG);
    assert_memory_equal(heard, want, SMALL);
    assert_memory_equal(heard + SMALL, want, BIG - 2 * SMALL);
    assert_memory_equal(heard + BIG - SMALL, want, SMALL);
    net_finish(loop, &diary, peer);
}

/* What fills the buffer goes first, in the order of writing. */
static void a_full_buffer_is_sent_first(void **state)
{
    struct diary diary = {0};
    struct order order = {.options = {.count = SMALL}};
    int peer = net_pair(loop = *state, &diary);

    gyre_transport_write(diary.transport, want, BIG);
    assert_true(gyre_transport_get_write_buffer_size(diary.transport) > 0);
    net_system_watch(loop);
    start(&order, diary.transport);
    assert_int_equal(net_system.sendfiles, 0);
    assert_int_equal(hear_all(&order, peer), BIG + SMALL);
    assert_memory_equal(heard, want, BIG);
    assert_memory_equal(heard + BIG, want, SMALL);
    net_finish(loop, &diary, peer);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_prevents_bare_write; another file is refused too. */
static void nothing_is_written_meanwhile(void **state)
{
    struct diary diary = {0};
    struct order order = {0}, second = {0};
    int peer = net_pair(loop = *state, &diary);

    start(&order, diary.transport);
    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "unable to write; sendfile is in progress");
    start(&second, diary.transport);
    assert_true(second.done);
    assert_int_equal(second.err, GYRE_ERUNTIME);
    finish(&second);
    assert_int_equal(hear_all(&order, peer), BIG);
    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), 0);
    net_finish(loop, &diary, peer);
}

/* S3: paused for reading, and afterwards as before. */
static void nothing_is_read_meanwhile(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);

    start(&order, diary.transport);
    send(peer, "hello", 5, 0);
    net_turns(loop, 5);
    assert_int_equal(diary.received, 0);
    assert_int_equal(hear_all(&order, peer), BIG);
    net_turns(loop, 5);
    assert_int_equal(diary.received, 5);
    net_finish(loop, &diary, peer);
}

static void who_paused_reading_stays_so(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);

    gyre_transport_pause_reading(diary.transport);
    start(&order, diary.transport);
    assert_int_equal(hear_all(&order, peer), BIG);
    assert_false(gyre_transport_is_reading(diary.transport));
    net_finish(loop, &diary, peer);
}

/* The writing side is closed behind the file, not inside it. */
static void write_eof_waits_for_the_file(void **state)
{
    struct diary diary = {.keep_open = true};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);

    start(&order, diary.transport);
    gyre_transport_write_eof(diary.transport);
    assert_int_equal(hear_all(&order, peer), BIG);
    assert_int_equal(order.err, 0);
    assert_int_equal(recv(peer, heard, 1, 0), 0);
    order = (struct order){0};
    start(&order, diary.transport);
    finish(&order);
    assert_int_equal(order.err, GYRE_ERUNTIME);
    net_finish(loop, &diary, peer);
}

/* Other connections have their turn between two chunks. */
static void a_chunk_a_turn(void **state)
{
    struct diary diary = {0};
    struct order order = {.options = {.count = 100000}};
    int peer = net_pair(loop = *state, &diary);

    net_system_watch(loop);
    net_system.sendfile_most = 10000;
    start(&order, diary.transport);
    assert_true(net_system.sendfiles <= 3);
    assert_int_equal(hear_all(&order, peer), 100000);
    assert_int_equal(net_system.sendfiles, 10);
    assert_memory_equal(heard, want, 100000);
    net_finish(loop, &diary, peer);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_force_fallback */
static void where_the_system_cannot_threads_read(void **state)
{
    struct diary diary = {0};
    struct order order = {.options = {.offset = 5}};
    int peer = net_pair(loop = *state, &diary);

    net_system_watch(loop);
    net_system.sendfile_error = -EINVAL;
    start(&order, diary.transport);
    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), GYRE_ERUNTIME);
    assert_int_equal(hear_all(&order, peer), BIG - 5);
    assert_int_equal(order.err, 0);
    assert_int_equal(order.sent, BIG - 5);
    assert_memory_equal(heard, want + 5, BIG - 5);
    net_finish(loop, &diary, peer);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_no_fallback_for_fallback_transport,
 * test_sendfile.py::SendfileMixin::test_sendfile_force_unsupported_native */
static void without_a_fallback_it_is_refused(void **state)
{
    struct diary diary = {0};
    struct order order = {.options = {.fallback = GYRE_NO}};
    int peer = net_pair(loop = *state, &diary);

    net_system_watch(loop);
    net_system.sendfile_error = -EINVAL;
    start(&order, diary.transport);
    finish(&order);
    assert_int_equal(order.err, GYRE_ERUNTIME);
    assert_int_equal(order.sent, -1);
    net_finish(loop, &diary, peer);
}

/* test_unix_events.py::SelectorEventLoopUnixSockSendfileTests::test_sock_sendfile_not_regular_file */
static void a_pipe_is_read_from_where_it_is(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary), ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "from a pipe", 11), 11);
    close(ends[1]);
    order.file = ends[0];
    start(&order, diary.transport);
    assert_int_equal(hear_all(&order, peer), 11);
    assert_memory_equal(heard, "from a pipe", 11);
    close(ends[0]);
    net_finish(loop, &diary, peer);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_not_supported: a pipe takes no files. */
static void a_pipe_takes_no_files(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_write_pipe(loop = *state, &diary);

    start(&order, diary.transport);
    finish(&order);
    assert_int_equal(order.err, GYRE_ERUNTIME);
    assert_int_equal(order.sent, -1);
    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), 0);
    net_finish(loop, &diary, peer);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_for_closing_transp */
static void a_closing_transport_is_refused(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);

    gyre_transport_ref(diary.transport);
    gyre_transport_close(diary.transport);
    start(&order, diary.transport);
    finish(&order);
    assert_int_equal(order.err, GYRE_ERUNTIME);
    assert_int_equal(order.sent, -1);
    gyre_transport_unref(diary.transport);
    net_finish(loop, &diary, peer);
}

static void wrong_arguments_are_refused(void **state)
{
    struct diary diary = {0};
    int peer = net_pair(loop = *state, &diary);

    /* test_base_events.py::BaseLoopSockSendfileTests::test_negative_offset,
     * test_base_events.py::BaseLoopSockSendfileTests::test_negative_count */
    assert_int_equal(gyre_loop_sendfile(loop, NULL, diary.transport, file, .offset = -1), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sendfile(loop, NULL, diary.transport, file, .count = -1), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sendfile(loop, NULL, diary.transport, -1), -EBADF);
    assert_int_equal(gyre_loop_sendfile(loop, NULL, diary.transport, file, .count = 5), 0);
    net_finish(loop, &diary, peer);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_close_peer_in_the_middle_of_receiving */
static void lose_the_peer(gyre_loop *on, int error)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = on, &diary);

    net_system_watch(loop);
    net_system.sendfile_error = error;
    start(&order, diary.transport);
    assert_true(hear(peer, 0) > 0 || error);
    net_run(loop, 0.01);
    close(peer);
    finish(&order);
    assert_true(order.err == -EPIPE || order.err == -ECONNRESET);
    assert_int_equal(order.sent, -1);
    assert_int_equal(diary.err, order.err);
    assert_true(lseek(file, 0, SEEK_CUR) < BIG);
    net_finish(loop, &diary, -1);
}

static void the_peer_goes_in_the_middle(void **state)
{
    lose_the_peer(*state, 0);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_fallback_close_peer_in_the_middle_of_receiving */
static void the_peer_goes_in_the_middle_of_copies(void **state)
{
    lose_the_peer(*state, -EINVAL);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_close_peer_after_receiving */
static void the_peer_goes_afterwards(void **state)
{
    struct diary diary = {0};
    struct order order = {.options = {.count = SMALL}};
    int peer = net_pair(loop = *state, &diary);

    start(&order, diary.transport);
    assert_int_equal(hear_all(&order, peer), SMALL);
    assert_int_equal(order.err, 0);
    close(peer);
    while (!diary.lost)
        net_step(loop);
    assert_int_equal(diary.err, 0);
    net_finish(loop, &diary, -1);
}

static void end_with(gyre_loop *on, void (*fn)(gyre_transport *transport))
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = on, &diary);

    start(&order, diary.transport);
    fn(diary.transport);
    finish(&order);
    assert_int_equal(order.err, -ECONNABORTED);
    assert_int_equal(diary.lost, 1);
    assert_int_equal(diary.err, 0);
    net_finish(loop, &diary, peer);
}

static void close_and_abort_cut_it_short(void **state)
{
    end_with(*state, gyre_transport_close);
    end_with(*state, gyre_transport_abort);
}

/* While earlier bytes are on their way, too. */
static void close_before_the_first_chunk(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);

    gyre_transport_write(diary.transport, want, BIG);
    assert_false(gyre_transport_is_closing(diary.transport));
    start(&order, diary.transport);
    gyre_transport_close(diary.transport);
    assert_int_equal(hear_all(&order, peer), BIG);
    assert_int_equal(order.err, -ECONNABORTED);
    assert_memory_equal(heard, want, BIG);
    net_finish(loop, &diary, peer);
}

/* test_unix_events.py::SelectorEventLoopUnixSockSendfileTests::test_sock_sendfile_cancel1; the transport
 * lives on and takes writes. */
static void cancelled_in_the_middle(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);
    size_t len;

    start(&order, diary.transport);
    gyre_task_cancel(order.task);
    finish(&order);
    assert_int_equal(order.err, GYRE_ECANCELLED);
    assert_true(gyre_transport_is_reading(diary.transport));
    len = hear(peer, 0);
    assert_int_equal(lseek(file, 0, SEEK_CUR), len);
    assert_int_equal(gyre_transport_write(diary.transport, "behind", 6), 0);
    net_turns(loop, 3);
    assert_int_equal(hear(peer, len), len + 6);
    assert_memory_equal(heard + len, "behind", 6);
    net_finish(loop, &diary, peer);
}

/* test_unix_events.py::SelectorEventLoopUnixSockSendfileTests::test_sock_sendfile_os_error_next_call */
static void an_error_of_the_file_leaves_the_connection(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);

    net_system_watch(loop);
    start(&order, diary.transport);
    net_system.sendfile_error = -EIO;
    hear_all(&order, peer);
    assert_int_equal(order.err, -EIO);
    assert_int_equal(diary.lost, 0);
    assert_int_equal(gyre_transport_write(diary.transport, "x", 1), 0);
    net_finish(loop, &diary, peer);
}

/* A peer that takes nothing is given up, as with write. */
static void the_write_stall_limit_holds(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);

    gyre_transport_set_timeouts(diary.transport, .write_stall = 0.05);
    start(&order, diary.transport);
    finish(&order);
    assert_int_equal(order.err, -ETIMEDOUT);
    assert_int_equal(diary.err, -ETIMEDOUT);
    net_finish(loop, &diary, peer);
}

static void the_loop_stops_in_the_middle(void **state)
{
    struct diary diary = {0};
    struct order order = {0};
    int peer = net_pair(loop = *state, &diary);

    start(&order, diary.transport);
    assert_false(order.done);
    gyre_loop_close(loop);
    assert_true(order.done);
    assert_true(order.err < 0);
    assert_int_equal(diary.lost, 1);
    gyre_future_unref(order.task);
    close(peer);
}

static int refuse_in_a_callback(gyre_loop *on, gyre_transport *transport)
{
    return gyre_loop_sendfile(on, NULL, transport, file);
}

static void in_callback(void *arg)
{
    struct diary *diary = arg;

    diary->err = refuse_in_a_callback(loop, diary->transport);
}

static void a_plain_callback_cannot_wait(void **state)
{
    struct diary diary = {0};
    int peer = net_pair(loop = *state, &diary);
    gyre_loop *other = gyre_loop_new();

    gyre_loop_call_soon(loop, in_callback, &diary);
    net_turns(loop, 2);
    assert_int_equal(diary.err, GYRE_EAWAIT);
    assert_int_equal(refuse_in_a_callback(other, diary.transport), GYRE_EWRONGLOOP);
    gyre_loop_unref(other);
    net_finish(loop, &diary, peer);
}

#define T(test) cmocka_unit_test_setup_teardown(test, net_setup, net_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_file_arrives_whole),
        T(a_part_of_a_file),
        T(behind_the_end_there_is_nothing),
        T(bytes_before_and_behind_keep_their_place),
        T(a_full_buffer_is_sent_first),
        T(nothing_is_written_meanwhile),
        T(nothing_is_read_meanwhile),
        T(who_paused_reading_stays_so),
        T(write_eof_waits_for_the_file),
        T(a_chunk_a_turn),
        T(where_the_system_cannot_threads_read),
        T(without_a_fallback_it_is_refused),
        T(a_pipe_is_read_from_where_it_is),
        T(a_pipe_takes_no_files),
        T(a_closing_transport_is_refused),
        T(wrong_arguments_are_refused),
        T(the_peer_goes_in_the_middle),
        T(the_peer_goes_in_the_middle_of_copies),
        T(the_peer_goes_afterwards),
        T(close_and_abort_cut_it_short),
        T(close_before_the_first_chunk),
        T(cancelled_in_the_middle),
        T(an_error_of_the_file_leaves_the_connection),
        T(the_write_stall_limit_holds),
        T(the_loop_stops_in_the_middle),
        T(a_plain_callback_cannot_wait),
    };

    return cmocka_run_group_tests(tests, open_file, close_file);
}
