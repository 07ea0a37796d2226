/* test_stream.c - pairs of reader and writer over TCP: made, served, broken, given back. */
#include "stream/writer.h"
#include "unit.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static gyre_server *server;
static struct {
    int calls;            /* handlers that began */
    int ended;            /* and that returned */
    int code;             /* what they return */
    char text[64];        /* what the last one heard */
    ptrdiff_t len;        /* the last read's answer */
    gyre_transport *kept; /* for a look after the end */
} seen;

static void serve(gyre_client_connected handle)
{
    memset(&seen, 0, sizeof seen);
    assert_int_equal(gyre_start_server(&server, handle, &seen, .host = "127.0.0.1"), 0);
}

static void end_server(void)
{
    gyre_server_close(server);
    assert_int_equal(gyre_server_wait_closed(server), 0);
    gyre_server_unref(server);
}

static void open_pair(gyre_reader **reader, gyre_writer **writer)
{
    int port = gyre_server_get_port(server);

    assert_int_equal(gyre_open_connection(reader, writer, .host = "127.0.0.1", .port = port), 0);
}

/* Answers each line in capitals. */
static int shout(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *line;
    int err = 0;

    assert_ptr_equal(arg, &seen);
    seen.calls++;
    while (!err && (seen.len = gyre_reader_readline(reader, &line)) > 0) {
        char answer[64];

        for (ptrdiff_t i = 0; i < seen.len; i++)
            answer[i] = (char)(line[i] & ~0x20);
        answer[seen.len - 1] = '\n';
        gyre_writer_write(writer, answer, (size_t)seen.len);
        err = gyre_writer_drain(writer);
    }
    seen.ended++;
    return seen.code;
}

/* Hangs up at once. */
static int hang_up(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    seen.calls++;
    return seen.code;
}

/* Reads nothing until it is told to end. */
static int sit(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    int err;

    seen.calls++;
    err = gyre_sleep(1000);
    seen.ended++;
    return err;
}

#define assert_line(reader, text)                                            \
    do {                                                                     \
        const char *line;                                                    \
        assert_int_equal(gyre_reader_readline(reader, &line), strlen(text)); \
        assert_memory_equal(line, text, strlen(text));                       \
    } while (0)

/* test_streams.py::StreamTests::test_open_connection, test_streams.py::StreamTests::test_start_server */
static int talk(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    struct iovec pieces[] = {{(char *)"sec", 3}, {(char *)"", 0}, {(char *)"ond\n", 4}};

    serve(shout);
    open_pair(&reader, &writer);
    gyre_writer_write(writer, "first\n", 6);
    assert_line(reader, "FIRST\n");
    gyre_writer_writelines(writer, pieces, 3);
    assert_line(reader, "SECOND\n");
    assert_true(gyre_writer_can_write_eof(writer));
    assert_int_equal(gyre_writer_write_eof(writer), 0);
    assert_line(reader, "");
    assert_true(gyre_reader_at_eof(reader));
    assert_int_equal(seen.len, 0);
    gyre_stream_close(reader, writer);
    end_server();
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.ended, 1);
    return 0;
}

static void test_a_conversation(void **state)
{
    assert_int_equal(run_main(talk, NULL), 0);
}

/* Takes four bytes and hangs up. */
static int take_four(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *four;

    return gyre_reader_readexactly(reader, &four, 4) == 4 ? 0 : -EIO;
}

static int ask_for_ten(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    const char *ten;

    serve(take_four);
    for (int i = 0; i < 100; i++) {
        open_pair(&reader, &writer);
        gyre_writer_write(writer, "AAAA", 4);
        assert_int_equal(gyre_reader_readexactly(reader, &ten, 10), GYRE_EINCOMPLETEREAD);
        gyre_stream_close(reader, writer);
    }
    end_server();
    return 0;
}

/* uv:test_tcp.py::_TestTCP::test_create_connection_3 */
static void test_less_than_asked_for(void **state)
{
    assert_int_equal(run_main(ask_for_ten, NULL), 0);
}

/* asyncio: StreamReaderProtocol.eof_received keeps the writing side open */
static int answer_after_the_end(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *all;

    seen.len = gyre_reader_read(reader, &all, -1);
    gyre_writer_write(writer, all, (size_t)seen.len);
    return 0;
}

