/* test_datagram.c - datagrams that go and come. */
#include "net_mail.h"
#include "net_system.h"
#include <errno.h>
#include <gyre/transport.h>
#include <stdlib.h>
#include <unistd.h>

/* test_events.py::EventLoopTestsMixin::test_create_datagram_endpoint,
 * uv:test_udp.py::_TestUDP::test_create_datagram_endpoint_addrs_ipv4,
 * uv:test_udp.py::_TestUDP::test_create_datagram_1,
 * test_base_events.py::BaseEventLoopWithSelectorTests::test_create_datagram_endpoint_ip_addr,
 * test_selector_events.py::SelectorDatagramTransportTests::test_sendto,
 * test_selector_events.py::SelectorDatagramTransportTests::test_read_ready */
static void there_and_back(void **state)
{
    gyre_loop *loop = *state;
    struct mail server = {0}, client = {0};

    net_endpoint(loop, &server);
    net_endpoint_to(loop, &client, &server);
    assert_string_equal(client.text, "made ");
    assert_int_equal(net_send(&client, "xxx", NULL), 0);
    net_until_got(loop, &server, 1);
    assert_string_equal(server.data, "xxx");
    assert_int_equal(net_send(&server, "yyyy", (struct sockaddr *)&server.from), 0);
    net_until_got(loop, &client, 1);
    assert_string_equal(client.data, "yyyy");
    assert_non_null(gyre_transport_get_extra_info(client.transport, "sockname", NULL));
    assert_non_null(gyre_transport_get_extra_info(client.transport, "peername", NULL));
    gyre_transport_close(client.transport);
    net_mail_end(loop, &client);
    net_mail_end(loop, &server);
    assert_string_equal(client.text, "made got:4 lost:0 ");
    assert_string_equal(server.text, "made got:3 lost:0 ");
}

/* uv:test_udp.py::_TestUDP::test_create_datagram_endpoint_addrs_ipv4_nameaddr */
static void names_are_resolved(void **state)
{
    gyre_loop *loop = *state;
    struct mail server = {0};

    net_need_localhost();
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "localhost",
                                                        .family = AF_INET, .arg = &server),
                     0);
    assert_int_equal(net_mail_address(&server)->sa_family, AF_INET);
    net_mail_end(loop, &server);
}

/* test_events.py::EventLoopTestsMixin::test_create_datagram_endpoint_ipv6,
 * uv:test_udp.py::Test_UV_UDP::test_create_datagram_endpoint_addrs_ipv6,
 * uv:test_udp.py::_TestUDP::test_create_datagram_endpoint_ipv6_family */
static void over_ipv6(void **state)
{
    gyre_loop *loop = *state;
    struct mail server = {0}, client = {0};
    int err = gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .local_host = "::1",
                                                 .family = AF_INET6, .arg = &server);

    if (err)
        skip();
    assert_int_equal(gyre_loop_create_datagram_endpoint(loop, NULL, &net_mail, .remote_host = "::1",
                                                        .remote_port = net_mail_port(&server),
                                                        .arg = &client),
                     0);
    assert_int_equal(net_send(&client, "six", NULL), 0);
    net_until_got(loop, &server, 1);
    net_mail_end(loop, &client);
    net_mail_end(loop, &server);
}

/* test_selector_events.py::SelectorDatagramTransportTests::test_sendto_no_data,
 * test_selector_events.py::SelectorDatagramTransportTests::test_sendto_buffer_nodata,
 * test_selector_events.py::SelectorDatagramTransportTests::test_sendto_ready_no_data */
static void empty_datagrams_count(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0}, peer = {0};

    net_endpoint(loop, &peer);
    net_endpoint_to(loop, &mail, &peer);
    net_system_watch(loop);
    assert_int_equal(net_send(&mail, "", NULL), 0);
    net_system.send_error = -EAGAIN;
    assert_int_equal(net_send(&mail, "a", NULL), 0);
    assert_int_equal(net_send(&mail, "", NULL), 0);
    assert_int_equal(gyre_transport_get_write_buffer_size(mail.transport), 1);
    net_system.send_error = 0;
    net_until_got(loop, &peer, 3);
    assert_string_equal(peer.text, "made got:0 got:1 got:0 ");
    net_mail_end(loop, &mail);
    net_mail_end(loop, &peer);
}

/* test_selector_events.py::SelectorDatagramTransportTests::test_sendto_buffer,
 * test_selector_events.py::SelectorDatagramTransportTests::test_sendto_tryagain,
 * test_selector_events.py::SelectorDatagramTransportTests::test_sendto_ready,
 * test_selector_events.py::SelectorDatagramTransportTests::test_sendto_ready_tryagain */
