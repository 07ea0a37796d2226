/* test_tls_sendfile.c - files over TLS, which are read and sealed: all, a part, among other bytes, cut short.
 */
#include "tests/unit/tls_both.h"
#include <gyre/task.h>

enum { BIG = 2 << 20, SMALL = 10000 };

static int file;   /* BIG bytes, each told by its place */
static char *want; /* what it holds */
static char *heard;
static size_t heard_len;

static char byte_at(int i)
{
    return (char)(i * 7 + (i >> 8));
}

static void *be_there(void *arg)
{
    return arg;
}

static void there_made(void *self, gyre_transport *transport)
{
    there.transport = transport;
    there.made++;
}

static void there_data(void *self, const void *data, size_t len)
{
    assert_true(heard_len + len <= BIG + 2 * SMALL);
    memcpy(heard + heard_len, data, len);
    heard_len += len;
    if (there.on_data)
        there.on_data(&there);
}

static void there_lost(void *self, int err)
{
    there.lost++;
}

static const gyre_protocol hearing = {.create = be_there,
                                      .connection_made = there_made,
                                      .data_received = there_data,
                                      .connection_lost = there_lost};

static int open_file(void **state)
{
    FILE *made = tmpfile();

    want = malloc(BIG);
    heard = malloc(BIG + 2 * SMALL);
    heard_len = 0;
    for (int i = 0; i < BIG; i++)
        want[i] = byte_at(i);
    fwrite(want, 1, BIG, made);
    fflush(made);
    file = dup(fileno(made));
    fclose(made);
    return open_tls(state);
}

static int close_file(void **state)
{
    int err = close_tls(state);

    free(want);
    free(heard);
    close(file);
    return err;
}

static int serve_hearing(void *arg)
{
    return gyre_loop_create_server(loop, &server, &hearing, .host = "127.0.0.1", .ssl = of_server,
                                   .arg = &there);
}

static void connect_hearing(void)
{
    assert_int_equal(net_task(loop, serve_hearing, NULL), 0);
    assert_int_equal(net_task(loop, dial, "localhost"), 0);
    while (!there.made)
        net_step(loop);
}

static void part_hearing(void)
{
    if (!here.lost)
        gyre_transport_close(here.transport);
    wait_lost();
    end_server();
}

struct order {
    gyre_sendfile_options options;
    int64_t sent;
};

static int carry_out(void *arg)
{
    struct order *order = arg;

    order->options.size = sizeof order->options;
    return (gyre_loop_sendfile)(loop, &order->sent, here.transport, file, &order->options);
}

static void wait_heard(size_t len)
{
    while (heard_len < len)
        net_step(loop);
    assert_int_equal(heard_len, len);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_ssl */
static void test_a_file_arrives_whole(void **state)
{
    struct order order = {0};

    connect_hearing();
    assert_int_equal(net_task(loop, carry_out, &order), 0);
    assert_int_equal(order.sent, BIG);
    wait_heard(BIG);
    assert_memory_equal(heard, want, BIG);
    assert_int_equal(lseek(file, 0, SEEK_CUR), BIG);
    part_hearing();
}

/* test_sendfile.py::SendfileMixin::test_sendfile_ssl_pre_and_post_data */
static void test_bytes_before_and_behind_keep_their_place(void **state)
{
    struct order order = {0};

    connect_hearing();
    gyre_transport_write(here.transport, want + SMALL, SMALL);
    assert_int_equal(net_task(loop, carry_out, &order), 0);
    gyre_transport_write(here.transport, want + SMALL, SMALL);
    wait_heard(BIG + 2 * SMALL);
    assert_memory_equal(heard, want + SMALL, SMALL);
    assert_memory_equal(heard + SMALL, want, BIG);
    assert_memory_equal(heard + SMALL + BIG, want + SMALL, SMALL);
    part_hearing();
}

/* test_sendfile.py::SendfileMixin::test_sendfile_ssl_partial */
static void test_a_part_of_a_file(void **state)
{
    struct order order = {.options = {.offset = 1000, .count = SMALL}};

    connect_hearing();
    assert_int_equal(net_task(loop, carry_out, &order), 0);
    assert_int_equal(order.sent, SMALL);
    wait_heard(SMALL);
    assert_memory_equal(heard, want + 1000, SMALL);
    assert_int_equal(lseek(file, 0, SEEK_CUR), 1000 + SMALL);
    part_hearing();
}

/* The kernel knows no TLS here. */
static void test_no_copy_is_no_file(void **state)
{
    struct order order = {.options = {.fallback = GYRE_NO}};

    connect_hearing();
    assert_int_equal(net_task(loop, carry_out, &order), GYRE_ERUNTIME);
    part_hearing();
}

static void close_when_all_came(struct diary *diary)
{
    if (heard_len == BIG)
        gyre_transport_close(diary->transport);
}

/* test_sendfile.py::SendfileMixin::test_sendfile_ssl_close_peer_after_receiving */
static void test_a_peer_that_closes_after_the_last_byte(void **state)
{
    struct order order = {0};

    connect_hearing();
    there.on_data = close_when_all_came;
    assert_int_equal(net_task(loop, carry_out, &order), 0);
    assert_int_equal(order.sent, BIG);
    wait_lost();
    assert_int_equal(here.err, 0);
    assert_memory_equal(heard, want, BIG);
    part_hearing();
}

static void abort_early(struct diary *diary)
{
    gyre_transport_abort(diary->transport);
}

static void test_a_peer_that_goes_in_the_middle(void **state)
{
    struct order order = {0};

    connect_hearing();
    there.on_data = abort_early;
    assert_true(net_task(loop, carry_out, &order) < 0);
    wait_lost();
    part_hearing();
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, open_file, close_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILE(test_a_file_arrives_whole),
        WITH_FILE(test_bytes_before_and_behind_keep_their_place),
        WITH_FILE(test_a_part_of_a_file),
        WITH_FILE(test_no_copy_is_no_file),
        WITH_FILE(test_a_peer_that_closes_after_the_last_byte),
        WITH_FILE(test_a_peer_that_goes_in_the_middle),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
