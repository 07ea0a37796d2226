/* test_endpoint.c - what a datagram endpoint is made of. */
#include "loop/loop.h"
#include "net_mail.h"
#include <errno.h>
#include <fcntl.h>
#include <gyre/error.h>
#include <gyre/transport.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_noaddr_nofamily */
static void something_must_say_the_family(void **state)
{
    gyre_loop *loop = *state;

    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .proto = 0), GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "unexpected address family");
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_wrong_sock,
 * uv:test_udp.py::Test_UV_UDP::test_create_datagram_endpoint_wrong_sock */
static void a_stream_socket_is_refused(void **state)
{
    gyre_loop *loop = *state;
    int sock = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = sock), GYRE_EVALUE);
    assert_memory_equal(gyre_error_text(), "A datagram socket was expected", 30);
    close(sock);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_sock_sockopts */
static void a_socket_stands_alone(void **state)
{
    gyre_loop *loop = *state;
    int sock = socket(AF_INET, SOCK_DGRAM, 0);

    assert_int_equal(
        gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = sock, .local_host = "127.0.0.1"),
        GYRE_EVALUE);
    assert_int_equal(
        gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = sock, .remote_port = 1),
        GYRE_EVALUE);
    assert_int_equal(
        gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = sock, .family = AF_INET),
        GYRE_EVALUE);
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = sock, .proto = 1),
                     GYRE_EVALUE);
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = sock, .flags = 1),
                     GYRE_EVALUE);
    assert_int_equal(
        gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = sock, .reuse_port = GYRE_YES),
        GYRE_EVALUE);
    assert_int_equal(
        gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = sock, .allow_broadcast = GYRE_YES),
        GYRE_EVALUE);
    close(sock);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_sock,
 * test_events.py::EventLoopTestsMixin::test_create_datagram_endpoint_sock,
 * uv:test_udp.py::_TestUDP::test_create_datagram_endpoint_sock */
static void a_socket_is_taken_over(void **state)
{
    gyre_loop *loop = *state;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    struct mail mail = {0};

    assert_int_equal(bind(sock, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .sock = sock, .arg = &mail),
                     0);
    assert_int_equal(gyre_transport_get_socket(mail.transport), sock);
    assert_int_equal(net_send(&mail, "self", net_mail_address(&mail)), 0);
    net_until_got(loop, &mail, 1);
    net_mail_end(loop, &mail);
    assert_int_equal(fcntl(sock, F_GETFD), -1);
}

/* uv:test_udp.py::_TestUDP::test_socketpair,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_sock_unix,
 * uv:test_udp.py::_TestUDP::test_create_datagram_endpoint_sock_unix_domain */
static void a_unix_socketpair(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0};
    int peer = net_mail_pair(loop, &mail);
    char text[8] = "";

    assert_int_equal(write(peer, "hi", 2), 2);
    net_until_got(loop, &mail, 1);
    assert_int_equal(gyre_transport_sendto(mail.transport, "back", 4, NULL, 0), 0);
    assert_int_equal(read(peer, text, sizeof text), 4);
    net_mail_end(loop, &mail);
    close(peer);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_existing_sock_unix */
static void a_stale_path_is_taken(void **state)
{
    gyre_loop *loop = *state;
    struct mail server = {0}, client = {0};
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int stale = socket(AF_UNIX, SOCK_DGRAM, 0);

    snprintf(name.sun_path, sizeof name.sun_path, "/tmp/gyre-mail-%d", getpid());
    assert_int_equal(bind(stale, (struct sockaddr *)&name, sizeof name), 0);
    close(stale);
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = name.sun_path,
                                                        .family = AF_UNIX, .arg = &server),
                     0);
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .remote_host = name.sun_path,
                                                        .family = AF_UNIX, .arg = &client),
                     0);
    assert_int_equal(net_send(&client, "path", NULL), 0);
    net_until_got(loop, &server, 1);
    net_mail_end(loop, &client);
    net_mail_end(loop, &server);
    unlink(name.sun_path);
}

static int option_of(const struct mail *mail, int name)
{
    int value = -1;
    socklen_t size = sizeof value;

    getsockopt(gyre_transport_get_socket(mail->transport), SOL_SOCKET, name, &value, &size);
    return value;
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_sockopts,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_allow_broadcast */
static void options_of_the_socket(void **state)
{
    gyre_loop *loop = *state;
    struct mail plain = {0}, mail = {0};

    net_endpoint(loop, &plain);
    assert_int_equal(option_of(&plain, SO_REUSEPORT), 0);
    assert_int_equal(option_of(&plain, SO_BROADCAST), 0);
    assert_int_equal(option_of(&plain, SO_REUSEADDR), 0);
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .remote_host = "127.0.0.1",
                                                        .remote_port = net_mail_port(&plain),
                                                        .allow_broadcast = GYRE_YES, .reuse_port = GYRE_YES,
                                                        .arg = &mail),
                     0);
    assert_int_equal(option_of(&mail, SO_REUSEPORT), 1);
    assert_int_equal(option_of(&mail, SO_BROADCAST), 1);
    assert_null(gyre_transport_get_extra_info(mail.transport, "peername", NULL));
    assert_int_equal(net_send(&mail, "far", NULL), 0);
    net_until_got(loop, &plain, 1);
    net_mail_end(loop, &plain);
    net_mail_end(loop, &mail);
}

