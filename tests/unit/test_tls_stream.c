/* test_tls_stream.c - streams over TLS: opened, served, turned to TLS on the way, and cut off. */
#include "stream/writer.h"
#include "tests/unit/tls_bed.h"
#include "unit.h"
#include <errno.h>
#include <sys/socket.h>

static gyre_tls_context *of_server, *of_client;
static gyre_server *server;

static int set_up(void **state)
{
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"));
    gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem"));
    return open_loop(state);
}

static int tear_down(void **state)
{
    int err = close_loop(state);

    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    return err;
}

static void serve(gyre_client_connected handle, gyre_tls_context *context)
{
    assert_int_equal(gyre_start_server(&server, handle, NULL, .host = "127.0.0.1", .ssl = context), 0);
}

static void end_server(void)
{
    gyre_server_close(server);
    assert_int_equal(gyre_server_wait_closed(server), 0);
    gyre_server_unref(server);
}

static void open_pair(gyre_reader **reader, gyre_writer **writer, gyre_tls_context *context)
{
    assert_int_equal(gyre_open_connection(reader, writer, .host = "127.0.0.1",
                                          .port = gyre_server_get_port(server), .ssl = context,
                                          .server_hostname = context ? "localhost" : NULL),
                     0);
}

#define assert_line(reader, text)                                            \
    do {                                                                     \
        const char *line;                                                    \
        assert_int_equal(gyre_reader_readline(reader, &line), strlen(text)); \
        assert_memory_equal(line, text, strlen(text));                       \
    } while (0)

/* Sends each line back. */
static int echo(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *line;
    ptrdiff_t len;

    while ((len = gyre_reader_readline(reader, &line)) > 0)
        gyre_writer_write(writer, line, (size_t)len);
    return (int)len;
}

