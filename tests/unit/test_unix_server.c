/* test_unix_server.c - create_unix_server: names, files that are in the way, and files that are left. */
#include "net_peer.h"
#include "unix_bed.h"
#include <netinet/in.h>

static const gyre_protocol nothing = {0};

static int set_up(void **state)
{
    make_folder();
    return net_setup(state);
}

static int tear_down(void **state)
{
    remove_folder();
    return net_teardown(state);
}

static void end(gyre_server *server)
{
    gyre_server_close(server);
    gyre_server_unref(server);
}

static gyre_server *open_at(gyre_loop *loop, const char *file)
{
    gyre_server *server = NULL;

    assert_int_equal(gyre_loop_create_unix_server(loop, &server, &nothing, .path = file), 0);
    return server;
}

/* test_events.py::EventLoopTestsMixin::test_create_unix_server,
 * uv:test_unix.py::_TestUnix::test_create_unix_server_1 */
static void it_serves(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    struct diaries diaries = {.diary = &diary, .max = 1};
    gyre_server *server = NULL;
    char text[8], name[120];
    int fd, peer;

    assert_int_equal(gyre_loop_create_unix_server(loop, &server, &net_diaries, .path = path, .arg = &diaries),
                     0);
    assert_true(gyre_server_is_serving(server));
    assert_int_equal(gyre_server_sockets(server, &fd, 1), 1);
    assert_int_equal(gyre_server_get_port(server), -1);
    peer = dial_at(path);
    assert_int_equal(write(peer, "xxx", 3), 3);
    while (diary.received < 3)
        net_step(loop);
    assert_int_equal(gyre_transport_get_sockname(diary.transport, name, sizeof name), 0);
    assert_string_equal(name, path);
    assert_int_equal(gyre_transport_get_peername(diary.transport, name, sizeof name), 0);
    assert_string_equal(name, "");
    gyre_transport_write(diary.transport, "yes", 3);
    net_step(loop);
    assert_int_equal(read(peer, text, sizeof text), 3);
    gyre_transport_close(diary.transport);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:3 lost:0 ");
    assert_int_equal(read(peer, text, sizeof text), 0);
    close(peer);
    end(server);
    assert_int_equal(gyre_server_get_port(server = open_at(loop, path)), -1);
    end(server);
}

/* test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_server_existing_path_sock,
 * uv:test_unix.py::_TestUnix::test_create_unix_server_existing_path_sock */
static void a_socket_that_was_left_is_removed(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server;

    close(bind_at(path));
    assert_int_equal(try_dial(path), -ECONNREFUSED);
    server = open_at(loop, path);
    close(dial_at(path));
    end(server);
}

/* test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_server_existing_path_nonsock,
 * uv:test_unix.py::_TestUnix::test_create_unix_server_2 */
static void another_file_is_not(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;
    char text[160];

    fclose(fopen(path, "w"));
    assert_int_equal(gyre_loop_create_unix_server(loop, &server, &nothing, .path = path), -EADDRINUSE);
    snprintf(text, sizeof text, "Address '%s' is already in use", path);
    assert_string_equal(gyre_error_text(), text);
    assert_null(server);
    assert_true(exists(path));
}

/* test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_server_bind_error */
static void a_bind_that_fails_leaves_nothing(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;

    assert_int_equal(gyre_loop_create_unix_server(loop, &server, &nothing, .path = "/no/such/folder/sock"),
                     -ENOENT);
    assert_string_equal(gyre_error_text(),
                        "error while attempting to bind on address '/no/such/folder/sock': "
                        "No such file or directory");
    assert_null(server);
}

/* test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_server_nopath_nosock,
 * test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_server_path_inetsock,
 * test_unix_events.py::SelectorEventLoopUnixSocketTests::test_create_unix_server_path_dgram,
 * uv:test_unix.py::Test_UV_Unix::test_create_unix_server_path_dgram,
 * test_events.py::EventLoopTestsMixin::test_create_unix_server_path_socket_error */
static void contradicting_arguments(void **state)
{
    gyre_loop *loop = *state;
    int internet = socket(AF_INET, SOCK_STREAM, 0), datagram = socket(AF_UNIX, SOCK_DGRAM, 0),
        stream = bind_at(path);
    char words[80];

#define FAILS_WITH(code, text, ...)                                                              \
    do {                                                                                         \
        assert_int_equal(gyre_loop_create_unix_server(loop, NULL, &nothing, __VA_ARGS__), code); \
        assert_string_equal(gyre_error_text(), text);                                            \
    } while (0)
    FAILS_WITH(GYRE_EVALUE, "path was not specified, and no sock specified", .path = NULL);
    FAILS_WITH(GYRE_EVALUE, "path and sock can not be specified at the same time", .path = "/test",
               .sock = stream);
    snprintf(words, sizeof words, "A UNIX Domain Stream Socket was expected, got descriptor %d", internet);
    FAILS_WITH(GYRE_EVALUE, words, .sock = internet);
    snprintf(words, sizeof words, "A UNIX Domain Stream Socket was expected, got descriptor %d", datagram);
    FAILS_WITH(GYRE_EVALUE, words, .sock = datagram);
    FAILS_WITH(-EBADF, "9999 is no open descriptor", .sock = 9999);
    FAILS_WITH(GYRE_EVALUE, "the path is empty", .path = "");
#undef FAILS_WITH
    close(internet);
    close(datagram);
    close(stream);
}

