/* Who is at both ends of a connection, and after it. */
#include "net_peer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct both {
    struct diary diary;
    gyre_server *server;
    int port, fd;
};

/* An accepted connection, with a reference of the test's. */
static gyre_transport *begin(gyre_loop *loop, struct both *both)
{
    struct diaries diaries = {.diary = &both->diary, .max = 1};

    assert_int_equal(
        gyre_loop_create_server(loop, &both->server, &net_diaries, .host = "127.0.0.1", .arg = &diaries), 0);
    both->port = gyre_server_get_port(both->server);
    both->fd = net_dial(both->port);
    while (!both->diary.made)
        net_step(loop);
    gyre_server_close(both->server);
    gyre_server_unref(both->server);
    return gyre_transport_ref(both->diary.transport);
}

static int port_of(const void *address)
{
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

/* test_transports.py::TransportTests::test_get_extra_info,
 * uv:test_tcp.py::Test_UV_TCP::test_transport_get_extra_info */
static void extra_info(void **state)
{
    gyre_loop *loop = *state;
    struct both both = {0};
    gyre_transport *transport = begin(loop, &both);
    char text[80], expected[80];
    int fallback;

    assert_int_equal(port_of(gyre_transport_get_extra_info(transport, "sockname", NULL)), both.port);
    assert_int_not_equal(port_of(gyre_transport_get_extra_info(transport, "peername", NULL)), both.port);
    assert_int_equal(*(const int *)gyre_transport_get_extra_info(transport, "socket", NULL),
                     gyre_transport_get_socket(transport));
    assert_ptr_equal(gyre_transport_get_extra_info(transport, "cipher", &fallback), &fallback);
    snprintf(expected, sizeof expected, "127.0.0.1:%d", both.port);
    assert_int_equal(gyre_transport_get_sockname(transport, text, sizeof text), 0);
    assert_string_equal(text, expected);
    assert_int_equal(gyre_transport_get_peername(transport, text, 5), -ENOSPC);
    gyre_transport_unref(transport);
    net_finish(loop, &both.diary, both.fd);
}

/* Still answered when closing, and by a reference after the loss. */
static void names_outlive_the_socket(void **state)
{
    gyre_loop *loop = *state;
    struct both both = {0};
    gyre_transport *transport = begin(loop, &both);
    char text[80], expected[80];

    net_finish(loop, &both.diary, both.fd);
    assert_null(gyre_transport_get_extra_info(transport, "socket", NULL));
    assert_int_equal(port_of(gyre_transport_get_extra_info(transport, "sockname", NULL)), both.port);
    snprintf(expected, sizeof expected, "127.0.0.1:%d", both.port);
    assert_int_equal(gyre_transport_get_sockname(transport, text, sizeof text), 0);
    assert_string_equal(text, expected);
    assert_int_equal(gyre_transport_get_peername(transport, text, sizeof text), 0);
    gyre_transport_unref(transport);
}

/* The kernel forgets the peer of a reset connection; the transport does not. */
static void the_peer_is_known_after_its_reset(void **state)
{
    gyre_loop *loop = *state;
    struct both both = {0};
    gyre_transport *transport = begin(loop, &both);
    char text[80];

    gyre_transport_pause_reading(transport);
    net_reset(both.fd);
    net_run(loop, 0.01);
    assert_int_equal(gyre_transport_get_peername(transport, text, sizeof text), 0);
    assert_memory_equal(text, "127.0.0.1:", 10);
    gyre_transport_unref(transport);
    net_finish(loop, &both.diary, -1);
}

static void a_socketpair_has_no_name(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    int peer = net_pair(loop, &diary);
    char text[80] = "x";

    assert_int_equal(gyre_transport_get_peername(diary.transport, text, sizeof text), 0);
    assert_string_equal(text, "");
    net_finish(loop, &diary, peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(extra_info, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(names_outlive_the_socket, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_peer_is_known_after_its_reset, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_socketpair_has_no_name, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
