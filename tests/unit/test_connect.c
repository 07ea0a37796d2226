/* create_connection and connect_accepted_socket: order, errors with words, and nothing left when cut short.
 */
#include "net_peer.h"
#include "net_system.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int local_port_of(int fd)
{
    struct sockaddr_in name;
    socklen_t size = sizeof name;

    getsockname(fd, (struct sockaddr *)&name, &size);
    return ntohs(name.sin_port);
}

/* A listening socket of the test's own. */
static int listen_here(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    bind(fd, (struct sockaddr *)&address, sizeof address);
    listen(fd, 16);
    *port = local_port_of(fd);
    return fd;
}

/* A port where nobody listens. */
static int dead_port(void)
{
    int port;

    close(listen_here(&port));
    return port;
}

struct attempt {
    gyre_loop *loop;
    gyre_connection_options options;
    gyre_transport *transport;
    struct diary *diary;
    char seen[64]; /* the diary when the call returned */
};

static int connect_in_task(void *arg)
{
    struct attempt *attempt = arg;
    int err =
        (gyre_loop_create_connection)(attempt->loop, &attempt->transport, &net_diary, &attempt->options);

    if (attempt->diary)
        snprintf(attempt->seen, sizeof attempt->seen, "%.60s", attempt->diary->text);
    return err;
}

static struct attempt attempt_to(gyre_loop *loop, int port, struct diary *diary)
{
    return (struct attempt){
        .loop = loop,
        .diary = diary,
        .options = {
            .size = sizeof(gyre_connection_options), .host = "127.0.0.1", .port = port, .arg = diary}};
}

/* test_events.py::EventLoopTestsMixin::test_create_connection,
 * uv:test_tcp.py::_TestTCP::test_create_connection_open_con_addr,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_ip_addr */
static void it_returns_after_made(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int port, listener = listen_here(&port), fd;
    struct attempt attempt = attempt_to(loop, port, &diary);
    char text[80], expected[80];

    assert_int_equal(net_task(loop, connect_in_task, &attempt), 0);
    assert_string_equal(attempt.seen, "made ");
    assert_ptr_equal(attempt.transport, diary.transport);
    snprintf(expected, sizeof expected, "127.0.0.1:%d", port);
    assert_int_equal(gyre_transport_get_peername(attempt.transport, text, sizeof text), 0);
    assert_string_equal(text, expected);
    gyre_transport_unref(attempt.transport);
    fd = accept(listener, NULL, NULL);
    write(fd, "abc", 3);
    close(fd);
    while (!diary.lost)
        net_step(loop);
    assert_string_equal(diary.text, "made data:3 eof lost:0 ");
    close(listener);
}

static void close_it(struct diary *diary)
{
    gyre_transport_close(diary->transport);
}

/* Data that is there already comes after the caller goes on; closing in made still returns. */
static void closing_in_made_still_returns(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_made = close_it};
    int port, listener = listen_here(&port);
    struct attempt attempt = attempt_to(loop, port, &diary);

    assert_int_equal(net_task(loop, connect_in_task, &attempt), 0);
    assert_true(gyre_transport_is_closing(attempt.transport));
    gyre_transport_unref(attempt.transport);
    net_turns(loop, 2);
    assert_string_equal(diary.text, "made lost:0 ");
    close(listener);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_connect_err,
 * uv:test_tcp.py::_TestTCP::test_create_connection_2 */