static int half_close(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(answer_after_the_end);
    open_pair(&reader, &writer);
    gyre_writer_write(writer, "question\n", 9);
    gyre_writer_write_eof(writer);
    assert_line(reader, "question\n");
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_the_answer_may_follow_the_end(void **state)
{
    assert_int_equal(run_main(half_close, NULL), 0);
}

/* test_streams.py::StreamTests::test_open_connection_error */
static int open_nowhere(void *arg)
{
    gyre_reader *reader = NULL;
    gyre_writer *writer = NULL;
    int port;

    serve(sit);
    port = gyre_server_get_port(server);
    end_server();
    assert_int_equal(gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = port),
                     -ECONNREFUSED);
    assert_int_equal(gyre_open_connection(&reader, &writer), GYRE_EVALUE);
    assert_int_equal(gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = 1, .limit = -1),
                     GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "Limit cannot be <= 0");
    assert_null(reader);
    assert_null(writer);
    gyre_stream_close(NULL, NULL);
    return 0;
}

static void test_open_connection_fails(void **state)
{
    assert_int_equal(run_main(open_nowhere, NULL), 0);
}

static void test_start_server_fails(void **state)
{
    assert_int_equal(gyre_start_server(NULL, shout, NULL), GYRE_EVALUE);
    assert_int_equal(gyre_start_server(NULL, shout, NULL, .port = 1, .host = "127.0.0.1", .limit = -5),
                     GYRE_EVALUE);
}

static void cancel(void *task)
{
    gyre_task_cancel(task);
}

/* Cut short at every turn: nothing is left, whoever comes first. */
static int open_only(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    int err =
        gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server));

    if (!err)
        gyre_stream_close(reader, writer);
    return err;
}

static void test_open_connection_cancelled_at_every_turn(void **state)
{
    for (int turns = 0; turns < 8; turns++) {
        gyre_task *task;

        serve(hang_up);
        gyre_create_task(&task, open_only, NULL);
        run_passes(turns);
        cancel(task);
        run_passes(4);
        assert_true(gyre_future_done(task));
        gyre_future_unref(task);
        end_server();
    }
}

static int read_byte(void *reader)
{
    return (int)gyre_reader_read(reader, NULL, 1);
}

