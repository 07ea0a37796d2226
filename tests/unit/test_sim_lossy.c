/* test_sim_lossy.c - what a bad network in virtual time does: to datagrams, to connections, to TLS. */
#include "tls_bed.h"
#include "unit.h"

#include <errno.h>
#include <gyre/datagram.h>
#include <gyre/stream.h>
#include <gyre/tls.h>
#include <gyre/transport.h>
#include <netinet/in.h>
#include <unistd.h>

enum { DATAGRAMS = 1000, CONNECTIONS = 100, BYTES = 100000 };

/* --- datagrams --- */

/* What came: how often each, and how many behind a later one. */
struct post {
    unsigned char times[DATAGRAMS];
    int last, late, came;
};

static void take(void *self, const void *data, size_t len, const struct sockaddr *addr, socklen_t size)
{
    struct post *post = *(void **)self;
    int number;

    assert_int_equal(len, sizeof number);
    memcpy(&number, data, sizeof number);
    assert_true(number >= 0 && number < DATAGRAMS);
    post->times[number]++;
    post->came++;
    post->late += number < post->last;
    post->last = number > post->last ? number : post->last;
}

static void *keep(void *arg)
{
    void **self = malloc(sizeof *self);

    *self = arg;
    return self;
}

static const gyre_datagram_protocol taker = {.create = keep, .destroy = free, .datagram_received = take};
static const gyre_datagram_protocol giver = {.size = sizeof(int)};

static int post_all(void *arg)
{
    gyre_transport *to = NULL, *from = NULL;
    const struct sockaddr_in *name;
    int err = gyre_loop_create_datagram_endpoint(loop, &to, &taker, .local_host = "127.0.0.1", .arg = arg);

    if (!err) {
        name = gyre_transport_get_extra_info(to, "sockname", NULL);
        err = gyre_loop_create_datagram_endpoint(loop, &from, &giver, .remote_host = "127.0.0.1",
                                                 .remote_port = ntohs(name->sin_port));
    }
    for (int i = 0; i < DATAGRAMS && !err; i++) {
        gyre_transport_sendto(from, &i, sizeof i, NULL, 0);
        err = gyre_sleep(0.001);
    }
    err = err ? err : gyre_sleep(10);
    gyre_transport_close(from);
    gyre_transport_close(to);
    gyre_transport_unref(from);
    gyre_transport_unref(to);
    return err;
}

static void run_on(gyre_loop *made, gyre_coroutine fn, void *arg)
{
    loop = made;
    gyre_set_event_loop(loop);
    assert_int_equal(run_main(fn, arg), 0);
    gyre_set_event_loop(NULL);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

static int count_times(const struct post *post, int times)
{
    int count = 0;

    for (int i = 0; i < DATAGRAMS; i++)
        count += post->times[i] == times;
    return count;
}

/* A tenth is a tenth, more or less; the seed says how much. */
static void assert_tenth(int count)
{
    assert_in_range(count, DATAGRAMS / 20, DATAGRAMS / 5);
}

static void test_loss(void **state)
{
    struct post post = {0};

    run_on(gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_loss = 0.1), post_all, &post);
    assert_tenth(count_times(&post, 0));
    assert_int_equal(count_times(&post, 0) + count_times(&post, 1), DATAGRAMS);
    assert_int_equal(post.late, 0);
}

static void test_duplicate(void **state)
{
    struct post post = {0};

    run_on(gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_duplicate = 0.1), post_all, &post);
    assert_tenth(count_times(&post, 2));
    assert_int_equal(count_times(&post, 0), 0);
    assert_int_equal(post.came, DATAGRAMS + count_times(&post, 2));
}

static void test_reorder(void **state)
{
    struct post post = {0};

    run_on(gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_latency = 0.01, .sim_reorder = 0.1), post_all,
           &post);
    assert_tenth(post.late);
    assert_int_equal(count_times(&post, 1), DATAGRAMS);
}

static void test_perfect(void **state)
{
    struct post post = {0};

    run_on(gyre_loop_new(.driver = GYRE_DRIVER_SIM), post_all, &post);
    assert_int_equal(count_times(&post, 1), DATAGRAMS);
    assert_int_equal(post.late, 0);
}

/* --- streams --- */

static int broken, whole;

static int copy(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *data;
    ptrdiff_t len;
    int err = 0;

    while ((len = gyre_reader_read(reader, &data, 65536)) > 0 && !err) {
        gyre_writer_write(writer, data, (size_t)len);
        err = gyre_writer_drain(writer);
    }
    return 0;
}

/* What is sent. */
static char pattern[BYTES];