static void a_refused_connection_names_the_address(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int port = dead_port();
    struct attempt attempt = attempt_to(loop, port, &diary);
    gyre_transport *untouched = (void *)&attempt;
    char text[80];

    attempt.transport = untouched;
    assert_int_equal(net_task(loop, connect_in_task, &attempt), -ECONNREFUSED);
    assert_string_equal(diary.text, "");
    assert_ptr_equal(attempt.transport, untouched);
    assert_int_equal(diary.destroyed, 0);
    assert_int_equal((gyre_loop_create_connection)(loop, NULL, &net_diary, &attempt.options), -ECONNREFUSED);
    snprintf(text, sizeof text, "[Errno 111] Connect call failed ('127.0.0.1', %d)", port);
    assert_string_equal(gyre_error_text(), text);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_multiple_errors,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_multiple: in order, and the
 * words of all. "localhost" has both families on most machines. */
static void all_addresses_are_tried_in_order(void **state)
{
    gyre_loop *loop = *state;
    int port = dead_port();
    char v4[80];

    net_need_localhost();
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "localhost", .port = port),
                     -ECONNREFUSED);
    snprintf(v4, sizeof v4, "[Errno 111] Connect call failed ('127.0.0.1', %d)", port);
    assert_non_null(strstr(gyre_error_text(), v4));
    if (strstr(gyre_error_text(), "'::1'"))
        assert_memory_equal(gyre_error_text(), "Multiple exceptions: [Errno ", 28);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_host_port_sock,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_no_host_port_sock,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_wrong_sock,
 * uv:test_tcp.py::_TestTCP::test_create_connection_4 */
static void contradicting_arguments(void **state)
{
    gyre_loop *loop = *state;
    int ends[2], datagram = socket(AF_INET, SOCK_DGRAM, 0);

    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
#define FAILS_WITH(code, ...) \
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, __VA_ARGS__), code)
    FAILS_WITH(GYRE_EVALUE, .host = "x", .port = 1, .sock = ends[0]);
    FAILS_WITH(GYRE_EVALUE, .port = 1, .sock = ends[0]);
    FAILS_WITH(GYRE_EVALUE, .host = NULL);
    FAILS_WITH(GYRE_EVALUE, .sock = datagram);
    FAILS_WITH(-EBADF, .sock = 9999);
    FAILS_WITH(GYRE_EVALUE, .host = "127.0.0.1");
    FAILS_WITH(GYRE_EVALUE, .host = "127.0.0.1", .port = 1, .service = "1");
    /* Refused, not cut to 16 bits. test_base_events.py::BaseEventTests::test_port_parameter_types */
    FAILS_WITH(GYRE_EVALUE, .host = "127.0.0.1", .port = 65537);
    FAILS_WITH(GYRE_EVALUE, .host = "127.0.0.1", .port = -1);
    FAILS_WITH(GYRE_EGAI + EAI_SERVICE, .host = "127.0.0.1", .service = "65537");
    FAILS_WITH(GYRE_EVALUE, .host = "127.0.0.1", .port = 1, .local_host = "127.0.0.1", .local_port = 70000);
#undef FAILS_WITH
    close(ends[0]);
    close(ends[1]);
    close(datagram);
}

/* test_events.py::EventLoopTestsMixin::test_create_connection_local_addr */
static void from_a_local_address(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int local = dead_port();
    int port, listener = listen_here(&port);

    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1", .port = port,
                                                 .local_host = "127.0.0.1", .local_port = local,
                                                 .arg = &diary),
                     0);
    assert_int_equal(local_port_of(gyre_transport_get_socket(diary.transport)), local);
    net_finish(loop, &diary, listener);
}

/* test_events.py::EventLoopTestsMixin::test_create_connection_local_addr_skip_different_family: of the local
 * addresses one of the right family is taken. */
static void from_a_local_name(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int port, listener;

    net_need_localhost();
    listener = listen_here(&port);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1", .port = port,
                                                 .local_host = "localhost", .arg = &diary),
                     0);
    net_finish(loop, &diary, listener);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_service_name */
static void a_service_in_place_of_a_port(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int port, listener = listen_here(&port);
    char service[12];

    snprintf(service, sizeof service, "%d", port);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1",
                                                 .service = service, .arg = &diary),
                     0);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1",
                                                 .service = "no-such-service"),
                     GYRE_EGAI + EAI_SERVICE);
    net_finish(loop, &diary, listener);
}