static int cancel_a_read(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_task *task;
    double start = gyre_loop_time(loop);

    serve(sit);
    open_pair(&reader, &writer);
    gyre_create_task(&task, read_byte, reader);
    gyre_loop_call_soon(loop, cancel, task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    assert_true(gyre_future_cancelled(task));
    gyre_future_unref(task);
    gyre_stream_close(reader, writer);
    gyre_server_close_clients(server);
    gyre_server_close(server);
    gyre_server_unref(server);
    /* Not when the peer said something: it says nothing for a thousand seconds. */
    return gyre_loop_time(loop) - start < 500 ? 0 : -1;
}

/* test_events.py::EventLoopTestsMixin::test_prompt_cancellation */
static void test_a_read_is_cancelled_at_once(void **state)
{
    assert_int_equal(run_main(cancel_a_read, NULL), 0);
}

/* test_streams.py::StreamTests::test_wait_closed_on_close */
static int close_and_wait(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(shout);
    open_pair(&reader, &writer);
    gyre_writer_write(writer, "x\n", 2);
    assert_line(reader, "X\n");
    assert_false(gyre_writer_is_closing(writer));
    gyre_writer_close(writer);
    assert_true(gyre_writer_is_closing(writer));
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_wait_closed_on_close(void **state)
{
    assert_int_equal(run_main(close_and_wait, NULL), 0);
}

/* test_streams.py::StreamTests::test_wait_closed_on_close_with_unread_data */
static int close_unread(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(shout);
    open_pair(&reader, &writer);
    gyre_writer_write(writer, "a\nb\n", 4);
    assert_line(reader, "A\n");
    gyre_writer_close(writer);
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_wait_closed_on_close_with_unread_data(void **state)
{
    assert_int_equal(run_main(close_unread, NULL), 0);
}

/* test_streams.py::StreamTests::test_async_writer_api,
 * test_streams.py::StreamTests::test_async_writer_api_exception_after_close */
static int use_after_close(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(shout);
    open_pair(&reader, &writer);
    assert_int_equal(gyre_writer_drain(writer), 0);
    gyre_reader_set_exception(reader, GYRE_EUSER);
    assert_int_equal(gyre_writer_drain(writer), GYRE_EUSER);
    reader->err = 0;
    gyre_writer_close(writer);
    /* It gives way once, and so meets the loss. */
    assert_int_equal(gyre_writer_drain(writer), -ECONNRESET);
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    assert_int_equal(gyre_writer_write(writer, "data", 4), 0);
    assert_int_equal(gyre_writer_drain(writer), -ECONNRESET);
    assert_string_equal(gyre_error_text(), "Connection lost");
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_drain_after_close(void **state)
{
    assert_int_equal(run_main(use_after_close, NULL), 0);
}

/* test_streams.py::StreamTests::test_eof_feed_when_closing_writer */
static int read_after_close(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(shout);
    open_pair(&reader, &writer);
    gyre_writer_close(writer);
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    assert_true(gyre_reader_at_eof(reader));
    assert_int_equal(gyre_reader_read(reader, NULL, -1), 0);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_eof_after_close(void **state)
{
    assert_int_equal(run_main(read_after_close, NULL), 0);
}

static void reset(gyre_writer *writer)
{
    struct linger hard = {1, 0};

    setsockopt(gyre_writer_get_socket(writer), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    gyre_transport_abort(gyre_writer_get_transport(writer));
}

static int slam(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    reset(writer);
    return 0;
}

/* test_streams.py::StreamTests::test_drain_raises; spec 27: the stored failure first, in reads, drains,
 * wait_closed
 */
static int write_to_the_gone(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    int err = 0;

    serve(slam);
    open_pair(&reader, &writer);
    while (!err) {
        gyre_writer_write(writer, "foo\n", 4);
        err = gyre_writer_drain(writer);
        if (!err)
            err = gyre_sleep(0);
    }
    assert_true(err == -ECONNRESET || err == -EPIPE);
    assert_int_equal(gyre_reader_exception(reader), err);
    assert_int_equal(gyre_reader_read(reader, NULL, 1), err);
    assert_int_equal(gyre_writer_wait_closed(writer), err);
    assert_string_equal(gyre_error_text(), gyre_strerror(err));
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_drain_raises(void **state)
{
    assert_int_equal(run_main(write_to_the_gone, NULL), 0);
}

/* A client that reads nothing, with so much written to it that the writer is held back. */
static void fill(gyre_writer *writer)
{
    static char block[256 * 1024];

    while (!writer->held_back)
        gyre_writer_write(writer, block, sizeof block);
}

static int drain_it(void *writer)
{
    int err = gyre_writer_drain(writer);

    note(err ? (void *)gyre_error_name(err) : (void *)"drained");
    return 0;
}

static int wait_it(void *writer)
{
    int err = gyre_writer_wait_closed(writer);

    note(err ? (void *)gyre_error_name(err) : (void *)"closed");
    return 0;
}

/* Throws away what comes, once it is told to begin. */
static gyre_future *begin;

static int swallow(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    seen.calls++;
    gyre_await(begin, NULL);
    while ((seen.len = gyre_reader_read(reader, NULL, 1 << 20)) > 0)
        ;
    seen.ended++;
    return 0;
}

/* test_streams.py::StreamTests::test_multiple_drain */
static int drain_many(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_task *tasks[3];

    serve(swallow);
    begin = gyre_loop_create_future(loop);
    open_pair(&reader, &writer);
    fill(writer);
    for (int i = 0; i < 3; i++)
        gyre_create_task(&tasks[i], drain_it, writer);
    gyre_sleep(0.01);
    assert_noted("");
    gyre_future_set_result(begin, NULL);
    for (int i = 0; i < 3; i++) {
        gyre_await(tasks[i], NULL);
        gyre_future_unref(tasks[i]);
    }
    assert_noted("drained drained drained");
    gyre_stream_close(reader, writer);
    end_server();
    gyre_future_unref(begin);
    return 0;
}

static void test_multiple_drain(void **state)
{
    assert_int_equal(run_main(drain_many, NULL), 0);
}

static int cancel_one_drain(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_task *tasks[2];

    serve(swallow);
    begin = gyre_loop_create_future(loop);
    open_pair(&reader, &writer);
    fill(writer);
    for (int i = 0; i < 2; i++)
        gyre_create_task(&tasks[i], drain_it, writer);
    gyre_create_task(NULL, wait_it, writer);
    gyre_sleep(0);
    gyre_task_cancel(tasks[0]);
    gyre_sleep(0.001);
    assert_noted("CancelledError");
    gyre_future_set_result(begin, NULL);
    gyre_await(tasks[1], NULL);
    assert_noted("drained");
    for (int i = 0; i < 2; i++)
        gyre_future_unref(tasks[i]);
    gyre_transport_abort(gyre_writer_get_transport(writer));
    gyre_sleep(0);
    gyre_sleep(0);
    assert_noted("closed");
    gyre_stream_close(reader, writer);
    end_server();
    gyre_future_unref(begin);
    return 0;
}

static void test_a_cancelled_drain_leaves_the_others(void **state)
{
    assert_int_equal(run_main(cancel_one_drain, NULL), 0);
}

static int hear_drain(void *writer)
{
    gyre_writer_drain(writer);
    note((void *)gyre_error_text());
    return 0;
}

static int hear_wait_closed(void *writer)
{
    gyre_writer_wait_closed(writer);
    note((void *)gyre_error_text());
    return 0;
}

/* Who waits for a connection, and what both note when it is lost, and also afterwards. */
struct waiting {
    gyre_coroutine drain, wait_closed;
    const char *heard;
};

static int lose_while_waiting(void *arg)
{
    const struct waiting *waiting = arg;
    gyre_reader *reader;
    gyre_writer *writer;

    serve(sit);
    open_pair(&reader, &writer);
    fill(writer);
    gyre_create_task(NULL, waiting->drain, writer);
    gyre_create_task(NULL, waiting->wait_closed, writer);
    gyre_sleep(0);
    gyre_transport_fail(gyre_writer_get_transport(writer), gyre_error_set(-EIO, "broken"));
    gyre_sleep(0);
    gyre_sleep(0);
    assert_noted(waiting->heard);
    waiting->drain(writer);
    waiting->wait_closed(writer);
    assert_noted(waiting->heard);
    assert_told(1, "Fatal error on transport");
    gyre_stream_close(reader, writer);
    gyre_server_close_clients(server);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

/* asyncio: FlowControlMixin.connection_lost wakes drain with its code */
static void test_the_loss_wakes_drain(void **state)
{
    struct waiting waiting = {drain_it, wait_it, "OSError OSError"};

    assert_int_equal(run_main(lose_while_waiting, &waiting), 0);
}

/* asyncio: they raise what connection_lost was told, with its words. */
static void test_the_words_of_the_loss(void **state)
{
    struct waiting waiting = {hear_drain, hear_wait_closed, "broken broken"};

    assert_int_equal(run_main(lose_while_waiting, &waiting), 0);
}

/* test_streams.py::StreamTests::test_unhandled_exception */
static int meet_a_failure(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(hang_up);
    seen.code = GYRE_EUSER;
    open_pair(&reader, &writer);
    assert_int_equal(gyre_reader_read(reader, NULL, -1), 0);
    assert_told(1, "Unhandled exception in client_connected_cb");
    assert_int_equal(told.exception, GYRE_EUSER);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_unhandled_exception(void **state)
{
    assert_int_equal(run_main(meet_a_failure, NULL), 0);
}

/* test_streams.py::StreamTests::test_unhandled_cancel */
static int meet_a_cancellation(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(hang_up);
    seen.code = GYRE_ECANCELLED;
    open_pair(&reader, &writer);
    assert_int_equal(gyre_reader_read(reader, NULL, -1), 0);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_unhandled_cancel(void **state)
{
    assert_int_equal(run_main(meet_a_cancellation, NULL), 0);
}

/* A handler that never began is as good as one that was cancelled. */
static int cancel_handlers(void *arg)
{
    gyre_task *tasks[8];
    gyre_reader *reader;
    gyre_writer *writer;
    size_t count;

    serve(sit);
    open_pair(&reader, &writer);
    while (!seen.calls)
        gyre_sleep(0);
    count = gyre_all_tasks(NULL, tasks, 8);
    for (size_t i = 0; i < count; i++) {
        if (tasks[i] != gyre_current_task())
            gyre_task_cancel(tasks[i]);
        gyre_future_unref(tasks[i]);
    }
    assert_int_equal(gyre_reader_read(reader, NULL, -1), 0);
    assert_int_equal(seen.ended, 1);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_a_cancelled_handler_closes(void **state)
{
    assert_int_equal(run_main(cancel_handlers, NULL), 0);
}

/* What a handler wrote last still arrives after it returned. */
static int send_much(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    static char block[1 << 20];

    gyre_writer_write(writer, block, sizeof block);
    gyre_stream_close(reader, writer, .timeout = 5);
    gyre_writer_write(writer, "dropped", 7);
    return 0;
}

static int read_much(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(send_much);
    open_pair(&reader, &writer);
    assert_int_equal(gyre_reader_readexactly(reader, NULL, 1 << 20), 1 << 20);
    assert_int_equal(gyre_reader_read(reader, NULL, 1), 0);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_the_close_flushes(void **state)
{
    assert_int_equal(run_main(read_much, NULL), 0);
}

/* A peer that takes nothing does not keep the connection for ever. */
static int give_back_full(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_transport *transport;

    serve(sit);
    open_pair(&reader, &writer);
    fill(writer);
    transport = gyre_transport_ref(gyre_writer_get_transport(writer));
    gyre_stream_close(reader, writer, .timeout = 0.02);
    assert_true(gyre_transport_is_closing(transport));
    assert_true(gyre_transport_get_socket(transport) >= 0);
    while (gyre_transport_get_socket(transport) >= 0)
        gyre_sleep(0.001);
    gyre_transport_unref(transport);
    gyre_server_abort_clients(server);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

static void test_the_close_is_bounded(void **state)
{
    assert_int_equal(run_main(give_back_full, NULL), 0);
}

/* The limit of the options is that of the readers, on both sides; more than twice as much pauses the peer. */
static int hear_limit(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    seen.len = gyre_reader_readline(reader, NULL);
    gyre_writer_write(writer, "0123456789\n", 11);
    return 0;
}

static int pass_limits(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    memset(&seen, 0, sizeof seen);
    assert_int_equal(gyre_start_server(&server, hear_limit, NULL, .host = "127.0.0.1", .limit = 5), 0);
    assert_int_equal(gyre_open_connection(&reader, &writer, .host = "127.0.0.1",
                                          .port = gyre_server_get_port(server), .limit = 8, .arg = &seen),
                     0);
    assert_ptr_equal(gyre_transport_get_arg(gyre_writer_get_transport(writer)), &seen);
    gyre_writer_write(writer, "0123456789\n", 11);
    assert_int_equal(gyre_reader_readline(reader, NULL), GYRE_EVALUE);
    assert_int_equal(seen.len, GYRE_EVALUE);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_limits_are_passed_on(void **state)
{
    assert_int_equal(run_main(pass_limits, NULL), 0);
}

static int hold_back_peer(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    size_t total = 0;
    ptrdiff_t len;

    serve(send_much);
    assert_int_equal(gyre_open_connection(&reader, &writer, .host = "127.0.0.1",
                                          .port = gyre_server_get_port(server), .limit = 1000),
                     0);
    while (gyre_transport_is_reading(writer->transport))
        gyre_sleep(0);
    assert_true(gyre_reader_get_size(reader) > 2000);
    while ((len = gyre_reader_read(reader, NULL, 500)) > 0)
        total += (size_t)len;
    assert_int_equal(total, 1 << 20);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_a_full_reader_pauses_its_transport(void **state)
{
    assert_int_equal(run_main(hold_back_peer, NULL), 0);
}

/* asyncio: StreamReader.set_transport; for protocols of a program's own */
static int pass_through(void *arg)
{
    gyre_reader *reader, *own = gyre_reader_new(.limit = 2);
    gyre_writer *writer;
    gyre_transport *transport;

    serve(sit);
    open_pair(&reader, &writer);
    transport = gyre_writer_get_transport(writer);
    gyre_reader_set_transport(own, transport);
    gyre_reader_feed_data(own, "12345", 5);
    assert_false(gyre_transport_is_reading(transport));
    assert_int_equal(gyre_reader_readexactly(own, NULL, 3), 3);
    assert_true(gyre_transport_is_reading(transport));
    gyre_transport_abort(transport);
    assert_int_equal(gyre_writer_wait_closed(writer), 0);
    gyre_stream_close(reader, writer);
    gyre_sleep(0);
    gyre_reader_feed_data(own, "6789a", 5);
    assert_int_equal(gyre_reader_read(own, NULL, 7), 7);
    gyre_reader_free(own);
    gyre_server_abort_clients(server);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

static void test_a_reader_of_ones_own_pauses_a_transport(void **state)
{
    assert_int_equal(run_main(pass_through, NULL), 0);
}

/* A server that nobody holds serves on. */
static void test_a_server_that_is_not_asked_for(void **state)
{
    assert_int_equal(gyre_start_server(NULL, hang_up, NULL, .host = "127.0.0.1"), 0);
    run_once();
}

/* What is no pair is a mistake. */
static int mix_pairs(void *arg)
{
    gyre_reader *alone = gyre_reader_new(.loop = loop);

    gyre_stream_close(alone, arg);
    return 0;
}

static int mix(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;
    const char *words;
    int status;

    serve(sit);
    open_pair(&reader, &writer);
    status = in_child(mix_pairs, writer, &words);
    assert_true(WIFSIGNALED(status));
    assert_non_null(strstr(words, "gyre_stream_close wants a reader and its own writer"));
    gyre_stream_close(reader, writer);
    gyre_server_abort_clients(server);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

static void test_a_mixed_pair_aborts(void **state)
{
    assert_int_equal(run_main(mix, NULL), 0);
}

/* asyncio: get_extra_info; gyre: its typed forms */
static int ask(void *arg)
{
    char peer[64], own[64];
    gyre_reader *reader;
    gyre_writer *writer;
    const struct sockaddr_in *address;

    serve(shout);
    open_pair(&reader, &writer);
    address = gyre_writer_get_extra_info(writer, "peername", NULL);
    assert_int_equal(ntohs(address->sin_port), gyre_server_get_port(server));
    assert_ptr_equal(gyre_writer_get_extra_info(writer, "colour", "blue"), "blue");
    assert_true(gyre_writer_get_socket(writer) > 0);
    gyre_writer_close(writer);
    gyre_writer_wait_closed(writer);
    assert_int_equal(gyre_writer_get_peername(writer, peer, sizeof peer), 0);
    assert_int_equal(gyre_writer_get_sockname(writer, own, sizeof own), 0);
    assert_string_not_equal(peer, own);
    assert_int_equal(gyre_writer_get_socket(writer), -1);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_get_extra_info(void **state)
{
    assert_int_equal(run_main(ask, NULL), 0);
}

/* A task that the handler left behind is told that its stream is over, and touches nothing. */
static gyre_task *left;

static int read_on(void *reader)
{
    seen.len = gyre_reader_readexactly(reader, NULL, 1000);
    return 0;
}

static int leave_a_task(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    gyre_create_task(&left, read_on, reader);
    return gyre_sleep(0);
}

static int meet_left_task(void *arg)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(leave_a_task);
    open_pair(&reader, &writer);
    assert_int_equal(gyre_reader_read(reader, NULL, -1), 0);
    gyre_await(left, NULL);
    gyre_future_unref(left);
    assert_int_equal(seen.len, GYRE_ERUNTIME);
    gyre_stream_close(reader, writer);
    end_server();
    return 0;
}

static void test_a_task_left_behind(void **state)
{
    assert_int_equal(run_main(meet_left_task, NULL), 0);
}

/* A server that drains takes who waits for a first byte for idle, and who has some for busy. */
static int drain_server(void *arg)
{
    gyre_reader *idle_reader, *busy_reader;
    gyre_writer *idle, *busy;

    serve(shout);
    open_pair(&idle_reader, &idle);
    open_pair(&busy_reader, &busy);
    gyre_writer_write(idle, "x\n", 2);
    assert_line(idle_reader, "X\n");
    gyre_writer_write(busy, "y\nhalf", 6);
    assert_line(busy_reader, "Y\n");
    gyre_sleep(0);
    gyre_create_task(NULL, drain_it, busy);
    assert_int_equal(gyre_server_drain(server, 0.02), 1);
    assert_line(idle_reader, "");
    gyre_stream_close(idle_reader, idle);
    gyre_stream_close(busy_reader, busy);
    gyre_server_unref(server);
    noted[0] = '\0';
    return 0;
}

static void test_a_draining_server(void **state)
{
    assert_int_equal(run_main(drain_server, NULL), 0);
}

/* The loop closes over open pairs and waiting handlers. */
static void test_closing_the_loop(void **state)
{
    gyre_reader *reader;
    gyre_writer *writer;

    serve(shout);
    open_pair(&reader, &writer);
    while (!seen.calls)
        run_once();
    close_now();
    assert_int_equal(seen.ended, 1);
    gyre_stream_close(reader, writer);
    gyre_server_unref(server);
}

/* A protocol that takes the connection over; the stream goes with the transport all the same. */
static const gyre_protocol other = {.size = 1};

static int take_over(void *arg)
{
    bool *lost_before = arg;
    gyre_reader *reader;
    gyre_writer *writer;
    gyre_transport *transport;

    serve(sit);
    open_pair(&reader, &writer);
    transport = gyre_transport_ref(gyre_writer_get_transport(writer));
    gyre_transport_set_protocol(transport, &other, NULL);
    while (!gyre_transport_get_write_buffer_size(transport))
        gyre_writer_write(writer, (char[4096]){0}, 4096);
    gyre_stream_close(reader, writer, .timeout = 0.01);
    if (*lost_before)
        gyre_transport_abort(transport);
    gyre_transport_unref(transport);
    gyre_sleep(0.03);
    gyre_server_abort_clients(server);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

static void test_another_protocol_takes_over(void **state)
{
    assert_int_equal(run_main(take_over, &(bool){false}), 0);
    assert_int_equal(run_main(take_over, &(bool){true}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_a_conversation),
        ON_LOOP(test_less_than_asked_for),
        ON_LOOP(test_the_answer_may_follow_the_end),
        ON_LOOP(test_a_read_is_cancelled_at_once),
        ON_LOOP(test_open_connection_fails),
        ON_LOOP(test_start_server_fails),
        ON_LOOP(test_open_connection_cancelled_at_every_turn),
        ON_LOOP(test_wait_closed_on_close),
        ON_LOOP(test_wait_closed_on_close_with_unread_data),
        ON_LOOP(test_drain_after_close),
        ON_LOOP(test_eof_after_close),
        ON_LOOP(test_drain_raises),
        ON_LOOP(test_multiple_drain),
        ON_LOOP(test_a_cancelled_drain_leaves_the_others),
        ON_LOOP(test_the_loss_wakes_drain),
        ON_LOOP(test_the_words_of_the_loss),
        ON_LOOP(test_unhandled_exception),
        ON_LOOP(test_unhandled_cancel),
        ON_LOOP(test_a_cancelled_handler_closes),
        ON_LOOP(test_the_close_flushes),
        ON_LOOP(test_the_close_is_bounded),
        ON_LOOP(test_limits_are_passed_on),
        ON_LOOP(test_a_full_reader_pauses_its_transport),
        ON_LOOP(test_a_reader_of_ones_own_pauses_a_transport),
        ON_LOOP(test_a_server_that_is_not_asked_for),
        ON_LOOP(test_a_mixed_pair_aborts),
        ON_LOOP(test_get_extra_info),
        ON_LOOP(test_a_task_left_behind),
        ON_LOOP(test_a_draining_server),
        ON_LOOP(test_closing_the_loop),
        ON_LOOP(test_another_protocol_takes_over),
    };
    const struct CMUnitTest virtual_tests[] = {
        ON_SIM(test_a_conversation),
        ON_SIM(test_less_than_asked_for),
        ON_SIM(test_the_answer_may_follow_the_end),
        ON_SIM(test_a_read_is_cancelled_at_once),
        ON_SIM(test_open_connection_fails),
        ON_SIM(test_start_server_fails),
        ON_SIM(test_open_connection_cancelled_at_every_turn),
        ON_SIM(test_wait_closed_on_close),
        ON_SIM(test_wait_closed_on_close_with_unread_data),
        ON_SIM(test_drain_after_close),
        ON_SIM(test_eof_after_close),
        ON_SIM(test_multiple_drain),
        ON_SIM(test_a_cancelled_drain_leaves_the_others),
        ON_SIM(test_the_loss_wakes_drain),
        ON_SIM(test_unhandled_exception),
        ON_SIM(test_unhandled_cancel),
        ON_SIM(test_a_cancelled_handler_closes),
        ON_SIM(test_the_close_flushes),
        ON_SIM(test_the_close_is_bounded),
        ON_SIM(test_limits_are_passed_on),
        ON_SIM(test_a_full_reader_pauses_its_transport),
        ON_SIM(test_a_reader_of_ones_own_pauses_a_transport),
        ON_SIM(test_a_server_that_is_not_asked_for),
        ON_SIM(test_a_mixed_pair_aborts),
        ON_SIM(test_get_extra_info),
        ON_SIM(test_a_task_left_behind),
        ON_SIM(test_a_draining_server),
        ON_SIM(test_closing_the_loop),
        ON_SIM(test_another_protocol_takes_over),
    };
    int failed = cmocka_run_group_tests_name("sim", virtual_tests, begin_group, end_group);

    return failed + cmocka_run_group_tests(tests, begin_group, end_group);
}
