/* test_unix_stream.c - open_unix_connection and start_unix_server. */
#include "unit.h"
#include "unix_bed.h"

static int set_up(void **state)
{
    make_folder();
    return open_loop(state);
}

static int tear_down(void **state)
{
    remove_folder();
    return close_loop(state);
}

/* Answers the first line, and closes. */
static int echo(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *line;
    ptrdiff_t len = gyre_reader_readline(reader, &line);

    ++*(int *)arg;
    return len < 0 ? (int)len : gyre_writer_write(writer, line, (size_t)len);
}

static void converse(const gyre_unix_connection_options *options)
{
    gyre_reader *reader;
    gyre_writer *writer;
    const char *line;

    assert_int_equal((gyre_open_unix_connection)(&reader, &writer, options), 0);
    gyre_writer_write(writer, "hello\n", 6);
    assert_int_equal(gyre_reader_readline(reader, &line), 6);
    assert_memory_equal(line, "hello\n", 6);
    assert_int_equal(gyre_reader_readline(reader, &line), 0);
    gyre_stream_close(reader, writer);
}

static void end_server(gyre_server *server)
{
    gyre_server_close(server);
    assert_int_equal(gyre_server_wait_closed(server), 0);
    gyre_server_unref(server);
    assert_false(exists(path));
}

static int serve_many(void *arg)
{
    gyre_unix_connection_options by_path = {.size = sizeof by_path, .path = path};
    gyre_unix_connection_options by_socket = {.size = sizeof by_socket};
    gyre_server *server;
    int served = 0;

    assert_int_equal(gyre_start_unix_server(&server, echo, &served, .path = path), 0);
    for (int i = 0; i < 25; i++) {
        converse(&by_path);
        by_socket.sock = dial_at(path);
        converse(&by_socket);
    }
    end_server(server);
    assert_int_equal(served, 50);
    return 0;
}

/* test_streams.py::StreamTests::test_open_unix_connection,
 * test_streams.py::StreamTests::test_start_unix_server,
 * uv:test_unix.py::_TestUnix::test_create_unix_connection_open_con_sock */
static void test_conversations(void **state)
{
    assert_int_equal(run_main(serve_many, NULL), 0);
}

/* The message and the answer, then the server's end cancels serve_forever. */
static int serve_until_closed(void *arg)
{
    return gyre_server_serve_forever(arg);
}

static int serve_forever(void *arg)
{
    gyre_unix_connection_options options = {.size = sizeof options, .path = path};
    gyre_server *server;
    gyre_task *task;
    int served = 0;

    assert_int_equal(gyre_start_unix_server(&server, echo, &served, .path = path, .start_serving = GYRE_NO),
                     0);
    assert_false(gyre_server_is_serving(server));
    assert_int_equal(gyre_create_task(&task, serve_until_closed, server), 0);
    assert_int_equal(gyre_sleep(0), 0);
    assert_true(gyre_server_is_serving(server));
    converse(&options);
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    assert_int_equal(gyre_server_sockets(server, NULL, 0), 0);
    assert_int_equal(gyre_server_serve_forever(server), GYRE_ERUNTIME);
    end_server(server);
    return 0;
}

/* test_server.py::SelectorStartServerTests::test_start_unix_server_1 */
static void test_serve_forever(void **state)
{
    assert_int_equal(run_main(serve_forever, NULL), 0);
}

/* Takes four bytes and hangs up. */
static int take_four(gyre_reader *reader, gyre_writer *writer, void *arg)
{
    const char *four;

    return gyre_reader_readexactly(reader, &four, 4) == 4 ? 0 : -EIO;
}

static int ask_for_ten(void *arg)
{
    gyre_server *server;
    gyre_reader *reader;
    gyre_writer *writer;
    const char *ten;

    assert_int_equal(gyre_start_unix_server(&server, take_four, NULL, .path = path), 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(gyre_open_unix_connection(&reader, &writer, .path = path), 0);
        gyre_writer_write(writer, "AAAA", 4);
        assert_int_equal(gyre_reader_readexactly(reader, &ten, 10), GYRE_EINCOMPLETEREAD);
        gyre_stream_close(reader, writer);
    }
    end_server(server);
    return 0;
}

/* uv:test_unix.py::_TestUnix::test_create_unix_connection_3 */
static void test_less_than_asked_for(void **state)
{
    assert_int_equal(run_main(ask_for_ten, NULL), 0);
}

static int open_badly(void *arg)
{
    gyre_reader *reader = NULL;
    gyre_writer *writer = NULL;
    gyre_server *server = NULL;

    assert_int_equal(gyre_open_unix_connection(&reader, &writer, .path = path), -ENOENT);
    assert_int_equal(gyre_open_unix_connection(&reader, &writer), GYRE_EVALUE);
    assert_int_equal(gyre_open_unix_connection(&reader, &writer, .path = path, .limit = -1), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "Limit cannot be <= 0");
    assert_int_equal(gyre_start_unix_server(&server, take_four, NULL), GYRE_EVALUE);
    assert_int_equal(gyre_start_unix_server(&server, take_four, NULL, .path = path, .limit = -1),
                     GYRE_EVALUE);
    assert_null(reader);
    assert_null(writer);
    assert_null(server);
    return 0;
}

/* test_streams.py::StreamTests::test_open_unix_connection_error */
static void test_failures(void **state)
{
    assert_int_equal(run_main(open_badly, NULL), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_conversations),
        IN_FOLDER(test_serve_forever),
        IN_FOLDER(test_less_than_asked_for),
        IN_FOLDER(test_failures),
    };
    int failed = cmocka_run_group_tests_name("epoll", tests, begin_group, end_group);

    unit_driver = GYRE_DRIVER_UV;
    return failed + cmocka_run_group_tests_name("uv", tests, begin_group, end_group);
}
