/* test_sock.c - the program's own sockets, awaited, on every driver of this system. */
#include "sock_bed.h"

enum { HUGE = 5 << 20 };

static char huge[HUGE], came[HUGE];

/* Answers once: reads some, writes it back, and ends. */
static int echo_once(void *listener)
{
    char text[64];
    int sock = gyre_loop_sock_accept(loop, NULL, NULL, *(int *)listener);
    ptrdiff_t got = gyre_loop_sock_recv(loop, sock, text, sizeof text);

    assert_true(sock >= 0 && got > 0);
    assert_int_equal(gyre_loop_sock_sendall(loop, sock, text, (size_t)got), 0);
    return close(sock);
}

static int ask_and_hear(int sock)
{
    char text[64];

    assert_int_equal(gyre_loop_sock_sendall(loop, sock, "hello", 5), 0);
    assert_int_equal(gyre_loop_sock_recv(loop, sock, text, sizeof text), 5);
    assert_memory_equal(text, "hello", 5);
    assert_int_equal(gyre_loop_sock_recv(loop, sock, text, sizeof text), 0);
    return 0;
}

static int tcp_client(void *arg)
{
    struct sockaddr_in address;
    int listener = listen_here(&address), sock = make_socket(AF_INET, SOCK_STREAM);
    gyre_task *server;

    gyre_create_task(&server, echo_once, &listener);
    assert_int_equal(connect_sock(sock, &address), 0);
    ask_and_hear(sock);
    assert_int_equal(gyre_await(server, NULL), 0);
    gyre_future_unref(server);
    close(listener);
    return close(sock);
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_sock_client_ops,
 * uv:test_sockets.py::_TestSockets::test_socket_accept_recv_send */
static void test_client(void **state)
{
    RUN(tcp_client);
}

static int unix_client(void *arg)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1 +
                     (socklen_t)snprintf(address.sun_path + 1, 50, "gyre-test-sock-%d", (int)getpid());
    int listener = make_socket(AF_UNIX, SOCK_STREAM), sock = make_socket(AF_UNIX, SOCK_STREAM);
    gyre_task *server;

    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 10), 0);
    gyre_create_task(&server, echo_once, &listener);
    assert_int_equal(
        gyre_loop_sock_connect(loop, sock, .address = (struct sockaddr *)&address, .address_size = size), 0);
    ask_and_hear(sock);
    assert_int_equal(gyre_await(server, NULL), 0);
    gyre_future_unref(server);
    close(listener);
    return close(sock);
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_unix_sock_client_ops */
static void test_unix_client(void **state)
{
    RUN(unix_client);
}