static void what_the_kernel_refuses_waits_in_order(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0}, peer = {0};

    net_endpoint(loop, &peer);
    net_endpoint(loop, &mail);
    net_system_watch(loop);
    net_system.send_error = -EAGAIN;
    assert_int_equal(net_send(&mail, "one", net_mail_address(&peer)), 0);
    assert_int_equal(net_send(&mail, "three", net_mail_address(&peer)), 0);
    net_turns(loop, 3);
    assert_int_equal(gyre_transport_get_write_buffer_size(mail.transport), 8);
    net_system.send_error = 0;
    net_until_got(loop, &peer, 2);
    assert_string_equal(peer.text, "made got:3 got:5 ");
    assert_int_equal(gyre_transport_get_write_buffer_size(mail.transport), 0);
    net_mail_end(loop, &mail);
    net_mail_end(loop, &peer);
}

/* test_selector_events.py::SelectorDatagramTransportTests::test_sendto_ready_closing */
static void close_sends_what_waits(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0}, peer = {0};

    net_endpoint(loop, &peer);
    net_endpoint_to(loop, &mail, &peer);
    net_system_watch(loop);
    net_system.send_error = -EAGAIN;
    assert_int_equal(net_send(&mail, "one", NULL), 0);
    gyre_transport_close(mail.transport);
    net_turns(loop, 3);
    assert_int_equal(mail.lost, 0);
    net_system.send_error = 0;
    net_until_got(loop, &peer, 1);
    net_mail_end(loop, &mail);
    assert_string_equal(mail.text, "made lost:0 ");
    net_mail_end(loop, &peer);
}

/* test_selector_events.py::SelectorDatagramTransportTests::test_sendto_error_received,
 * test_selector_events.py::SelectorDatagramTransportTests::test_sendto_error_received_connected */
static void an_error_of_sending_is_told_and_not_fatal(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0}, peer = {0};

    net_endpoint(loop, &peer);
    net_endpoint_to(loop, &mail, &peer);
    net_system_watch(loop);
    net_system.send_error = -ECONNREFUSED;
    assert_int_equal(net_send(&mail, "one", NULL), 0);
    assert_int_equal(net_send(&peer, "one", net_mail_address(&mail)), 0);
    assert_string_equal(mail.text, "made error:-111 ");
    assert_string_equal(peer.text, "made error:-111 ");
    net_system.send_error = 0;
    assert_int_equal(net_send(&mail, "two", NULL), 0);
    net_until_got(loop, &peer, 1);
    assert_int_equal(report.count, 0);
    net_mail_end(loop, &mail);
    net_mail_end(loop, &peer);
}

static void send_again(struct mail *mail)
{
    net_system.send_error = 0;
    assert_int_equal(net_send(mail, "again", NULL), 0);
}

/* test_selector_events.py::SelectorDatagramTransportTests::test_sendto_ready_error_received,
 * test_selector_events.py::SelectorDatagramTransportTests::test_sendto_ready_error_received_connection */
static void so_is_one_of_a_datagram_that_waited(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {.on_error = send_again}, peer = {0};

    net_endpoint(loop, &peer);
    net_endpoint_to(loop, &mail, &peer);
    net_system_watch(loop);
    net_system.send_error = -EAGAIN;
    assert_int_equal(net_send(&mail, "one", NULL), 0);
    assert_int_equal(net_send(&mail, "second", NULL), 0);
    net_system.send_error = -ECONNREFUSED;
    net_until_got(loop, &peer, 2);
    assert_string_equal(peer.text, "made got:6 got:5 ");
    assert_int_equal(mail.errors, 1);
    assert_int_equal(gyre_transport_get_write_buffer_size(mail.transport), 0);
    net_mail_end(loop, &mail);
    net_mail_end(loop, &peer);
}

/* test_selector_events.py::SelectorDatagramTransportTests::test_sendto_connected_addr */
static void a_connected_endpoint_sends_to_nobody_else(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0}, peer = {0};

    net_endpoint(loop, &peer);
    net_endpoint_to(loop, &mail, &peer);
    assert_int_equal(net_send(&mail, "one", net_mail_address(&peer)), 0);
    assert_int_equal(net_send(&mail, "two", net_mail_address(&mail)), GYRE_EVALUE);
    net_until_got(loop, &peer, 1);
    gyre_transport_close(mail.transport);
    assert_int_equal(net_send(&mail, "two", net_mail_address(&peer)), 0);
    net_mail_end(loop, &mail);
    net_mail_end(loop, &peer);
    assert_int_equal(peer.got, 1);
}

/* test_selector_events.py::SelectorDatagramTransportTests::test_sendto_closing,
 * uv:test_udp.py::Test_UV_UDP::test_send_after_close */
static void after_close_datagrams_are_dropped(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0}, peer = {0};

    net_endpoint(loop, &peer);
    net_endpoint(loop, &mail);
    gyre_transport_ref(mail.transport);
    gyre_transport_close(mail.transport);
    assert_int_equal(net_send(&mail, "one", net_mail_address(&peer)), 0);
    net_mail_end(loop, &mail);
    assert_int_equal(net_send(&mail, "one", net_mail_address(&peer)), 0);
    assert_true(gyre_transport_is_closing(mail.transport));
    gyre_transport_unref(mail.transport);
    net_run(loop, 0.01);
    assert_int_equal(peer.got, 0);
    assert_int_equal(report.count, 0);
    net_mail_end(loop, &peer);
}

