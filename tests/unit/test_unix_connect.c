/* test_unix_connect.c - create_unix_connection: made, refused, cut short; and who is at the other end. */
#include "net_peer.h"
#include "unix_bed.h"
#include <fcntl.h>

static int listener;

static int set_up(void **state)
{
    int err;

    make_folder();
    err = net_setup(state);
    listener = bind_at(path);
    assert_int_equal(listen(listener, 1), 0);
    return err;
}

static int tear_down(void **state)
{
    close(listener);
    remove_folder();
    return net_teardown(state);
}

/* test_events.py::EventLoopTestsMixin::test_create_unix_connection,
 * uv:test_unix.py::_TestUnix::test_create_unix_connection_open_unix_con_addr */
static void it_returns_after_made(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_transport *transport = NULL;
    char name[120];
    int fd;

    assert_int_equal(
        gyre_loop_create_unix_connection(loop, &transport, &net_diary, .path = path, .arg = &diary), 0);
    assert_string_equal(diary.text, "made ");
    assert_ptr_equal(transport, diary.transport);
    assert_int_equal(gyre_transport_get_peername(transport, name, sizeof name), 0);
    assert_string_equal(name, path);
    gyre_transport_unref(transport);
    fd = accept(listener, NULL, NULL);
    assert_int_equal(write(fd, "abc", 3), 3);
    close(fd);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:3 eof lost:0 ");
}

/* uv:test_unix.py::_TestUnix::test_create_unix_connection_open_unix_con_sock,
 * uv:test_unix.py::Test_UV_Unix::test_transport_fromsock_get_extra_info */
static void over_a_socket_that_is_connected(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int fd = dial_at(path);
    const int *socket;

    assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &net_diary, .sock = fd, .arg = &diary), 0);
    socket = gyre_transport_get_extra_info(diary.transport, "socket", NULL);
    assert_non_null(socket);
    assert_int_equal(*socket, fd);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    net_finish(loop, &diary, accept(listener, NULL, NULL));
}

/* uv:test_unix.py::_TestUnix::test_create_unix_connection_2 */
static void nobody_is_there(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_transport *untouched = (void *)&diary, *transport = untouched;
    char text[160], file[120];

    snprintf(file, sizeof file, "%s/none", folder);
    assert_int_equal(
        gyre_loop_create_unix_connection(loop, &transport, &net_diary, .path = file, .arg = &diary), -ENOENT);
    snprintf(text, sizeof text, "[Errno 2] Connect call failed '%s'", file);
    assert_string_equal(gyre_error_text(), text);
    close(bind_at(file));
    assert_int_equal(
        gyre_loop_create_unix_connection(loop, &transport, &net_diary, .path = file, .arg = &diary),
        -ECONNREFUSED);
    unlink(file);
    assert_ptr_equal(transport, untouched);
    assert_string_equal(diary.text, "");
    assert_int_equal(diary.destroyed, 0);
}

/* test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_connection_path_inetsock,
 * test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_connection_path_sock,
 * test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_connection_nopath_nosock,
 * uv:test_unix.py::_TestUnix::test_create_unix_connection_4 */
static void contradicting_arguments(void **state)
{
    gyre_loop *loop = *state;
    int internet = socket(AF_INET, SOCK_STREAM, 0), stream = dial_at(path);
    char words[80];

#define FAILS_WITH(code, text, ...)                                                                    \
    do {                                                                                               \
        assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &net_diary, __VA_ARGS__), code); \
        assert_string_equal(gyre_error_text(), text);                                                  \
    } while (0)
    FAILS_WITH(GYRE_EVALUE, "no path and sock were specified", .path = NULL);
    FAILS_WITH(GYRE_EVALUE, "path and sock can not be specified at the same time", .path = "/x",
               .sock = stream);
    snprintf(words, sizeof words, "A UNIX Domain Stream Socket was expected, got descriptor %d", internet);
    FAILS_WITH(GYRE_EVALUE, words, .sock = internet);
    FAILS_WITH(GYRE_EVALUE, "the path is empty", .path = "");
#undef FAILS_WITH
    close(internet);
    close(stream);
}

static void *refuse(void *arg)
{
    return NULL;
}

/* The socket is closed; one that the program gave stays the program's. */
static void a_refusing_factory(void **state)
{
    static const gyre_protocol refusing = {.create = refuse};
    gyre_loop *loop = *state;
    int fd;

    assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &refusing, .path = path), GYRE_ERUNTIME);
    close(accept(listener, NULL, NULL));
    fd = dial_at(path);
    assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &refusing, .sock = fd), GYRE_ERUNTIME);
    assert_int_equal(close(fd), 0);
}

struct attempt {
    gyre_loop *loop;
    struct diary diary;
    int sock;
};

static int connect_in_task(void *arg)
{
    struct attempt *attempt = arg;

    if (attempt->sock)
        return gyre_loop_create_unix_connection(attempt->loop, NULL, &net_diary, .sock = attempt->sock,
                                                .arg = &attempt->diary);
    return gyre_loop_create_unix_connection(attempt->loop, NULL, &net_diary, .path = path,
                                            .arg = &attempt->diary);
}

/* Two fill a queue of one. */
static void fill(int fds[2])
{
    fds[0] = dial_at(path);
    fds[1] = dial_at(path);
}