/* A path is never cut: another socket would be made than was asked for. */
static void the_longest_path(void **state)
{
    gyre_loop *loop = *state;
    char longest[120], name[120];
    gyre_server *server;
    struct diary diary = {0};

    memset(longest, 0, sizeof longest);
    memset(longest, 'x', 108);
    memcpy(longest, folder, strlen(folder));
    longest[strlen(folder)] = '/';
    assert_int_equal(gyre_loop_create_unix_server(loop, NULL, &nothing, .path = longest), -ENAMETOOLONG);
    assert_string_equal(gyre_error_text(), "AF_UNIX path too long: 108 bytes, at most 107");
    assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &net_diary, .path = longest),
                     -ENAMETOOLONG);
    longest[107] = '\0';
    server = open_at(loop, longest);
    assert_true(exists(longest));
    assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &net_diary, .path = longest, .arg = &diary),
                     0);
    assert_int_equal(gyre_transport_get_peername(diary.transport, name, sizeof name), 0);
    assert_string_equal(name, longest);
    gyre_transport_abort(diary.transport);
    while (!diary.lost)
        net_step(loop);
    end(server);
    assert_false(exists(longest));
}

/* test_server.py::UnixServerCleanupTests::test_unix_server_addr_cleanup */
static void close_removes_its_file(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = open_at(loop, path);

    assert_true(exists(path));
    end(server);
    assert_false(exists(path));
}

/* Also after the program has gone elsewhere. */
static void a_relative_path(void **state)
{
    gyre_loop *loop = *state;
    char here[4096];
    gyre_server *server;

    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder), 0);
    server = open_at(loop, "sock");
    assert_int_equal(chdir(here), 0);
    assert_true(exists(path));
    end(server);
    assert_false(exists(path));
}

/* test_server.py::UnixServerCleanupTests::test_unix_server_sock_cleanup */
static void close_removes_the_file_of_a_given_socket(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;

    assert_int_equal(gyre_loop_create_unix_server(loop, &server, &nothing, .sock = bind_at(path)), 0);
    close(dial_at(path));
    end(server);
    assert_false(exists(path));
}

/* test_server.py::UnixServerCleanupTests::test_unix_server_cleanup_gone */
static void a_file_that_is_gone(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;
    int fd = bind_at(path);

    unlink(path);
    assert_int_equal(gyre_loop_create_unix_server(loop, &server, &nothing, .sock = fd), 0);
    end(server);
    server = open_at(loop, path);
    unlink(path);
    end(server);
    assert_int_equal(report.count, 0);
}

/* test_server.py::UnixServerCleanupTests::test_unix_server_cleanup_replaced */
static void a_file_that_is_anothers_stays(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *first = open_at(loop, path), *second;
    int fd;

    unlink(path);
    fd = bind_at(path);
    end(first);
    assert_true(exists(path));
    close(fd);
    first = open_at(loop, path);
    second = open_at(loop, path);
    end(first);
    close(dial_at(path));
    end(second);
    assert_false(exists(path));
}

/* test_server.py::UnixServerCleanupTests::test_unix_server_cleanup_prevented */
static void cleanup_prevented(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;

    assert_int_equal(
        gyre_loop_create_unix_server(loop, &server, &nothing, .path = path, .cleanup_socket = GYRE_NO), 0);
    end(server);
    assert_true(exists(path));
}

/* A loop that closes closes its servers. */
static void closing_the_loop_removes_it(void **state)
{
    gyre_loop *loop = *state;

    gyre_server_unref(open_at(loop, path));
    gyre_loop_close(loop);
    assert_false(exists(path));
    assert_int_equal(gyre_loop_create_unix_server(loop, NULL, &nothing, .path = path), GYRE_ELOOPCLOSED);
}