/* Its end is the end: nothing is told of the half that TLS does not leave open. */
static int talk(void *arg)
{
    const struct iovec separators[] = {{(char *)"--", 2}, {(char *)"..", 2}};
    gyre_reader *reader;
    gyre_writer *writer;
    const char *data;

    serve(echo, of_server);
    open_pair(&reader, &writer, of_client);
    gyre_writer_write(writer, "first\none..two--\n", 17);
    assert_line(reader, "first\n");
    assert_int_equal(gyre_reader_readuntil(reader, &data, NULL, .separators = separators, .count = 2), 5);
    assert_memory_equal(data, "one..", 5);
    assert_int_equal(gyre_reader_readuntil(reader, &data, "\n"), 6);
    assert_non_null(gyre_writer_get_extra_info(writer, "ssl_object", NULL));
    assert_false(gyre_writer_can_write_eof(writer));
    assert_int_equal(gyre_writer_write_eof(writer), GYRE_ENOTIMPLEMENTED);
    gyre_writer_close(writer);
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    assert_int_equal(gyre_reader_read(reader, &data, 1), 0);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

/* test_streams.py::StreamTests::test_open_connection_no_loop_ssl */
static void test_a_conversation(void **state)
{
    assert_int_equal(run_main(talk, NULL), 0);
}

enum { MUCH = 12 * 1024 * 1024, HIGH = 512 * 1024, LOW = 128 * 1024 };

/* Reads nothing for a while, then everything. */
static int read_late(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    gyre_sleep(0.02);
    assert_true(gyre_reader_get_size(reader) <= 3 * 64 * 1024);
    assert_int_equal(gyre_reader_readexactly(reader, NULL, MUCH), MUCH);
    return gyre_writer_write(writer, "thanks\n", 7);
}

/* The marks of both sides hold: drain waits for a reader that is full. */
static int flood(void *arg)
{
    char *much = calloc(1, MUCH);
    gyre_reader *reader;
    gyre_writer *writer;

    serve(read_late, of_server);
    open_pair(&reader, &writer, of_client);
    gyre_writer_write(writer, much, MUCH);
    free(much);
    assert_true(gyre_transport_get_write_buffer_size(gyre_writer_get_transport(writer)) > HIGH);
    assert_int_equal(gyre_writer_drain(writer), 0);
    assert_true(gyre_transport_get_write_buffer_size(gyre_writer_get_transport(writer)) <= LOW);
    assert_line(reader, "thanks\n");
    assert_line(reader, "");
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_flow_control(void **state)
{
    assert_int_equal(run_main(flood, NULL), 0);
}

/* Says something, and leaves without TLS's own end. */
static int cut_off(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    gyre_writer_write(writer, "whole\nhalf", 10);
    gyre_sleep(0.002);
    shutdown(gyre_writer_get_socket(writer), SHUT_WR);
    return 0;
}

/* What came is there; what did not is told by its own code, every time. */
static int read_to_the_cut(void *arg)
{
    gyre_reader_failure failure;
    gyre_reader *reader;
    gyre_writer *writer;
    const char *data;

    serve(cut_off, of_server);
    open_pair(&reader, &writer, of_client);
    assert_line(reader, "whole\n");
    if (arg)
        assert_int_equal(gyre_reader_read(reader, &data, 2), 2);
    assert_int_equal(gyre_reader_readline(reader, &data), GYRE_ESSLEOF);
    assert_string_equal(gyre_error_text(), "EOF occurred in violation of protocol");
    gyre_reader_get_failure(reader, &failure);
    assert_int_equal(failure.len, arg ? 2 : 4);
    assert_int_equal(failure.expected, -1);
    assert_memory_equal(failure.partial + failure.len - 2, "lf", 2);
    assert_int_equal(gyre_reader_read(reader, &data, 1), GYRE_ESSLEOF);
    assert_int_equal(gyre_reader_read(reader, &data, -1), GYRE_ESSLEOF);
    assert_int_equal(gyre_reader_readexactly(reader, &data, 1), GYRE_ESSLEOF);
    assert_int_equal(gyre_reader_readuntil(reader, &data, "x"), GYRE_ESSLEOF);
    assert_int_equal(gyre_reader_read(reader, &data, 0), 0);
    assert_true(gyre_reader_at_eof(reader));
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_an_end_that_is_none(void **state)
{
    assert_int_equal(run_main(read_to_the_cut, NULL), 0);
    assert_int_equal(run_main(read_to_the_cut, &server), 0);
}

/* A read of all that there is to come does not pass for all there was. */
static int read_all_to_the_cut(void *arg)
{
    gyre_reader_failure failure;
    gyre_reader *reader;
    gyre_writer *writer;
    const char *data;

    serve(cut_off, of_server);
    open_pair(&reader, &writer, of_client);
    assert_int_equal(gyre_reader_read(reader, &data, -1), GYRE_ESSLEOF);
    gyre_reader_get_failure(reader, &failure);
    assert_int_equal(failure.len, 10);
    assert_memory_equal(failure.partial, "whole\nhalf", 10);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_all_but_the_end(void **state)
{
    assert_int_equal(run_main(read_all_to_the_cut, NULL), 0);
}

/* Greets in the clear, then in secret. */
static int greet_and_turn(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    int err;

    assert_line(reader, "STARTTLS\n");
    gyre_writer_write(writer, "go on\n", 6);
    err = gyre_writer_start_tls(writer, of_server);
    if (err)
        return err;
    assert_non_null(gyre_writer_get_extra_info(writer, "sslcontext", NULL));
    return echo(reader, writer, NULL);
}

static void turn(gyre_reader *reader, gyre_writer *writer)
{
    assert_null(gyre_writer_get_extra_info(writer, "sslcontext", NULL));
    gyre_writer_write(writer, "STARTTLS\n", 9);
    assert_line(reader, "go on\n");
    assert_int_equal(gyre_writer_start_tls(writer, of_client, .server_hostname = "localhost"), 0);
    assert_ptr_equal(gyre_writer_get_extra_info(writer, "sslcontext", NULL), of_client);
}

static int turn_to_tls(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(greet_and_turn, NULL);
    open_pair(&reader, &writer, NULL);
    turn(reader, writer);
    gyre_writer_write(writer, "secret\n", 7);
    assert_line(reader, "secret\n");
    assert_int_equal(gyre_server_get_connections(server), 1);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

/* test_streams.py::StreamTests::test_start_tls */
static void test_start_tls(void **state)
{
    assert_int_equal(run_main(turn_to_tls, NULL), 0);
}

/* The client's first bytes of TLS come with its last in the clear: in one piece, which the reader has. */
static int turn_before_the_answer(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_transport *plain;

    serve(greet_and_turn, NULL);
    open_pair(&reader, &writer, NULL);
    plain = gyre_writer_get_transport(writer);
    gyre_transport_pause_reading(plain);
    gyre_writer_write(writer, "STARTTLS\n", 9);
    assert_int_equal(gyre_writer_start_tls(writer, of_client, .server_hostname = "localhost"), GYRE_ESSL);
    gyre_stream_close(reader, writer);
    gyre_sleep(0.01);
    told.count = 0;
    end_server();
    return 0;
}

static void test_an_answer_in_the_clear_is_none(void **state)
{
    assert_int_equal(run_main(turn_before_the_answer, NULL), 0);
}

/* Takes a line, and lets the rest come before it turns. */
static int turn_late(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    assert_line(reader, "STARTTLS\n");
    gyre_sleep(0.02);
    assert_true(gyre_reader_get_size(reader) > 0);
    assert_int_equal(gyre_writer_start_tls(writer, of_server), 0);
    return echo(reader, writer, NULL);
}

static int turn_at_once(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(turn_late, NULL);
    open_pair(&reader, &writer, NULL);
    gyre_writer_write(writer, "STARTTLS\n", 9);
    assert_int_equal(gyre_writer_start_tls(writer, of_client, .server_hostname = "localhost"), 0);
    gyre_writer_write(writer, "secret\n", 7);
    assert_line(reader, "secret\n");
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_what_came_early_is_the_handshakes(void **state)
{
    assert_int_equal(run_main(turn_at_once, NULL), 0);
}

/* What somebody slips in behind the last line in the clear is never heard, and nothing is kept of it. */
static int turn_and_refuse(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    assert_line(reader, "STARTTLS\n");
    gyre_sleep(0.02);
    assert_int_equal(gyre_writer_start_tls(writer, of_server), GYRE_ESSL);
    assert_int_equal(gyre_reader_get_size(reader), 0);
    assert_int_equal(gyre_reader_read(reader, NULL, 1), GYRE_ESSL);
    assert_int_equal(gyre_writer_drain(writer), GYRE_ESSL);
    return 0;
}

static int slip_in(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(turn_and_refuse, NULL);
    open_pair(&reader, &writer, NULL);
    gyre_writer_write(writer, "STARTTLS\nslipped in behind it\n", 30);
    gyre_reader_read(reader, NULL, -1);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_what_was_slipped_in(void **state)
{
    assert_int_equal(run_main(slip_in, NULL), 0);
}

static int write_meanwhile(void *writer)
{
    return gyre_writer_write(writer, "meanwhile\n", 10);
}

/* Another task writes during the handshake: that goes out in secret too. */
static int write_during_the_handshake(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_task *task;

    serve(greet_and_turn, NULL);
    open_pair(&reader, &writer, NULL);
    gyre_writer_write(writer, "STARTTLS\n", 9);
    assert_line(reader, "go on\n");
    gyre_create_task(&task, write_meanwhile, writer);
    assert_int_equal(gyre_writer_start_tls(writer, of_client, .server_hostname = "localhost"), 0);
    assert_line(reader, "meanwhile\n");
    gyre_await(task, NULL);
    gyre_future_unref(task);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_writing_during_the_handshake(void **state)
{
    assert_int_equal(run_main(write_during_the_handshake, NULL), 0);
}

/* Never answers. */
static int sit(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    gyre_reader_read(reader, NULL, -1);
    return 0;
}

static int refuse(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(sit, NULL);
    open_pair(&reader, &writer, NULL);
    assert_int_equal(gyre_writer_start_tls(writer, NULL), GYRE_ETYPE);
    assert_int_equal(gyre_writer_start_tls(writer, of_server), GYRE_ESSL);
    assert_int_equal(gyre_writer_start_tls(writer, of_client), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "check_hostname requires server_hostname");
    assert_int_equal(
        gyre_writer_start_tls(writer, of_client, .server_hostname = "localhost", .ssl_handshake_timeout = -1),
        GYRE_EVALUE);
    assert_false(gyre_writer_is_closing(writer));
    assert_int_equal(gyre_writer_start_tls(writer, of_client, .server_hostname = "localhost",
                                           .ssl_handshake_timeout = 0.01),
                     -ECONNABORTED);
    assert_true(gyre_writer_is_closing(writer));
    assert_int_equal(gyre_writer_start_tls(writer, of_client, .server_hostname = "localhost"), -ECONNABORTED);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_start_tls_fails(void **state)
{
    assert_int_equal(run_main(refuse, NULL), 0);
}

/* By TLS 1.3 the client's handshake is done before the server has looked at him. */
static int be_refused(void *arg)
{
    gyre_tls_context *strict;
    gyre_reader *reader;
    gyre_writer *writer;

    assert_int_equal(gyre_tls_context_new(&strict, .server_side = true, .certfile = tls_file("server.pem"),
                                          .cafile = tls_file("ca.pem"), .verify_mode = GYRE_CERT_REQUIRED),
                     0);
    serve(echo, strict);
    open_pair(&reader, &writer, of_client);
    assert_int_equal(gyre_reader_read(reader, NULL, 1), GYRE_ESSL);
    assert_non_null(strstr(gyre_error_text(), "certificate required"));
    gyre_stream_close(reader, writer);
    end_server();
    gyre_tls_context_unref(strict);
    return 0;
}

static void test_the_words_of_a_late_refusal(void **state)
{
    assert_int_equal(run_main(be_refused, NULL), 0);
}

/* The peer has said that it sends no more: there will be no handshake. */
static int turn_after_the_end(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(sit, NULL);
    open_pair(&reader, &writer, NULL);
    gyre_server_close(server);
    gyre_writer_write_eof(writer);
    gyre_reader_read(reader, NULL, -1);
    assert_int_not_equal(gyre_writer_start_tls(writer, of_client, .server_hostname = "localhost"), 0);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_start_tls_after_the_end(void **state)
{
    assert_int_equal(run_main(turn_after_the_end, NULL), 0);
}

/* Reads nothing more, not even the end. */
static int go_deaf(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    gyre_transport_pause_reading(gyre_writer_get_transport(writer));
    return gyre_sleep(1000);
}

/* The end of TLS wants an answer: the time for it is that of the close. */
static int close_towards_the_deaf(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_transport *kept;
    double begun;

    serve(go_deaf, of_server);
    open_pair(&reader, &writer, of_client);
    gyre_sleep(0.01);
    kept = gyre_transport_ref(gyre_writer_get_transport(writer));
    begun = gyre_loop_time(loop);
    gyre_stream_close(reader, writer, .timeout = 0.02);
    while (gyre_transport_get_socket(kept) >= 0)
        gyre_sleep(0.001);
    assert_true(gyre_loop_time(loop) - begun >= 0.02);
    gyre_transport_unref(kept);
    gyre_server_abort_clients(server);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

static void test_the_close_is_bounded(void **state)
{
    assert_int_equal(run_main(close_towards_the_deaf, NULL), 0);
}

static int start_tls(void *writer)
{
    return gyre_writer_start_tls(writer, of_client, .server_hostname = "localhost");
}

/* One at a time, and only while both directions are there. */
static int turn_twice(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_task *task;

    serve(sit, NULL);
    open_pair(&reader, &writer, NULL);
    gyre_create_task(&task, start_tls, writer);
    gyre_sleep(0.005);
    assert_int_equal(start_tls(writer), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "start_tls() is under way already");
    gyre_writer_write(writer, "never sent", 10);
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    gyre_stream_close(reader, writer);
    open_pair(&reader, &writer, NULL);
    gyre_writer_write_eof(writer);
    assert_int_equal(start_tls(writer), GYRE_ERUNTIME);
    assert_string_equal(gyre_error_text(), "Cannot call start_tls() after write_eof()");
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_start_tls_twice(void **state)
{
    assert_int_equal(run_main(turn_twice, NULL), 0);
}

/* The owner lets go while its own task shakes hands. */
static int let_go(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_task *task;

    serve(sit, NULL);
    open_pair(&reader, &writer, NULL);
    gyre_create_task(&task, start_tls, writer);
    gyre_sleep(0.01);
    gyre_stream_close(reader, writer);
    assert_true(gyre_await(task, NULL) < 0);
    gyre_future_unref(task);
    end_server();
    return 0;
}

static void test_closed_during_the_handshake(void **state)
{
    assert_int_equal(run_main(let_go, NULL), 0);
}

#define ON_TLS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_TLS(test_a_conversation),
        ON_TLS(test_flow_control),
        ON_TLS(test_an_end_that_is_none),
        ON_TLS(test_all_but_the_end),
        ON_TLS(test_start_tls),
        ON_TLS(test_an_answer_in_the_clear_is_none),
        ON_TLS(test_what_came_early_is_the_handshakes),
        ON_TLS(test_what_was_slipped_in),
        ON_TLS(test_writing_during_the_handshake),
        ON_TLS(test_start_tls_fails),
        ON_TLS(test_start_tls_after_the_end),
        ON_TLS(test_the_close_is_bounded),
        ON_TLS(test_start_tls_twice),
        ON_TLS(test_closed_during_the_handshake),
        ON_TLS(test_the_words_of_a_late_refusal),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