/* The kernel says no more than "try again", and tells nobody when there is room. */
static void it_waits_while_the_queue_is_full(void **state)
{
    gyre_loop *loop = *state;
    struct attempt attempt = {.loop = loop};
    gyre_task *task = NULL;
    int fds[2];

    fill(fds);
    gyre_loop_create_task(loop, &task, connect_in_task, &attempt);
    for (int i = 0; i < 10; i++)
        net_step(loop);
    assert_false(gyre_future_done(task));
    close(accept(listener, NULL, NULL));
    close(accept(listener, NULL, NULL));
    assert_int_equal(gyre_loop_run_until_complete(loop, task, NULL), 0);
    assert_string_equal(attempt.diary.text, "made ");
    gyre_future_unref(task);
    net_finish(loop, &attempt.diary, accept(listener, NULL, NULL));
    close(fds[0]);
    close(fds[1]);
}

/* uv:test_unix.py::_TestUnix::test_create_unix_connection_sock_cancel_fd_leak */
static void cancelled_while_it_waits(void **state)
{
    gyre_loop *loop = *state;
    int fds[2], before;

    fill(fds);
    before = net_count_fds();
    for (int turns = 0; turns < 5; turns++) {
        struct attempt attempt = {.loop = loop};
        gyre_task *task = NULL;

        gyre_loop_create_task(loop, &task, connect_in_task, &attempt);
        net_turns(loop, turns);
        gyre_task_cancel(task);
        net_turns(loop, 3);
        assert_true(gyre_future_cancelled(task));
        assert_int_equal(net_count_fds(), before);
        assert_int_equal(attempt.diary.made, 0);
        gyre_future_unref(task);
    }
    close(fds[0]);
    close(fds[1]);
}

/* uv:test_unix.py::_TestUnix::test_create_unix_connection_sock_cancel_detaches,
 * uv:test_unix.py::_TestUnix::test_create_unix_connection_5: what was made is lost; before that the socket is
 * still the program's. */
static void cancelled_while_made_is_queued(void **state)
{
    gyre_loop *loop = *state;

    for (int turns = 0; turns < 4; turns++) {
        struct attempt attempt = {.loop = loop};
        gyre_task *task = NULL;
        int ends[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        attempt.sock = ends[0];
        gyre_loop_create_task(loop, &task, connect_in_task, &attempt);
        net_turns(loop, turns);
        gyre_task_cancel(task);
        net_turns(loop, 5);
        assert_true(gyre_future_done(task));
        assert_int_equal(attempt.diary.made, turns > 0);
        if (!attempt.diary.made)
            close(ends[0]);
        else if (!attempt.diary.lost)
            net_finish(loop, &attempt.diary, -1);
        gyre_future_unref(task);
        close(ends[1]);
    }
}

/* uv:test_unix.py::Test_UV_Unix::test_epollhup: the peer is gone in both directions, and what it sent is not
 * lost. */
static void a_hang_up_behind_much_data(void **state)
{
    enum { MUCH = 65536 };
    static char data[MUCH];
    gyre_loop *loop = *state;
    struct diary diary = {.keep_open = true};
    int fd;

    assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &net_diary, .path = path, .arg = &diary),
                     0);
    fd = accept(listener, NULL, NULL);
    assert_int_equal(write(fd, data, MUCH), MUCH);
    close(fd);
    while (!diary.eof)
        net_step(loop);
    assert_int_equal(diary.received, MUCH);
    assert_int_equal(diary.lost, 0);
    gyre_transport_close(diary.transport);
    while (!diary.lost)
        net_step(loop);
    assert_int_equal(diary.err, 0);
}

static void the_peers_credentials(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_transport *transport = NULL;
    gyre_peercred cred = {0};

    assert_int_equal(
        gyre_loop_create_unix_connection(loop, &transport, &net_diary, .path = path, .arg = &diary), 0);
    assert_int_equal(gyre_transport_get_peercred(transport, &cred), 0);
    assert_int_equal(cred.pid, getpid());
    assert_int_equal(cred.uid, geteuid());
    assert_int_equal(cred.gid, getegid());
    net_finish(loop, &diary, accept(listener, NULL, NULL));
    assert_int_equal(gyre_transport_get_peercred(transport, &cred), -ENOTCONN);
    gyre_transport_unref(transport);
}

static void only_a_unix_socket_has_them(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_server *server = NULL;
    gyre_peercred cred = {.pid = -7};

    assert_int_equal(gyre_loop_create_server(loop, &server, &(gyre_protocol){0}, .host = "127.0.0.1"), 0);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1",
                                                 .port = gyre_server_get_port(server), .arg = &diary),
                     0);
    assert_int_equal(gyre_transport_get_peercred(diary.transport, &cred), -ENOTSUP);
    assert_int_equal(cred.pid, -7);
    net_finish(loop, &diary, -1);
    gyre_server_abort_clients(server);
    gyre_server_close(server);
    gyre_server_wait_closed(server);
    gyre_server_unref(server);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(it_returns_after_made),
        IN_FOLDER(over_a_socket_that_is_connected),
        IN_FOLDER(nobody_is_there),
        IN_FOLDER(contradicting_arguments),
        IN_FOLDER(a_refusing_factory),
        IN_FOLDER(it_waits_while_the_queue_is_full),
        IN_FOLDER(cancelled_while_it_waits),
        IN_FOLDER(cancelled_while_made_is_queued),
        IN_FOLDER(a_hang_up_behind_much_data),
        IN_FOLDER(the_peers_credentials),
        IN_FOLDER(only_a_unix_socket_has_them),
    };
    int failed = cmocka_run_group_tests_name("epoll", tests, NULL, NULL);

    net_driver = GYRE_DRIVER_UV;
    return failed + cmocka_run_group_tests_name("uv", tests, NULL, NULL);
}
