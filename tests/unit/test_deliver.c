/* test_deliver.c - bytes that a waiting task sees where the loop has read them: lent, kept, left over. */
#include "net/net.h"
#include "net/transport.h"
#include "stream/writer.h"
#include "unit.h"

static gyre_server *server;
static gyre_reader *reader, *served_reader;
static gyre_writer *writer, *served;
static gyre_client_connected body;
static int ended;

static int handle(gyre_reader *from, gyre_writer *to, void *arg)
{
    served_reader = from;
    served = to;
    ended = 0;
    body(from, to, arg);
    ended = 1;
    return 0;
}

static void open_scene(gyre_client_connected fn)
{
    body = fn;
    served = NULL;
    assert_int_equal(gyre_start_server(&server, handle, NULL, .host = "127.0.0.1"), 0);
    assert_int_equal(
        gyre_open_connection(&reader, &writer, .host = "127.0.0.1", .port = gyre_server_get_port(server)), 0);
    while (!served)
        run_once();
}

static void close_scene(void)
{
    gyre_stream_close(reader, writer);
    gyre_server_close(server);
    assert_int_equal(gyre_server_wait_closed(server), 0);
    gyre_server_unref(server);
}

static void send_text(const char *text)
{
    gyre_writer_write(writer, text, strlen(text));
}

static void expect(const char *text)
{
    const char *data;

    assert_int_equal(gyre_reader_readexactly(reader, &data, (ptrdiff_t)strlen(text)), strlen(text));
    assert_memory_equal(data, text, strlen(text));
}

static const char *input(void)
{
    return gyre__net(loop)->input;
}

/* Where the handler's bytes lay. */
static const char *seen;

static int echo(gyre_reader *from, gyre_writer *to, void *arg)
{
    ptrdiff_t len;

    while ((len = gyre_reader_read(from, &seen, 1000)) > 0)
        gyre_writer_write(to, seen, (size_t)len);
    return 0;
}

/* The first delivery is a copy; who has shown that it lets go sees the loop's own buffer. */
static void test_a_task_that_lets_go_sees_the_buffer(void **state)
{
    open_scene(echo);
    send_text("one");
    expect("one");
    assert_ptr_not_equal(seen, input());
    for (int i = 0; i < 3; i++) {
        send_text("two");
        expect("two");
        assert_ptr_equal(seen, input());
        assert_null(served_reader->bytes.block);
    }
    close_scene();
}

static gyre_future *go_on;
static bool keeps;

/* Keeps what it read over a wait. */
static int keep(gyre_reader *from, gyre_writer *to, void *arg)
{
    ptrdiff_t len;

    while ((len = gyre_reader_read(from, &seen, 1000)) > 0) {
        keeps = seen[0] == 'k';
        if (keeps)
            gyre_await(go_on, NULL);
        gyre_writer_write(to, seen, (size_t)len);
    }
    return 0;
}

static void test_a_task_that_keeps_it_gets_the_buffer(void **state)
{
    const char *before;

    open_scene(keep);
    send_text("first");
    expect("first");
    before = input();
    keeps = false;
    go_on = gyre_loop_create_future(loop);
    send_text("keep this");
    while (!keeps)
        run_once();
    assert_ptr_equal(seen, before);
    assert_ptr_not_equal(input(), before);
    assert_int_equal(served->doubts, 64);
    send_text("and more comes meanwhile");
    run_passes(4);
    assert_memory_equal(seen, "keep this", 9);
    gyre_future_set_result(go_on, NULL);
    expect("keep thisand more comes meanwhile");
    gyre_future_unref(go_on);
    close_scene();
}

/* It is believed again once it has let go for a while. */
static void test_confidence_comes_back(void **state)
{
    open_scene(keep);
    go_on = gyre_loop_create_future(loop);
    gyre_future_set_result(go_on, NULL);
    send_text("k");
    expect("k");
    for (int i = 0; served->doubts; i++) {
        assert_ptr_not_equal(seen, input());
        send_text("x");
        expect("x");
        assert_true(i < 100);
    }
    send_text("x");
    expect("x");
    assert_ptr_equal(seen, input());
    gyre_future_unref(go_on);
    close_scene();
}