/* test_events.py::EventLoopTestsMixin::test_datagram_send_to_non_listening_address,
 * test_selector_events.py::SelectorDatagramTransportTests::test_read_ready_oserr */
static void nobody_listens(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0}, peer = {0};

    net_endpoint(loop, &peer);
    net_endpoint_to(loop, &mail, &peer);
    net_mail_end(loop, &peer);
    assert_int_equal(net_send(&mail, "one", NULL), 0);
    while (!mail.errors)
        net_step(loop);
    assert_int_equal(mail.err, -ECONNREFUSED);
    assert_int_equal(mail.lost, 0);
    net_mail_end(loop, &mail);
}

/* test_selector_events.py::SelectorDatagramTransportTests::test_read_ready_tryagain */
static void nothing_to_receive_is_nothing(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0};
    int peer = net_mail_pair(loop, &mail);

    net_system_watch(loop);
    net_system.recv_error = -EAGAIN;
    assert_int_equal(write(peer, "x", 1), 1);
    while (!net_system.recvs)
        net_step(loop);
    assert_string_equal(mail.text, "made ");
    net_mail_end(loop, &mail);
    close(peer);
}

/* test_selector_events.py::SelectorDatagramTransportTests::test_fatal_error_connected,
 * test_selector_events.py::SelectorDatagramTransportTests::test_fatal_error_connected_custom_error */
static void a_fatal_error_is_no_error_received(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0};
    int peer = net_mail_pair(loop, &mail);

    gyre_transport_fail(mail.transport, -ECONNREFUSED);
    net_mail_end(loop, &mail);
    assert_string_equal(mail.text, "made lost:-111 ");
    assert_int_equal(report.count, 1);
    close(peer);
}

static void pause_here(struct mail *mail)
{
    gyre_transport_pause_reading(mail->transport);
}

static void pausing_works_between_two_datagrams(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {.on_got = pause_here};
    int peer = net_mail_pair(loop, &mail);

    assert_int_equal(write(peer, "1", 1), 1);
    assert_int_equal(write(peer, "22", 2), 2);
    net_until_got(loop, &mail, 1);
    net_turns(loop, 5);
    assert_int_equal(mail.got, 1);
    gyre_transport_resume_reading(mail.transport);
    net_until_got(loop, &mail, 2);
    net_mail_end(loop, &mail);
    close(peer);
}

static void what_does_not_fit_is_told(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0};
    int peer = net_mail_pair(loop, &mail);
    int room = 1024 * 1024;
    char *big = calloc(1, 300 * 1024);

    setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (send(peer, big, 300 * 1024, 0) == 300 * 1024) {
        while (!mail.errors)
            net_step(loop);
        assert_string_equal(mail.text, "made error:-90 ");
    }
    free(big);
    net_mail_end(loop, &mail);
    close(peer);
}

static void the_size_of_what_waits_is_exact(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0};
    int peer = net_mail_pair(loop, &mail);
    char block[1000] = "";
    int got = 0;

    gyre_transport_set_write_buffer_limits(mail.transport, 100000, 0);
    for (int i = 0; i < 3000; i++)
        assert_int_equal(gyre_transport_sendto(mail.transport, block, sizeof block, NULL, 0), 0);
    assert_int_equal(gyre_transport_get_write_buffer_size(mail.transport) % sizeof block, 0);
    assert_int_equal(mail.pauses, 1);
    while (got < 3000) {
        while (read(peer, block, sizeof block) == (ssize_t)sizeof block)
            got++;
        net_step(loop);
    }
    assert_int_equal(gyre_transport_get_write_buffer_size(mail.transport), 0);
    assert_int_equal(mail.resumes, 1);
    net_mail_end(loop, &mail);
    close(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(there_and_back, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(names_are_resolved, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(over_ipv6, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(empty_datagrams_count, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(what_the_kernel_refuses_waits_in_order, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(close_sends_what_waits, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_error_of_sending_is_told_and_not_fatal, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(so_is_one_of_a_datagram_that_waited, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_connected_endpoint_sends_to_nobody_else, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(after_close_datagrams_are_dropped, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(nobody_listens, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(nothing_to_receive_is_nothing, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_fatal_error_is_no_error_received, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(pausing_works_between_two_datagrams, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_told, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(the_size_of_what_waits_is_exact, net_setup, net_teardown),
    };
    const struct CMUnitTest virtual_tests[] = {
        cmocka_unit_test_setup_teardown(there_and_back, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(names_are_resolved, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(over_ipv6, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(empty_datagrams_count, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(what_the_kernel_refuses_waits_in_order, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(close_sends_what_waits, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_error_of_sending_is_told_and_not_fatal, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(so_is_one_of_a_datagram_that_waited, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(a_connected_endpoint_sends_to_nobody_else, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(after_close_datagrams_are_dropped, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(nobody_listens, net_setup, net_teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    net_driver = GYRE_DRIVER_UV;
    failed += cmocka_run_group_tests(tests, NULL, NULL);
    net_driver = GYRE_DRIVER_SIM;
    return failed + cmocka_run_group_tests_name("sim", virtual_tests, NULL, NULL);
}
