/* create_server: options to sockets. */
#include "loop/loop.h"
#include "net_peer.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const gyre_protocol nothing = {0};

static void end(gyre_server *server)
{
    gyre_server_close(server);
    gyre_server_unref(server);
}

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;

    getsockopt(fd, level, name, &value, &size);
    return value;
}

/* test_events.py::EventLoopTestsMixin::test_create_server, uv:test_tcp.py::_TestTCP::test_create_server_1,
 * uv:test_tcp.py::_TestTCP::test_create_server_3: on a port that the system chose. */
static void it_listens_before_it_returns(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;
    int fd;

    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .host = "127.0.0.1"), 0);
    assert_true(gyre_server_is_serving(server));
    assert_int_equal(gyre_server_sockets(server, &fd, 1), 1);
    assert_true(gyre_server_get_port(server) > 0);
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_REUSEADDR), 1);
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_REUSEPORT), 0);
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    close(net_dial(gyre_server_get_port(server)));
    end(server);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_empty_host,
 * uv:test_tcp.py::_TestTCP::test_create_server_5,
 * test_events.py::EventLoopTestsMixin::test_create_server_dual_stack: one socket for each family, V6ONLY */
static void no_host_is_all_interfaces(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;
    int port, fds[8];
    size_t count;

    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .host = "127.0.0.1"), 0);
    port = gyre_server_get_port(server);
    end(server);
    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .port = port), 0);
    count = gyre_server_sockets(server, fds, 8);
    assert_in_range(count, 1, 2);
    for (size_t i = 0; i < count; i++)
        if (option_of(fds[i], SOL_SOCKET, SO_DOMAIN) == AF_INET6)
            assert_int_equal(option_of(fds[i], IPPROTO_IPV6, IPV6_V6ONLY), 1);
    close(net_dial(port));
    end(server);
    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .host = "", .family = AF_INET), 0);
    assert_int_equal(gyre_server_sockets(server, fds, 8), 1);
    end(server);
}

/* test_events.py::EventLoopTestsMixin::test_create_server_multiple_hosts_ipv4 */
static void several_hosts_and_no_duplicates(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "127.0.0.2", "127.0.0.1", NULL};
    static const char *const none[] = {NULL};
    gyre_loop *loop = *state;
    gyre_server *server = NULL;

    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .hosts = hosts), 0);
    assert_int_equal(gyre_server_sockets(server, NULL, 0), 2);
    end(server);
    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .hosts = none), -EADDRNOTAVAIL);
    assert_int_equal(
        gyre_loop_create_server(loop, &server, &nothing, .hosts = hosts, .port = 0, .service = "0"), 0);
    end(server);
}

/* S2: the same address and port is bound once. */
static void the_same_address_twice_is_bound_once(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "127.0.0.1", NULL};
    gyre_loop *loop = *state;
    gyre_server *server = NULL;
    int port;

    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .host = "127.0.0.1"), 0);
    port = gyre_server_get_port(server);
    end(server);
    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .hosts = hosts, .port = port), 0);
    assert_int_equal(gyre_server_sockets(server, NULL, 0), 1);
    end(server);
}

/* test_events.py::EventLoopTestsMixin::test_create_server_addr_in_use,
 * uv:test_tcp.py::_TestTCP::test_create_server_4,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_cant_bind: all or nothing */
static void a_busy_port_is_named(void **state)
{
    static const char *const hosts[] = {"127.0.0.2", "127.0.0.1", NULL};
    gyre_loop *loop = *state;
    gyre_server *first = NULL, *second = NULL;
    char text[120];
    int fds;

    assert_int_equal(gyre_loop_create_server(loop, &first, &nothing, .host = "127.0.0.1"), 0);
    fds = net_count_fds();
    assert_int_equal(
        gyre_loop_create_server(loop, &second, &nothing, .hosts = hosts, .port = gyre_server_get_port(first)),
        -EADDRINUSE);
    snprintf(text, sizeof text,
             "error while attempting to bind on address ('127.0.0.1', %d): address already in use",
             gyre_server_get_port(first));
    assert_string_equal(gyre_error_text(), text);
    assert_null(second);
    assert_int_equal(net_count_fds(), fds);
    end(first);
}