static int race(void *arg)
{
    struct intake first, second;
    int pair[2];

    connect_pair(pair);
    start_taking(&first, pair[0]);
    gyre_task_cancel(first.task);
    start_taking(&second, pair[0]);
    assert_int_equal(gyre_loop_sock_sendall(loop, pair[1], "data", 4), 0);
    assert_int_equal(finish_taking(&second), 0);
    assert_int_equal(second.got, 4);
    assert_int_equal(finish_taking(&first), GYRE_ECANCELLED);
    close_both(pair);
    return 0;
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_sock_client_racing: the cancelled one ends its own wait. */
static void test_racing(void **state)
{
    RUN(race);
}

static int two_at_once(void *arg)
{
    struct intake first, second;
    int pair[2];

    connect_pair(pair);
    start_taking(&first, pair[0]);
    start_taking(&second, pair[0]);
    send(pair[1], "1", 1, 0);
    gyre_sleep(0.01);
    send(pair[1], "2", 1, 0);
    assert_int_equal(finish_taking(&first), 0);
    assert_int_equal(finish_taking(&second), 0);
    assert_int_equal(first.got + second.got, 2);
    close_both(pair);
    return 0;
}

/* Both wait, and neither hangs. */
static void test_two_at_once(void **state)
{
    RUN(two_at_once);
}

struct attempt {
    int sock;
    const struct sockaddr_in *address;
};

static int attempt_connect(void *arg)
{
    struct attempt *attempt = arg;

    return connect_sock(attempt->sock, attempt->address);
}

static int race_to_connect(void *arg)
{
    struct sockaddr_in address;
    int listener = listen_here(&address), sock = make_socket(AF_INET, SOCK_STREAM), err;
    struct attempt attempt = {sock, &address};
    gyre_task *task;

    gyre_create_task(&task, attempt_connect, &attempt);
    gyre_sleep(0);
    gyre_task_cancel(task);
    err = connect_sock(sock, &address);
    assert_true(err == 0 || err == -EISCONN);
    gyre_await(task, NULL);
    gyre_future_unref(task);
    close(listener);
    return close(sock);
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_sock_client_connect_racing */
static void test_connect_racing(void **state)
{
    RUN(race_to_connect);
}

static int send_huge(void *sock)
{
    int err = gyre_loop_sock_sendall(loop, *(int *)sock, huge, HUGE);

    shutdown(*(int *)sock, SHUT_WR);
    return err;
}

static int carry_huge(void *arg)
{
    size_t len = 0;
    gyre_task *task;
    ptrdiff_t got;
    int pair[2];

    connect_pair(pair);
    gyre_create_task(&task, send_huge, &pair[1]);
    while ((got = gyre_loop_sock_recv(loop, pair[0], came + len, HUGE - len + 1 > 65536 ? 65536 : 1)) > 0)
        len += (size_t)got;
    assert_int_equal(got, 0);
    assert_int_equal(len, HUGE);
    assert_memory_equal(came, huge, HUGE);
    assert_int_equal(gyre_await(task, NULL), 0);
    gyre_future_unref(task);
    close_both(pair);
    return 0;
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_huge_content,
 * test_sock_lowlevel.py::BaseSockTestsMixin::test_huge_content_recvinto */
static void test_huge(void **state)
{
    for (int i = 0; i < HUGE; i++)
        huge[i] = (char)(i * 7 + (i >> 8));
    RUN(carry_huge);
}

static int datagrams(void *arg)
{
    int one = make_socket(AF_INET, SOCK_DGRAM), two = make_socket(AF_INET, SOCK_DGRAM);
    struct sockaddr_in first = bind_here(one), second = bind_here(two), *peer;
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    char text[64];

    assert_int_equal(gyre_loop_sock_sendto(loop, one, "ping", 4, (struct sockaddr *)&second, sizeof second),
                     4);
    assert_int_equal(gyre_loop_sock_recvfrom(loop, &from, &size, two, text, sizeof text), 4);
    peer = (struct sockaddr_in *)(void *)&from;
    assert_int_equal(size, sizeof *peer);
    assert_int_equal(peer->sin_port, first.sin_port);
    assert_memory_equal(text, "ping", 4);
    assert_int_equal(gyre_loop_sock_sendto(loop, one, "ping", 4, (struct sockaddr *)&second, sizeof second),
                     4);
    assert_int_equal(gyre_loop_sock_recvfrom(loop, NULL, NULL, two, text, 2), 2);
    close(one);
    return close(two);
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_recvfrom,
 * test_sock_lowlevel.py::BaseSockTestsMixin::test_recvfrom_into */
static void test_datagrams(void **state)
{
    RUN(datagrams);
}

static int hear_datagram(void *sock)
{
    char text[8];

    return (int)gyre_loop_sock_recvfrom(loop, NULL, NULL, *(int *)sock, text, sizeof text) - 4;
}

static int wait_for_datagram(void *arg)
{
    int one = make_socket(AF_INET, SOCK_DGRAM), two = make_socket(AF_INET, SOCK_DGRAM);
    struct sockaddr_in second = bind_here(two);
    gyre_task *task;

    gyre_create_task(&task, hear_datagram, &two);
    gyre_sleep(0);
    sendto(one, "late", 4, 0, (struct sockaddr *)&second, sizeof second);
    assert_int_equal(gyre_await(task, NULL), 0);
    gyre_future_unref(task);
    close(one);
    return close(two);
}

static void test_a_datagram_comes_later(void **state)
{
    RUN(wait_for_datagram);
}

/* The loop's driver, which refuses a few sends at first. */
static const struct gyre__driver_class *original;
static struct gyre__driver_class reluctant;
static int refusals;

static ssize_t refuse_first(int fd, const void *data, size_t len, const struct sockaddr *address,
                            socklen_t size)
{
    return refusals-- > 0 ? -EAGAIN : original->sendto(fd, data, len, address, size);
}

static void be_reluctant(void)
{
    original = loop->driver_class;
    reluctant = *original;
    reluctant.sendto = refuse_first;
    loop->driver_class = &reluctant;
    refusals = 2;
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_sendto_blocking */
static void test_sendto_blocking(void **state)
{
    be_reluctant();
    RUN(datagrams);
    assert_true(refusals < 0);
}

static int fail_to_connect(void *arg)
{
    int sock = make_socket(AF_INET, SOCK_STREAM), closed = make_socket(AF_INET, SOCK_STREAM);
    struct sockaddr_in address = bind_here(closed);
    char name[64];

    snprintf(name, sizeof name, "Connect call failed ('127.0.0.1', %d)", ntohs(address.sin_port));
    assert_int_equal(connect_sock(sock, &address), -ECONNREFUSED);
    assert_non_null(strstr(gyre_error_text(), name));
    close(closed);
    return close(sock);
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_sock_client_fail,
 * uv:test_sockets.py::_TestSockets::test_socket_failed_connect; spec 24 S5 */
static void test_failed_connect(void **state)
{
    RUN(fail_to_connect);
}

static int accept_later(void *listener)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int sock = gyre_loop_sock_accept(loop, &peer, &size, *(int *)listener);

    assert_true(sock >= 0);
    assert_int_equal(peer.ss_family, AF_INET);
    assert_int_equal(size, sizeof(struct sockaddr_in));
    assert_true(fcntl(sock, F_GETFL) & O_NONBLOCK);
    return close(sock);
}

static int accept_one(void *arg)
{
    struct sockaddr_in address;
    int listener = listen_here(&address), sock = make_socket(AF_INET, SOCK_STREAM);
    gyre_task *task;

    gyre_create_task(&task, accept_later, &listener);
    gyre_sleep(0);
    assert_int_equal(connect_sock(sock, &address), 0);
    assert_int_equal(gyre_await(task, NULL), 0);
    gyre_future_unref(task);
    close(listener);
    return close(sock);
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_sock_accept */
static void test_accept(void **state)
{
    RUN(accept_one);
}

static int accept_and_close(void *listener)
{
    int sock = gyre_loop_sock_accept(loop, NULL, NULL, *(int *)listener);

    return sock < 0 ? sock : close(sock);
}

static int cancel_accept(void *arg)
{
    struct sockaddr_in address;
    int listener = listen_here(&address), sock = make_socket(AF_INET, SOCK_STREAM), accepted;
    gyre_task *task;

    gyre_create_task(&task, accept_and_close, &listener);
    gyre_sleep(0);
    gyre_task_cancel(task);
    assert_int_equal(connect_sock(sock, &address), 0);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    accepted = gyre_loop_sock_accept(loop, NULL, NULL, listener);
    assert_true(accepted >= 0);
    close(accepted);
    close(listener);
    return close(sock);
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_cancel_sock_accept: the connection is still there. */
static void test_cancel_accept(void **state)
{
    RUN(cancel_accept);
}

static size_t heard;

static void hear(void *self, const void *data, size_t len)
{
    heard += len;
}

static const gyre_protocol listening = {.data_received = hear};

static int connection_from_sock(void *arg)
{
    gyre_transport *transport;
    int pair[2], err;

    connect_pair(pair);
    err = gyre_loop_create_connection(loop, &transport, &listening, .sock = pair[0]);
    assert_int_equal(err, 0);
    assert_int_equal(gyre_loop_sock_sendall(loop, pair[1], "hello", 5), 0);
    /* It is a transport's now. */
    assert_int_equal(gyre_loop_sock_recv(loop, pair[0], came, 1), GYRE_ERUNTIME);
    gyre_sleep(0.01);
    assert_int_equal(heard, 5);
    gyre_transport_abort(transport);
    gyre_sleep(0);
    gyre_transport_unref(transport);
    return close(pair[1]);
}

/* test_sock_lowlevel.py::BaseSockTestsMixin::test_create_connection_sock */
static void test_connection_from_sock(void **state)
{
    heard = 0;
    RUN(connection_from_sock);
}

static int by_name(void *arg)
{
    struct sockaddr_in address;
    int listener = listen_here(&address), stream = make_socket(AF_INET, SOCK_STREAM);
    int datagram = make_socket(AF_INET, SOCK_DGRAM), port = ntohs(address.sin_port);

    assert_int_equal(gyre_loop_sock_connect(loop, stream, .host = "127.0.0.1", .port = port), 0);
    assert_int_equal(gyre_loop_sock_connect(loop, datagram, .host = "127.0.0.1", .port = port), 0);
    /* An IPv6 literal is no address of theirs. */
    assert_true(gyre_loop_sock_connect(loop, datagram, .host = "::1", .port = port) <= GYRE_EGAI + 100);
    assert_int_equal(gyre_loop_sock_connect(loop, datagram, .host = "127.0.0.1", .port = 65536), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sock_connect(loop, datagram), GYRE_EVALUE);
    close(listener);
    close(datagram);
    return close(stream);
}

/* test_selector_events.py::BaseSelectorEventLoopTests::test_sock_connect_resolve_using_socket_params */
static void test_by_name(void **state)
{
    RUN(by_name);
}

static int to_port_zero(void *arg)
{
    int sock = make_socket(AF_INET, SOCK_STREAM),
        err = gyre_loop_sock_connect(loop, sock, .host = "localhost");

    close(sock);
    return err < 0 && err != GYRE_EVALUE ? 0 : 1;
}

/* uv:test_sockets.py::_TestSockets::test_socket_ipv4_nameaddr */
static void test_a_name_without_a_port(void **state)
{
    RUN(to_port_zero);
}

static int over_ipv6(void *arg)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t size = sizeof address;
    int bound = make_socket(AF_INET6, SOCK_STREAM), sock = make_socket(AF_INET6, SOCK_STREAM), err;

    if (bind(bound, (struct sockaddr *)&address, size) == 0) {
        getsockname(bound, (struct sockaddr *)&address, &size);
        err =
            gyre_loop_sock_connect(loop, sock, .address = (struct sockaddr *)&address, .address_size = size);
        assert_int_equal(err, -ECONNREFUSED);
        assert_non_null(strstr(gyre_error_text(), "('::1', "));
    }
    close(bound);
    return close(sock);
}

/* uv:test_sockets.py::_TestSockets::test_socket_ipv6_addr */
static void test_ipv6(void **state)
{
    int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (probe < 0)
        skip();
    close(probe);
    RUN(over_ipv6);
}

static int with_blocking_socket(void *arg)
{
    struct sockaddr_in address;
    int listener = listen_here(&address), sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char byte;

    gyre_loop_set_debug(loop, true);
    assert_int_equal(connect_sock(sock, &address), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "the socket must be non-blocking");
    assert_int_equal(gyre_loop_sock_recv(loop, sock, &byte, 1), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sock_recvfrom(loop, NULL, NULL, sock, &byte, 1), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sock_sendall(loop, sock, "x", 1), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sock_sendto(loop, sock, "x", 1, NULL, 0), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sock_accept(loop, NULL, NULL, sock), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sock_sendfile(loop, NULL, sock, 0), GYRE_EVALUE);
    gyre_loop_set_debug(loop, false);
    close(listener);
    return close(sock);
}

/* uv:test_sockets.py::_TestSockets::test_socket_blocking_error,
 * test_base_events.py::BaseLoopSockSendfileTests::test_blocking_socket; spec 24 S2 */
static void test_blocking_socket(void **state)
{
    RUN(with_blocking_socket);
}

static int pipe_of_sockets[2];

static void read_four(void *arg)
{
    char text[8];

    assert_int_equal(recv(pipe_of_sockets[0], text, sizeof text, 0), 4);
    gyre_loop_remove_reader(loop, pipe_of_sockets[0]);
    gyre_loop_stop(loop);
}

static void write_four(void *arg)
{
    assert_int_equal(send(pipe_of_sockets[1], "data", 4, 0), 4);
    gyre_loop_remove_writer(loop, pipe_of_sockets[1]);
}

/* uv:test_sockets.py::_TestSockets::test_socket_fileno */
static void test_reader_and_writer(void **state)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pipe_of_sockets), 0);
    gyre_loop_add_reader(loop, pipe_of_sockets[0], read_four, NULL);
    gyre_loop_add_writer(loop, pipe_of_sockets[1], write_four, NULL);
    assert_int_equal(gyre_loop_run_forever(loop), 0);
    close_both(pipe_of_sockets);
}

static int send_before_cancel(void *arg)
{
    struct intake intake;
    int pair[2];
    char byte;

    connect_pair(pair);
    start_taking(&intake, pair[0]);
    gyre_sleep(0.005);
    send(pair[1], "1", 1, 0);
    gyre_task_cancel(intake.task);
    assert_int_equal(finish_taking(&intake), GYRE_ECANCELLED);
    assert_int_equal(gyre_loop_sock_recv(loop, pair[0], &byte, 1), 1);
    close_both(pair);
    return 0;
}

/* uv:test_sockets.py::_TestSockets::test_sock_send_before_cancel; spec 24 S3: nothing is consumed. */
static void test_send_before_cancel(void **state)
{
    RUN(send_before_cancel);
}

static void cancel_it(void *task)
{
    gyre_task_cancel(task);
}

static int cancel_when_ready(void *arg)
{
    struct intake intake;
    int pair[2];
    char byte;

    connect_pair(pair);
    start_taking(&intake, pair[0]);
    send(pair[1], "1", 1, 0);
    /* Ready and cancelled in one turn, whichever comes first. */
    gyre_loop_call_soon(loop, cancel_it, intake.task);
    assert_int_equal(finish_taking(&intake), GYRE_ECANCELLED);
    assert_int_equal(gyre_loop_sock_recv(loop, pair[0], &byte, 1), 1);
    close_both(pair);
    return 0;
}

static void test_cancelled_when_ready(void **state)
{
    RUN(cancel_when_ready);
}

static void send_one(void *sock)
{
    assert_int_equal(send(*(int *)sock, "1", 1, 0), 1);
}

static int cancel_and_again(void *arg)
{
    struct intake intake;
    int pair[2];
    char byte;

    connect_pair(pair);
    gyre_loop_call_later(loop, 0.01, send_one, &pair[1]);
    start_taking(&intake, pair[0]);
    gyre_task_cancel(intake.task);
    assert_int_equal(gyre_loop_sock_recv(loop, pair[0], &byte, 1), 1);
    assert_int_equal(finish_taking(&intake), GYRE_ECANCELLED);
    close_both(pair);
    return 0;
}

/* uv:test_sockets.py::_TestSockets::test_sock_cancel_add_reader_race */
static void test_cancel_and_again(void **state)
{
    RUN(cancel_and_again);
}

static int connect_and_close(void *arg)
{
    struct sockaddr_in address;
    int listener = listen_here(&address), sock = make_socket(AF_INET, SOCK_STREAM);
    struct attempt attempt = {sock, &address};
    gyre_task *task;

    gyre_create_task(&task, attempt_connect, &attempt);
    gyre_sleep(0);
    close(sock);
    assert_int_equal(gyre_await(task, NULL), 0);
    gyre_future_unref(task);
    return close(listener);
}

/* uv:test_sockets.py::TestUVSockets::test_socket_connect_and_close */
static void test_connect_and_close(void **state)
{
    RUN(connect_and_close);
}

static int recv_and_close(void *arg)
{
    struct intake intake;
    int pair[2], again;

    connect_pair(pair);
    start_taking(&intake, pair[0]);
    close(pair[0]);
    /* T33: the number is somebody else's now. */
    again = make_socket(AF_INET, SOCK_STREAM);
    assert_int_equal(again, pair[0]);
    gyre_loop_call_later(loop, 0.005, send_one, &pair[1]);
    assert_int_equal(finish_taking(&intake), 0);
    assert_int_equal(intake.got, 1);
    close(again);
    return close(pair[1]);
}

/* uv:test_sockets.py::TestUVSockets::test_socket_recv_and_close,
 * uv:test_sockets.py::TestUVSockets::test_socket_recv_into_and_close */
static void test_recv_and_close(void **state)
{
    RUN(recv_and_close);
}

static int send_and_close(void *arg)
{
    size_t len = 0;
    gyre_task *task;
    ptrdiff_t got;
    int pair[2], closed;

    connect_pair(pair);
    closed = dup(pair[0]);
    close(pair[0]);
    gyre_create_task(&task, send_huge, &closed);
    gyre_sleep(0);
    close(closed);
    closed = -1;
    while (len < HUGE && (got = gyre_loop_sock_recv(loop, pair[1], came, HUGE)) > 0)
        len += (size_t)got;
    assert_int_equal(len, HUGE);
    assert_int_equal(gyre_await(task, NULL), 0);
    gyre_future_unref(task);
    return close(pair[1]);
}

/* uv:test_sockets.py::TestUVSockets::test_socket_send_and_close */
static void test_send_and_close(void **state)
{
    RUN(send_and_close);
}

static struct intake left_over;
static int left_pair[2];

static int leave_it(void *arg)
{
    connect_pair(left_pair);
    start_taking(&left_over, left_pair[0]);
    gyre_future_unref(left_over.task);
    return GYRE_EUSER;
}

/* uv:test_sockets.py::TestUVSockets::test_socket_close_loop_and_close: the socket is still the program's. */
static void test_the_loop_closes(void **state)
{
    assert_int_equal(run_main(leave_it, NULL), GYRE_EUSER);
    close_now();
    assert_int_equal(left_over.got, GYRE_ECANCELLED);
    assert_int_equal(close(left_pair[0]), 0);
    assert_int_equal(close(left_pair[1]), 0);
    told.count = 0;
}

static int cancel_recv(void *arg)
{
    struct intake intake;
    int pair[2];

    connect_pair(pair);
    start_taking(&intake, pair[0]);
    gyre_loop_call_soon(loop, cancel_it, intake.task);
    assert_int_equal(finish_taking(&intake), GYRE_ECANCELLED);
    close_both(pair);
    return 0;
}

static int cancel_recv_and_close(void *arg)
{
    struct intake intake;
    int pair[2];

    connect_pair(pair);
    start_taking(&intake, pair[0]);
    gyre_task_cancel(intake.task);
    close(pair[0]);
    assert_int_equal(finish_taking(&intake), GYRE_ECANCELLED);
    return close(pair[1]);
}

/* uv:test_sockets.py::TestUVSockets::test_socket_cancel_sock_recv_1,
 * uv:test_sockets.py::TestUVSockets::test_socket_cancel_sock_recv_2 */
static void test_cancel_recv(void **state)
{
    RUN(cancel_recv);
    RUN(cancel_recv_and_close);
}

static int cancel_sendall(void *arg)
{
    gyre_task *task;
    int pair[2];

    connect_pair(pair);
    gyre_create_task(&task, send_huge, &pair[0]);
    gyre_sleep(0);
    gyre_task_cancel(task);
    assert_int_equal(gyre_await(task, NULL), GYRE_ECANCELLED);
    gyre_future_unref(task);
    close_both(pair);
    return 0;
}

/* uv:test_sockets.py::TestUVSockets::test_socket_cancel_sock_sendall */
static void test_cancel_sendall(void **state)
{
    RUN(cancel_sendall);
}

static void call_outside_a_task(void *arg)
{
    char byte;

    *(ptrdiff_t *)arg = gyre_loop_sock_recv(loop, 0, &byte, 1);
}

static void test_refusals(void **state)
{
    ptrdiff_t plain = 0;
    char byte;

    gyre_loop_call_soon(loop, call_outside_a_task, &plain);
    run_once();
    assert_int_equal(plain, GYRE_EAWAIT);
    assert_int_equal(gyre_loop_sock_recv(loop, -1, &byte, 1), GYRE_EVALUE);
    assert_int_equal(gyre_loop_sock_recv(loop, 1 << 20, &byte, 1), -EBADF);
    close_now();
    assert_int_equal(gyre_loop_sock_recv(loop, 0, &byte, 1), GYRE_ELOOPCLOSED);
}

static void test_virtual_time(void **state)
{
    int sock = make_socket(AF_INET, SOCK_STREAM);
    char byte;

    assert_int_equal(gyre_loop_sock_recv(loop, sock, &byte, 1), -ENOTSUP);
    assert_int_equal(gyre_loop_sock_sendall(loop, sock, "x", 1), -ENOTSUP);
    assert_int_equal(gyre_loop_sock_accept(loop, NULL, NULL, sock), -ENOTSUP);
    assert_int_equal(gyre_loop_sock_sendto(loop, sock, "x", 1, NULL, 0), -ENOTSUP);
    assert_int_equal(gyre_loop_sock_recvfrom(loop, NULL, NULL, sock, &byte, 1), -ENOTSUP);
    assert_int_equal(gyre_loop_sock_sendfile(loop, NULL, sock, 0), -ENOTSUP);
    assert_int_equal(gyre_loop_sock_connect(loop, sock, .host = "127.0.0.1", .port = 1), -ENOTSUP);
    close(sock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOOP(test_client),
        ON_LOOP(test_unix_client),
        ON_LOOP(test_racing),
        ON_LOOP(test_two_at_once),
        ON_LOOP(test_connect_racing),
        ON_LOOP(test_huge),
        ON_LOOP(test_datagrams),
        ON_LOOP(test_a_datagram_comes_later),
        ON_LOOP(test_sendto_blocking),
        ON_LOOP(test_failed_connect),
        ON_LOOP(test_accept),
        ON_LOOP(test_cancel_accept),
        ON_LOOP(test_connection_from_sock),
        ON_LOOP(test_by_name),
        ON_LOOP(test_a_name_without_a_port),
        ON_LOOP(test_ipv6),
        ON_LOOP(test_blocking_socket),
        ON_LOOP(test_reader_and_writer),
        ON_LOOP(test_send_before_cancel),
        ON_LOOP(test_cancelled_when_ready),
        ON_LOOP(test_cancel_and_again),
        ON_LOOP(test_connect_and_close),
        ON_LOOP(test_recv_and_close),
        ON_LOOP(test_send_and_close),
        ON_LOOP(test_the_loop_closes),
        ON_LOOP(test_cancel_recv),
        ON_LOOP(test_cancel_sendall),
        ON_LOOP(test_refusals),
    };
    const struct CMUnitTest virtual_tests[] = {ON_SIM(test_virtual_time)};
    int failures;

    failures = cmocka_run_group_tests_name("sim", virtual_tests, begin_group, end_group);
    unit_driver = GYRE_DRIVER_UV;
    failures += cmocka_run_group_tests_name("uv", tests, begin_group, end_group);
    unit_driver = GYRE_DRIVER_DEFAULT;
    return failures + cmocka_run_group_tests_name("default", tests, begin_group, end_group);
}