/* uv:test_udp.py::Test_UV_UDP::test_udp_sendto_broadcast */
static void a_broadcast_needs_leave(void **state)
{
    gyre_loop *loop = *state;
    struct sockaddr_in all = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_BROADCAST)};
    struct mail mail = {0};

    net_endpoint(loop, &mail);
    assert_int_equal(net_send(&mail, "x", (struct sockaddr *)&all), 0);
    assert_int_equal(mail.errors, 1);
    assert_int_equal(mail.lost, 0);
    net_mail_end(loop, &mail);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_no_matching_family */
static void families_must_match(void **state)
{
    gyre_loop *loop = *state;

    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .remote_host = "127.0.0.1",
                                                        .remote_port = 1, .local_host = "::1"),
                     GYRE_EVALUE);
    assert_string_equal(gyre_error_text(), "can not get address information");
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_no_addrinfo,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_addr_error */
static void an_address_that_is_none(void **state)
{
    gyre_loop *loop = *state;

    assert_true(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "127.0.0.1",
                                                   .flags = AI_NUMERICHOST, .family = AF_INET6) < 0);
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "127.0.0.1",
                                                        .local_port = 70000),
                     GYRE_EVALUE);
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_cant_bind */
static void an_address_of_others(void **state)
{
    gyre_loop *loop = *state;

    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "192.0.2.1"),
                     -EADDRNOTAVAIL);
}

static int no_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    return -ENETUNREACH;
}

static int no_socket(struct gyre__driver *under, int domain, int type, int protocol)
{
    return -EMFILE;
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_connect_err,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_socket_err */
static void an_error_of_the_system(void **state)
{
    gyre_loop *loop = *state;
    const struct gyre__driver_class *original = loop->driver_class;
    struct gyre__driver_class broken = *original;

    loop->driver_class = &broken;
    broken.connect = no_connect;
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .remote_host = "127.0.0.1",
                                                        .remote_port = 9),
                     -ENETUNREACH);
    broken.socket = no_socket;
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "127.0.0.1"),
                     -EMFILE);
    loop->driver_class = original;
}

static int no_option(int fd, int level, int name, int value)
{
    return -ENOPROTOOPT;
}

/* test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_nosoreuseport */
static void a_system_without_shared_ports(void **state)
{
    gyre_loop *loop = *state;
    const struct gyre__driver_class *original = loop->driver_class;
    struct gyre__driver_class broken = *original;

    loop->driver_class = &broken;
    broken.setsockopt = no_option;
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "127.0.0.1",
                                                        .reuse_port = GYRE_YES),
                     -ENOPROTOOPT);
    loop->driver_class = original;
}

static void two_share_a_port(void **state)
{
    gyre_loop *loop = *state;
    struct mail one = {0}, two = {0};

    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "127.0.0.1",
                                                        .reuse_port = GYRE_YES, .arg = &one),
                     0);
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "127.0.0.1",
                                                        .local_port = net_mail_port(&one),
                                                        .reuse_port = GYRE_YES, .arg = &two),
                     0);
    net_mail_end(loop, &one);
    net_mail_end(loop, &two);
}

static void a_stream_has_no_sendto(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    struct mail mail = {0};

    assert_int_equal(gyre_transport_sendto(diary.transport, "x", 1, NULL, 0), GYRE_ENOTIMPLEMENTED);
    net_finish(loop, &diary, peer);
    net_endpoint(loop, &mail);
    assert_int_equal(gyre_transport_write(mail.transport, "x", 1), GYRE_ENOTIMPLEMENTED);
    net_mail_end(loop, &mail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(something_must_say_the_family, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_stream_socket_is_refused, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_socket_stands_alone, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_socket_is_taken_over, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_unix_socketpair, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_stale_path_is_taken, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(options_of_the_socket, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_broadcast_needs_leave, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(families_must_match, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_address_that_is_none, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_address_of_others, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_error_of_the_system, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_system_without_shared_ports, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(two_share_a_port, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_stream_has_no_sendto, net_setup, net_teardown),
    };
    const struct CMUnitTest virtual_tests[] = {
        cmocka_unit_test_setup_teardown(something_must_say_the_family, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_broadcast_needs_leave, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(families_must_match, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_address_that_is_none, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_address_of_others, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_error_of_the_system, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_system_without_shared_ports, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(two_share_a_port, net_setup, net_teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    net_driver = GYRE_DRIVER_UV;
    failed += cmocka_run_group_tests(tests, NULL, NULL);
    net_driver = GYRE_DRIVER_SIM;
    return failed + cmocka_run_group_tests_name("sim", virtual_tests, NULL, NULL);
}