/* test_events.py::EventLoopTestsMixin::test_create_connection_local_addr_in_use,
 * test_events.py::EventLoopTestsMixin::test_create_connection_local_addr_nomatch_family,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_multiple_errors_local_addr */
static void a_local_address_that_cannot_be_had(void **state)
{
    gyre_loop *loop = *state;
    int port, listener = listen_here(&port);
    char text[160];

    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1", .port = port,
                                                 .local_host = "127.0.0.1", .local_port = port),
                     -EADDRINUSE);
    snprintf(text, sizeof text,
             "[Errno 98] error while attempting to bind on address ('127.0.0.1', %d): address already in use",
             port);
    assert_string_equal(gyre_error_text(), text);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1", .port = port,
                                                 .local_host = "::1"),
                     -EADDRNOTAVAIL);
    assert_string_equal(gyre_error_text(), "no matching local address with family=2 found");
    close(listener);
}

/* uv:test_tcp.py::_TestTCP::test_create_connection_open_con_sock */
static void a_socket_is_taken_over_on_success(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    int fd = gyre_transport_get_socket(diary.transport);

    net_finish(loop, &diary, peer);
    assert_int_equal(close(fd), -1);
}

static void *refuse(void *arg)
{
    return NULL;
}

/* A factory that refuses leaves a given socket with the caller, and closes one of gyre's own. */
static void a_refusing_factory(void **state)
{
    static const gyre_protocol refusing = {.create = refuse};
    gyre_loop *loop = *state;
    int port, listener = listen_here(&port), ends[2], fds;

    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &refusing, .sock = ends[0]), GYRE_ERUNTIME);
    assert_int_equal(gyre_loop_connect_accepted_socket(loop, NULL, &refusing, ends[0]), GYRE_ERUNTIME);
    assert_int_equal(close(ends[0]), 0);
    close(ends[1]);
    fds = net_count_fds();
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &refusing, .host = "127.0.0.1", .port = port),
                     GYRE_ERUNTIME);
    assert_int_equal(net_count_fds(), fds);
    close(listener);
}

/* Connects that the kernel does not answer at once: a backlog that is full. */
static int full_listener(int *port, int *fillers)
{
    int fd = listen_here(port);

    listen(fd, 0);
    for (int i = 0; i < 4; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)*port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    return fd;
}

/* T42; test_base_events.py::BaseEventLoopWithSelectorTests::test_create_connection_timeout,
 * uv:test_tcp.py::_TestTCP::test_create_connection_sock_cancel_fd_leak,
 * uv:test_tcp.py::_TestTCP::test_create_connection_5: at every moment */
static void cancelling_at_any_point_leaves_nothing(void **state)
{
    gyre_loop *loop = *state;
    int port, fillers[4], listener = full_listener(&port, fillers), fds = net_count_fds();

    for (int turns = 0; turns < 5; turns++) {
        struct diary diary = {0};
        struct attempt attempt = attempt_to(loop, port, &diary);
        gyre_task *task = NULL;

        gyre_loop_create_task(loop, &task, connect_in_task, &attempt);
        net_turns(loop, turns);
        gyre_task_cancel(task);
        net_turns(loop, 3);
        assert_true(gyre_future_cancelled(task));
        assert_int_equal(net_count_fds(), fds);
        assert_int_equal(diary.made, 0);
        gyre_future_unref(task);
    }
    for (int i = 0; i < 4; i++)
        close(fillers[i]);
    close(listener);
}

/* uv:test_tcp.py::_TestTCP::test_create_connection_sock_cancel_detaches: cancelled while made is on its way,
 * the transport is closed; what was made is lost. */