/* Two lines in one delivery, and half a third: what is left moves out of the buffer before the next read. */
static int shout(gyre_reader *from, gyre_writer *to, void *arg)
{
    ptrdiff_t len;

    while ((len = gyre_reader_readline(from, &seen)) > 0) {
        gyre_writer_write(to, "<", 1);
        gyre_writer_write(to, seen, (size_t)len);
    }
    return 0;
}

static void test_what_is_left_moves_out(void **state)
{
    open_scene(shout);
    send_text("warm\n");
    expect("<warm\n");
    for (int i = 0; i < 3; i++) {
        send_text("one\ntwo\nthr");
        expect("<one\n<two\n");
        assert_int_equal(gyre_reader_get_size(served_reader), 3);
        assert_false(served_reader->bytes.borrowed);
        send_text("ee\n");
        expect("<three\n");
    }
    close_scene();
}

/* Half a line for a task that waits for a whole one. */
static void test_too_little_moves_out(void **state)
{
    open_scene(shout);
    send_text("warm\n");
    expect("<warm\n");
    send_text("ha");
    while (gyre_reader_get_size(served_reader) != 2)
        run_once();
    assert_false(served_reader->bytes.borrowed);
    assert_true(served_reader->waiting);
    send_text("lf\n");
    expect("<half\n");
    close_scene();
}

/* The task ends in the delivery, with bytes lent and bytes left. */
static int read_once(gyre_reader *from, gyre_writer *to, void *arg)
{
    gyre_reader_readline(from, &seen);
    return (int)gyre_reader_readline(from, &seen);
}

static void test_the_task_ends_in_the_delivery(void **state)
{
    open_scene(read_once);
    send_text("first\n");
    run_passes(3);
    send_text("second\nthird\n");
    assert_int_equal(gyre_reader_read(reader, NULL, -1), 0);
    assert_int_equal(ended, 1);
    close_scene();
}

/* Nobody waits: the bytes are kept for later, in the reader's own memory. */
static int nap_first(gyre_reader *from, gyre_writer *to, void *arg)
{
    gyre_await(go_on, NULL);
    return echo(from, to, arg);
}

static void test_nobody_waits(void **state)
{
    go_on = gyre_loop_create_future(loop);
    open_scene(nap_first);
    send_text("early");
    while (gyre_reader_get_size(served_reader) != 5)
        run_once();
    gyre_future_set_result(go_on, NULL);
    expect("early");
    gyre_future_unref(go_on);
    close_scene();
}

/* A cancellation that came first is what the task gets; the bytes stay. */
static int cancelled_code;

static int read_twice(gyre_reader *from, gyre_writer *to, void *arg)
{
    cancelled_code = (int)gyre_reader_read(from, &seen, 10);
    return echo(from, to, arg);
}

static void test_a_cancelled_task_is_not_run_with_bytes(void **state)
{
    gyre_task *tasks[4];

    open_scene(read_twice);
    while (!served_reader->waiting)
        run_once();
    assert_int_equal(gyre_all_tasks(loop, tasks, 4), 1);
    gyre_task_cancel(tasks[0]);
    gyre__stream_deliver(served, "late", 4);
    assert_int_equal(cancelled_code, 0);
    run_passes(2);
    assert_int_equal(cancelled_code, GYRE_ECANCELLED);
    expect("late");
    gyre_future_unref(tasks[0]);
    close_scene();
}

/* Outside tasks there is nobody to run: the loop is driven, and the read returns. */
static void test_a_read_that_drives_the_loop(void **state)
{
    open_scene(echo);
    send_text("plain");
    expect("plain");
    send_text("plain");
    expect("plain");
    close_scene();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_a_task_that_lets_go_sees_the_buffer),
        ON_LOOP(test_a_task_that_keeps_it_gets_the_buffer),
        ON_LOOP(test_confidence_comes_back),
        ON_LOOP(test_what_is_left_moves_out),
        ON_LOOP(test_too_little_moves_out),
        ON_LOOP(test_the_task_ends_in_the_delivery),
        ON_LOOP(test_nobody_waits),
        ON_LOOP(test_a_cancelled_task_is_not_run_with_bytes),
        ON_LOOP(test_a_read_that_drives_the_loop),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