/* S4: an address of another machine is skipped; none left is an error. */
static void foreign_addresses_are_skipped(void **state)
{
    static const char *const hosts[] = {"192.0.2.1", "127.0.0.1", NULL};
    gyre_loop *loop = *state;
    gyre_server *server = NULL;

    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .hosts = hosts), 0);
    assert_int_equal(gyre_server_sockets(server, NULL, 0), 1);
    end(server);
    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .host = "192.0.2.1"), -EADDRNOTAVAIL);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_host_port_sock,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_no_host_port_sock,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_wrong_sock,
 * uv:test_tcp.py::Test_UV_TCP::test_create_server_wrong_sock,
 * uv:test_tcp.py::_TestTCP::test_create_server_2 */
static void contradicting_arguments(void **state)
{
    gyre_loop *loop = *state;
    int ends[2], datagram = socket(AF_INET, SOCK_DGRAM, 0);

    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    assert_int_equal(gyre_loop_create_server(loop, NULL, &nothing), GYRE_EVALUE);
    assert_int_equal(gyre_loop_create_server(loop, NULL, &nothing, .host = "x", .sock = ends[0]),
                     GYRE_EVALUE);
    assert_int_equal(gyre_loop_create_server(loop, NULL, &nothing, .port = 1, .sock = ends[0]), GYRE_EVALUE);
    assert_int_equal(gyre_loop_create_server(loop, NULL, &nothing, .sock = datagram), GYRE_EVALUE);
    assert_int_equal(gyre_loop_create_server(loop, NULL, &nothing, .sock = 9999), -EBADF);
    assert_int_equal(gyre_loop_create_server(loop, NULL, &nothing, .host = "127.0.0.1", .port = 65536),
                     GYRE_EVALUE);
    assert_int_equal(gyre_loop_create_server(loop, NULL, &nothing, .host = "127.0.0.1", .port = -1),
                     GYRE_EVALUE);
    assert_int_equal(
        gyre_loop_create_server(loop, NULL, &nothing, .host = "127.0.0.1", .port = 1, .service = "1"),
        GYRE_EVALUE);
    assert_int_equal((gyre_loop_create_server)(loop, NULL, &nothing, NULL), GYRE_EVALUE);
    close(ends[0]);
    close(ends[1]);
    close(datagram);
}

/* test_events.py::EventLoopTestsMixin::test_create_server_sock */
static void a_socket_of_the_programs_is_taken_over(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    gyre_loop *loop = *state;
    gyre_server *server = NULL;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    bind(fd, (struct sockaddr *)&address, sizeof address);
    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .sock = fd), 0);
    close(net_dial(gyre_server_get_port(server)));
    end(server);
    assert_int_equal(close(fd), -1);
}

/* On failure it stays the program's: this one is a connected pair, where listen fails. */
static void a_socket_that_cannot_listen_stays_the_programs(void **state)
{
    gyre_loop *loop = *state;
    int ends[2];

    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    assert_true(gyre_loop_create_server(loop, NULL, &nothing, .sock = ends[0]) < 0);
    assert_int_equal(close(ends[0]), 0);
    close(ends[1]);
}

/* test_events.py::EventLoopTestsMixin::test_create_server_reuse_port,
 * uv:test_tcp.py::_TestTCP::test_create_server_6; 3.13's keep_alive */
static void socket_options(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *first = NULL, *second = NULL;
    int fd;

    assert_int_equal(gyre_loop_create_server(loop, &first, &nothing, .host = "127.0.0.1",
                                             .reuse_port = GYRE_YES, .keep_alive = GYRE_YES,
                                             .reuse_address = GYRE_NO),
                     0);
    gyre_server_sockets(first, &fd, 1);
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_REUSEPORT), 1);
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_REUSEADDR), 0);
    assert_int_equal(gyre_loop_create_server(loop, &second, &nothing, .host = "127.0.0.1",
                                             .port = gyre_server_get_port(first), .reuse_port = GYRE_YES),
                     0);
    end(first);
    end(second);
}