static void cancelling_while_made_is_queued(void **state)
{
    gyre_loop *loop = *state;

    for (int turns = 0; turns < 4; turns++) {
        struct diary diary = {0};
        struct attempt attempt = {.loop = loop, .options = {.size = sizeof attempt.options, .arg = &diary}};
        gyre_task *task = NULL;
        int ends[2];

        socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
        attempt.options.sock = ends[0];
        gyre_loop_create_task(loop, &task, connect_in_task, &attempt);
        net_turns(loop, turns);
        gyre_task_cancel(task);
        net_turns(loop, 5);
        assert_true(gyre_future_done(task));
        assert_int_equal(diary.made, turns > 0);
        if (gyre_future_cancelled(task)) {
            assert_int_equal(diary.lost, diary.made);
            if (!diary.made)
                close(ends[0]);
        } else {
            gyre_transport_abort(attempt.transport);
            gyre_transport_unref(attempt.transport);
            net_turns(loop, 3);
        }
        gyre_future_unref(task);
        close(ends[1]);
    }
}

static void *call_connect(gyre_loop *loop)
{
    int fds = net_count_fds();

    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1", .port = 1),
                     GYRE_EAWAIT);
    assert_int_equal(net_count_fds(), fds);
    return NULL;
}

static void connect_in_callback(void *arg)
{
    call_connect(arg);
}

static void a_plain_callback_cannot_connect(void **state)
{
    gyre_loop_call_soon(*state, connect_in_callback, *state);
    net_turns(*state, 1);
}

static void a_closed_loop_connects_nowhere(void **state)
{
    gyre_loop *loop = *state;

    gyre_loop_close(loop);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1", .port = 1),
                     GYRE_ELOOPCLOSED);
    assert_int_equal(gyre_loop_connect_accepted_socket(loop, NULL, &net_diary, 0), GYRE_ELOOPCLOSED);
}

/* A loop that closes while a task connects: the task hears so, the socket is gone. */
static void closing_the_loop_ends_an_attempt(void **state)
{
    gyre_loop *loop = *state;
    int port, fillers[4], listener = full_listener(&port, fillers);
    struct attempt attempt = attempt_to(loop, port, NULL);
    gyre_task *task = NULL;

    gyre_loop_create_task(loop, &task, connect_in_task, &attempt);
    net_turns(loop, 3);
    gyre_loop_close(loop);
    assert_int_equal(gyre_future_result(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    for (int i = 0; i < 4; i++)
        close(fillers[i]);
    close(listener);
}

/* test_events.py::EventLoopTestsMixin::test_connect_accepted_socket,
 * uv:test_tcp.py::Test_UV_TCP::test_connect_accepted_socket */
static void a_socket_accepted_elsewhere(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int port, listener = listen_here(&port), peer = net_dial(port), fd = accept(listener, NULL, NULL);
    gyre_transport *transport;
    char text[8];

    assert_int_equal(gyre_loop_connect_accepted_socket(loop, &transport, &net_diary, fd, .arg = &diary), 0);
    assert_string_equal(diary.text, "made ");
    assert_ptr_equal(gyre_transport_get_arg(transport), &diary);
    gyre_transport_write(transport, "abc", 3);
    assert_int_equal(read(peer, text, sizeof text), 3);
    gyre_transport_unref(transport);
    net_finish(loop, &diary, peer);
    close(listener);
}

static void only_stream_sockets_are_accepted(void **state)
{
    gyre_loop *loop = *state;
    int datagram = socket(AF_INET, SOCK_DGRAM, 0);

    assert_int_equal(gyre_loop_connect_accepted_socket(loop, NULL, &net_diary, datagram), GYRE_EVALUE);
    close(datagram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_returns_after_made, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_in_made_still_returns, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_refused_connection_names_the_address, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(all_addresses_are_tried_in_order, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(contradicting_arguments, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(from_a_local_address, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(from_a_local_name, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_service_in_place_of_a_port, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_local_address_that_cannot_be_had, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_socket_is_taken_over_on_success, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_refusing_factory, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(cancelling_at_any_point_leaves_nothing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(cancelling_while_made_is_queued, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_plain_callback_cannot_connect, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_closed_loop_connects_nowhere, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(closing_the_loop_ends_an_attempt, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_socket_accepted_elsewhere, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(only_stream_sockets_are_accepted, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
