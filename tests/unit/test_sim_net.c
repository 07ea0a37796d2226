/* test_sim_net.c - the network of virtual time as a program meets it: the same seed, the same trace; latency;
 * what gets lost; and nothing of the system. */
#include "unit.h"

#include <errno.h>
#include <gyre/server.h>
#include <gyre/stream.h>

enum { LINES = 40 };

/* What a run was told of. */
struct trace {
    char *text;
    size_t len;
};

static void keep(const char *event, void *arg)
{
    struct trace *trace = arg;
    size_t more = strlen(event);

    trace->text = realloc(trace->text, trace->len + more + 2);
    memcpy(trace->text + trace->len, event, more);
    trace->len += more;
    trace->text[trace->len++] = '\n';
    trace->text[trace->len] = '\0';
}

static int answer(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *line;
    ptrdiff_t len;

    while ((len = gyre_reader_readline(reader, &line)) > 0) {
        gyre_writer_write(writer, line, (size_t)len);
        if (gyre_writer_drain(writer))
            break;
    }
    gyre_writer_close(writer);
    return gyre_writer_wait_closed(writer);
}

static int ask(void *server)
{
    gyre_reader *reader = NULL;
    gyre_writer *writer = NULL;
    const char *line;
    int err =
        gyre_open_connection(&reader, &writer, .host = "localhost", .port = gyre_server_get_port(server));

    for (int i = 0; i < LINES && !err; i++) {
        gyre_writer_write(writer, "how do you do\n", 14);
        err = gyre_reader_readline(reader, &line) == 14 ? 0 : -EPIPE;
    }
    gyre_stream_close(reader, writer);
    return err;
}

/* A server, and three clients at once. */
static int meet(void *arg)
{
    gyre_server *server;
    gyre_task *clients[3];
    int err = gyre_start_server(&server, answer, NULL, .host = "localhost");

    if (err)
        return err;
    for (int i = 0; i < 3; i++)
        gyre_create_task(&clients[i], ask, server);
    for (int i = 0; i < 3; i++) {
        gyre_await(clients[i], NULL);
        gyre_future_unref(clients[i]);
    }
    gyre_server_close(server);
    err = gyre_server_wait_closed(server);
    gyre_server_unref(server);
    return err;
}

static void run_with(uint64_t seed, struct trace *trace)
{
    gyre_loop *outer = loop;

    loop = gyre_loop_new(.driver = GYRE_DRIVER_SIM, .sim_seed = seed, .sim_latency = 0.01, .sim_jitter = 0.01,
                         .sim_reset = 0.3, .sim_partial = 0.3, .sim_again = 0.3, .sim_trace = keep,
                         .sim_trace_arg = trace);
    gyre_set_event_loop(loop);
    assert_int_equal(run_main(meet, NULL), 0);
    gyre_set_event_loop(NULL);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    loop = outer;
}

/* Memory lies elsewhere in each run, which must make no difference. */
static void test_same_seed_same_trace(void **state)
{
    struct trace one = {0}, two = {0}, other = {0};
    void *hole = malloc(12345);

    run_with(1, &one);
    run_with(1, &two);
    run_with(2, &other);
    free(hole);
    assert_true(one.len > 1000);
    assert_string_equal(one.text, two.text);
    assert_string_not_equal(one.text, other.text);
    free(one.text);
    free(two.text);
    free(other.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_trace),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