/* test_base_events.py::TestSelectorUtils::test_set_nodelay: on every connection, both sides */
static void no_delay_and_keep_alive_reach_the_connections(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0}, client = {0};
    struct diaries diaries = {.diary = &diary, .max = 1};
    gyre_server *server = NULL;

    assert_int_equal(gyre_loop_create_server(loop, &server, &net_diaries, .host = "127.0.0.1",
                                             .keep_alive = GYRE_YES, .arg = &diaries),
                     0);
    assert_int_equal(gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1",
                                                 .port = gyre_server_get_port(server), .arg = &client),
                     0);
    while (!diary.made)
        net_step(loop);
    assert_int_equal(option_of(gyre_transport_get_socket(diary.transport), IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(option_of(gyre_transport_get_socket(diary.transport), SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option_of(gyre_transport_get_socket(client.transport), IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(option_of(gyre_transport_get_socket(client.transport), SOL_SOCKET, SO_KEEPALIVE), 0);
    end(server);
    net_finish(loop, &client, -1);
    net_finish(loop, &diary, -1);
}

/* uv:test_tcp.py::_TestTCP::test_create_server_9: start_serving=False */
static void not_before_start_serving(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;
    int fd;

    assert_int_equal(
        gyre_loop_create_server(loop, &server, &nothing, .host = "127.0.0.1", .start_serving = GYRE_NO), 0);
    assert_false(gyre_server_is_serving(server));
    gyre_server_sockets(server, &fd, 1);
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
    assert_int_equal(gyre_server_start_serving(server), 0);
    assert_int_equal(gyre_server_start_serving(server), 0);
    assert_true(gyre_server_is_serving(server));
    close(net_dial(gyre_server_get_port(server)));
    gyre_server_close(server);
    assert_false(gyre_server_is_serving(server));
    assert_int_equal(gyre_server_start_serving(server), GYRE_ERUNTIME);
    gyre_server_unref(server);
}

static void a_service_in_place_of_a_port(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;

    assert_int_equal(gyre_loop_create_server(loop, &server, &nothing, .host = "127.0.0.1", .service = "0"),
                     0);
    end(server);
    assert_int_equal(
        gyre_loop_create_server(loop, &server, &nothing, .host = "127.0.0.1", .service = "70000"),
        GYRE_EGAI + EAI_SERVICE);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_ipv6 */
static void ipv6(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server = NULL;
    int err = gyre_loop_create_server(loop, &server, &nothing, .host = "::1");

    if (err)
        skip();
    assert_true(gyre_server_get_port(server) > 0);
    end(server);
}

static void a_closed_loop_has_no_servers(void **state)
{
    gyre_loop *loop = *state;

    gyre_loop_close(loop);
    assert_int_equal(gyre_loop_create_server(loop, NULL, &nothing, .host = "127.0.0.1"), GYRE_ELOOPCLOSED);
}

static int refusal;

static int refuse_to_share(int fd, int level, int name, int value)
{
    return level == SOL_SOCKET && name == SO_REUSEPORT ? refusal : 0;
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_nosoreuseport,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_server_soreuseport_only_defined: whether
 * the option is not known at all, or known and refused. */
static void a_system_without_reuse_port(void **state)
{
    static const int refusals[] = {-ENOTSUP, -ENOPROTOOPT};
    static struct gyre__driver_class copy;
    gyre_loop *loop = *state;

    copy = *loop->driver_class;
    copy.setsockopt = refuse_to_share;
    loop->driver_class = &copy;
    for (int i = 0; i < 2; i++) {
        gyre_server *server;

        refusal = refusals[i];
        assert_int_equal(
            gyre_loop_create_server(loop, NULL, &net_diary, .host = "127.0.0.1", .reuse_port = GYRE_YES),
            GYRE_EVALUE);
        assert_non_null(strstr(gyre_error_text(), "reuse_port is not supported"));
        assert_int_equal(gyre_loop_create_server(loop, &server, &net_diary, .host = "127.0.0.1"), 0);
        end(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_listens_before_it_returns, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(no_host_is_all_interfaces, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(several_hosts_and_no_duplicates, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_same_address_twice_is_bound_once, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_busy_port_is_named, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(foreign_addresses_are_skipped, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(contradicting_arguments, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_socket_of_the_programs_is_taken_over, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_socket_that_cannot_listen_stays_the_programs, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(socket_options, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(no_delay_and_keep_alive_reach_the_connections, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(not_before_start_serving, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_service_in_place_of_a_port, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(ipv6, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_closed_loop_has_no_servers, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_system_without_reuse_port, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