static void an_abstract_name(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_server *server = NULL;
    char name[120], shown[120];

    snprintf(name, 60, "gyre-test-%d", (int)getpid());
    snprintf(shown, sizeof shown, "@%.60s", name);
    assert_int_equal(
        gyre_loop_create_unix_server(loop, &server, &nothing, .path = name, .abstract = GYRE_YES), 0);
    assert_int_equal(gyre_loop_create_unix_server(loop, NULL, &nothing, .path = name, .abstract = GYRE_YES),
                     -EADDRINUSE);
    assert_non_null(strstr(gyre_error_text(), shown));
    assert_false(exists(name));
    assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &net_diary, .path = name,
                                                      .abstract = GYRE_YES, .arg = &diary),
                     0);
    assert_int_equal(gyre_transport_get_peername(diary.transport, name, sizeof name), 0);
    assert_string_equal(name, shown);
    net_finish(loop, &diary, -1);
    end(server);
}

static void not_before_start_serving(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;

    assert_int_equal(
        gyre_loop_create_unix_server(loop, &server, &nothing, .path = path, .start_serving = GYRE_NO), 0);
    assert_false(gyre_server_is_serving(server));
    assert_int_equal(try_dial(path), -ECONNREFUSED);
    assert_int_equal(gyre_server_start_serving(server), 0);
    close(dial_at(path));
    end(server);
}

static void dial_late(void *arg)
{
    *(int *)arg = try_dial(path);
}

static int drain_it(void *arg)
{
    return gyre_server_drain(arg, 5);
}

static void close_after_data(struct diary *diary)
{
    gyre_transport_close(diary->transport);
}

/* Who is in the queue is served; who comes later is refused, and nobody is reset. */
static void drain_serves_who_is_in_the_queue(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary[2] = {{.on_data = close_after_data}, {.on_data = close_after_data}};
    struct diaries diaries = {.diary = diary, .max = 2};
    gyre_server *server = NULL;
    int fds[2], late = 0;

    assert_int_equal(gyre_loop_create_unix_server(loop, &server, &net_diaries, .path = path, .arg = &diaries),
                     0);
    for (int i = 0; i < 2; i++) {
        fds[i] = dial_at(path);
        assert_int_equal(write(fds[i], "hello", 5), 5);
    }
    gyre_loop_call_later(loop, 0.0005, dial_late, &late);
    assert_int_equal(net_task(loop, drain_it, server), 0);
    assert_int_equal(diary[0].received + diary[1].received, 10);
    assert_true(late == 0 || late == -ECONNREFUSED || late == -ENOENT);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(net_read_all(fds[i]), 0);
        close(fds[i]);
    }
    assert_int_equal(report.count, 0);
    gyre_server_unref(server);
}

static void their_names_are_no_files_in_virtual_time(void **state)
{
    gyre_loop *sim = gyre_loop_new(.driver = GYRE_DRIVER_SIM);
    gyre_loop *before = gyre_get_event_loop();
    gyre_transport *transport;
    gyre_peercred cred;

    gyre_set_event_loop(sim);
    close(bind_at(path));
    assert_int_equal(gyre_loop_create_unix_connection(sim, NULL, &nothing, .path = path), -ENOENT);
    assert_int_equal(gyre_loop_create_unix_server(sim, NULL, &nothing, .path = path), 0);
    assert_int_equal(gyre_loop_create_unix_server(sim, NULL, &nothing, .path = path), -EADDRINUSE);
    assert_int_equal(gyre_loop_create_unix_connection(sim, &transport, &nothing, .path = path), 0);
    assert_int_equal(gyre_transport_get_peercred(transport, &cred), 0);
    assert_int_equal(cred.pid, getpid());
    gyre_transport_unref(transport);
    gyre_set_event_loop(before);
    gyre_loop_close(sim);
    gyre_loop_unref(sim);
    assert_true(exists(path));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(it_serves),
        IN_FOLDER(a_socket_that_was_left_is_removed),
        IN_FOLDER(another_file_is_not),
        IN_FOLDER(a_bind_that_fails_leaves_nothing),
        IN_FOLDER(contradicting_arguments),
        IN_FOLDER(the_longest_path),
        IN_FOLDER(close_removes_its_file),
        IN_FOLDER(a_relative_path),
        IN_FOLDER(close_removes_the_file_of_a_given_socket),
        IN_FOLDER(a_file_that_is_gone),
        IN_FOLDER(a_file_that_is_anothers_stays),
        IN_FOLDER(cleanup_prevented),
        IN_FOLDER(closing_the_loop_removes_it),
        IN_FOLDER(an_abstract_name),
        IN_FOLDER(not_before_start_serving),
        IN_FOLDER(drain_serves_who_is_in_the_queue),
        IN_FOLDER(their_names_are_no_files_in_virtual_time),
    };
    int failed = cmocka_run_group_tests_name("epoll", tests, NULL, NULL);

    net_driver = GYRE_DRIVER_UV;
    return failed + cmocka_run_group_tests_name("uv", tests, NULL, NULL);
}