static int send_all(void *writer)
{
    int err;

    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (char)(i * i >> 4);
    gyre_writer_write(writer, pattern, sizeof pattern);
    err = gyre_writer_drain(writer);
    return err ? err : gyre_writer_can_write_eof(writer) ? gyre_writer_write_eof(writer) : 0;
}

/* What comes back is the beginning of what was sent: all of it, or less and an error. */
static int send_and_check(gyre_reader *reader, gyre_writer *writer)
{
    const char *data;
    gyre_task *sending;
    size_t got = 0;
    ptrdiff_t len = 0;

    gyre_create_task(&sending, send_all, writer);
    for (; got < BYTES && (len = gyre_reader_read(reader, &data, 65536)) > 0; got += (size_t)len)
        assert_memory_equal(data, pattern + got, (size_t)len);
    gyre_await(sending, NULL);
    gyre_future_unref(sending);
    assert_true(got == BYTES || len < 0);
    return got == BYTES ? 0 : (int)len;
}

static int echo_many(void *arg)
{
    gyre_server *server = NULL;
    gyre_reader *reader = NULL;
    gyre_writer *writer = NULL;
    int err = gyre_start_server(&server, copy, NULL, .host = "127.0.0.1");

    for (int i = 0; i < CONNECTIONS && !err; i++) {
        if (gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server)))
            broken++;
        else if (send_and_check(reader, writer))
            broken++, gyre_stream_close(reader, writer);
        else
            whole++, gyre_stream_close(reader, writer);
    }
    gyre_server_close(server);
    gyre_server_unref(server);
    return err;
}

/* Some break, before the connection is there or within it; nothing comes that was not sent. */
static void test_resets(void **state)
{
    broken = whole = 0;
    run_on(gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_latency = 0.01, .sim_jitter = 0.02, .sim_reset = 0.5,
                         .sim_partial = 0.5, .sim_again = 0.3),
           echo_many, NULL);
    assert_in_range(broken, CONNECTIONS / 4, CONNECTIONS * 3 / 4);
    assert_int_equal(whole, CONNECTIONS - broken);
}

static int echo_tls(void *arg)
{
    gyre_tls_context *of_server, *of_client;
    gyre_server *server = NULL;
    gyre_reader *reader = NULL;
    gyre_writer *writer = NULL;
    int err = gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"));

    assert_int_equal(err, 0);
    assert_int_equal(gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem")), 0);
    err = gyre_start_server(&server, copy, NULL, .host = "127.0.0.1", .ssl = of_server);
    for (int i = 0; i < 5 && !err; i++) {
        err = gyre_open_connection(&reader, &writer, .host = "localhost",
                                   .port = gyre_server_get_port(server), .ssl = of_client);
        err = err ? err : send_and_check(reader, writer);
        gyre_stream_close(reader, writer);
    }
    gyre_server_close(server);
    gyre_server_unref(server);
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    return err;
}

/* The network cuts and delays records as it likes. */
static void test_tls(void **state)
{
    for (uint64_t seed = 0; seed < 5; seed++)
        run_on(gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_seed = seed, .sim_latency = 0.01,
                             .sim_jitter = 0.02, .sim_partial = 0.7, .sim_again = 0.3, .sim_buffer = 4096),
               echo_tls, NULL);
}

static int send_file(void *arg)
{
    gyre_server *server = NULL;
    gyre_reader *reader = NULL;
    gyre_writer *writer = NULL;
    int64_t sent;
    int err = gyre_start_server(&server, copy, NULL, .host = "127.0.0.1");

    if (!err)
        err =
            gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server));
    if (!err)
        err = gyre_loop_sendfile(loop, &sent, gyre_writer_get_transport(writer), fileno(arg));
    if (!err)
        err = gyre_writer_write_eof(writer);
    if (!err) {
        const char *data;

        assert_int_equal(sent, BYTES);
        assert_int_equal(gyre_reader_readexactly(reader, &data, BYTES), BYTES);
        assert_memory_equal(data, pattern, BYTES);
    }
    gyre_stream_close(reader, writer);
    gyre_server_close(server);
    gyre_server_unref(server);
    return err;
}

static void test_sendfile(void **state)
{
    FILE *file = tmpfile();

    assert_int_equal(fwrite(pattern, 1, BYTES, file), BYTES);
    fflush(file);
    run_on(gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_partial = 0.5, .sim_again = 0.3), send_file, file);
    fclose(file);
}

static int begin(void **state)
{
    tls_begin_files(state);
    return begin_group(state);
}

static int end(void **state)
{
    tls_end_files(state);
    return end_group(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_perfect),  cmocka_unit_test(test_loss),   cmocka_unit_test(test_duplicate),
        cmocka_unit_test(test_reorder),  cmocka_unit_test(test_resets), cmocka_unit_test(test_tls),
        cmocka_unit_test(test_sendfile),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
