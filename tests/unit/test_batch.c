/* test_batch.c - datagrams that come by one system call, and leave by one. */
#include "net/batch.h"
#include "net_mail.h"
#include "net_system.h"
#include <errno.h>
#include <gyre/transport.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

static void write_each(int peer, const char *letters)
{
    for (; *letters; letters++)
        assert_int_equal(write(peer, letters, 1), 1);
}

static void assert_reads(int peer, const char *texts)
{
    char got[64];

    for (; *texts; texts++) {
        assert_int_equal(read(peer, got, sizeof got), 1);
        assert_int_equal(got[0], *texts);
    }
    assert_int_equal(read(peer, got, sizeof got), -1);
}

static void answer(struct mail *mail)
{
    assert_int_equal(net_send(mail, mail->data, NULL), 0);
}

static void what_waits_comes_at_once_and_its_answers_leave_at_once(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {.on_got = answer};
    int peer = net_mail_pair(loop, &mail);

    net_system_batch(loop);
    write_each(peer, "abcde");
    net_until_got(loop, &mail, 5);
    assert_int_equal(net_system.recvs, 1);
    assert_int_equal(net_system.sends, 1);
    assert_reads(peer, "abcde");
    net_mail_end(loop, &mail);
    close(peer);
}

static void more_than_a_batch_take_turns(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0}, peer = {0};

    net_endpoint(loop, &mail);
    net_endpoint_to(loop, &peer, &mail);
    net_system_batch(loop);
    for (int i = 0; i < 2 * GYRE__BATCH; i++)
        assert_int_equal(net_send(&peer, "x", NULL), 0);
    net_until_got(loop, &mail, 2 * GYRE__BATCH);
    assert_int_equal(net_system.recvs, 2);
    net_mail_end(loop, &mail);
    net_mail_end(loop, &peer);
}

static void answer_and_ask(struct mail *mail)
{
    answer(mail);
    assert_int_equal(gyre_transport_get_write_buffer_size(mail->transport), 0);
}

static void who_asks_for_the_size_sends_first(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {.on_got = answer_and_ask};
    int peer = net_mail_pair(loop, &mail);

    net_system_batch(loop);
    write_each(peer, "ab");
    net_until_got(loop, &mail, 2);
    assert_int_equal(net_system.sends, 2);
    assert_reads(peer, "ab");
    net_mail_end(loop, &mail);
    close(peer);
}

/* To nobody at all: port 0. */
static void answer_astray(struct mail *mail)
{
    struct sockaddr_in nowhere = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    assert_int_equal(net_send(mail, "1", (struct sockaddr *)&mail->from), 0);
    assert_int_equal(net_send(mail, "2", (struct sockaddr *)&nowhere), 0);
    assert_int_equal(net_send(mail, "3", (struct sockaddr *)&mail->from), 0);
    assert_int_equal(mail->errors, 0);
}

static void an_error_is_that_of_its_datagram(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {.on_got = answer_astray}, peer = {0};

    net_endpoint(loop, &mail);
    net_endpoint_to(loop, &peer, &mail);
    assert_int_equal(net_send(&peer, "x", NULL), 0);
    net_until_got(loop, &peer, 2);
    assert_string_equal(mail.text, "made got:1 error:-22 ");
    assert_string_equal(peer.data, "3");
    net_mail_end(loop, &mail);
    net_mail_end(loop, &peer);
}

static void what_the_kernel_does_not_take_waits(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {.on_got = answer};
    int peer = net_mail_pair(loop, &mail);

    net_system_batch(loop);
    net_system.send_error = -EAGAIN;
    write_each(peer, "abc");
    net_until_got(loop, &mail, 3);
    assert_int_equal(gyre_transport_get_write_buffer_size(mail.transport), 3);
    net_system.send_error = 0;
    while (gyre_transport_get_write_buffer_size(mail.transport))
        net_step(loop);
    assert_reads(peer, "abc");
    net_mail_end(loop, &mail);
    close(peer);
}

static void pause_at_once(struct mail *mail)
{
    gyre_transport_pause_reading(mail->transport);
}

static void after_a_pause_the_others_come_in_order(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {.on_got = pause_at_once};
    int peer = net_mail_pair(loop, &mail);

    net_system_batch(loop);
    write_each(peer, "abc");
    net_until_got(loop, &mail, 1);
    write_each(peer, "d");
    for (int i = 1; i <= 4; i++) {
        net_turns(loop, 3);
        assert_int_equal(mail.got, i);
        assert_int_equal(mail.data[0], 'a' + i - 1);
        gyre_transport_resume_reading(mail.transport);
        if (i < 4)
            net_until_got(loop, &mail, i + 1);
    }
    net_mail_end(loop, &mail);
    close(peer);
}

static void those_that_are_kept_go_with_the_endpoint(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {.on_got = pause_at_once};
    int peer = net_mail_pair(loop, &mail);

    write_each(peer, "abc");
    net_until_got(loop, &mail, 1);
    gyre_transport_resume_reading(mail.transport);
    gyre_transport_close(mail.transport);
    net_mail_end(loop, &mail);
    assert_string_equal(mail.text, "made got:1 lost:0 ");
    close(peer);
}

static void large_ones_stay_whole_beside_small_ones(void **state)
{
    enum { LARGEST = 65507 };
    gyre_loop *loop = *state;
    struct mail mail = {0}, peer = {0};
    char *large = calloc(1, LARGEST);

    net_endpoint(loop, &mail);
    net_endpoint_to(loop, &peer, &mail);
    assert_int_equal(net_send(&peer, "x", NULL), 0);
    assert_int_equal(gyre_transport_sendto(peer.transport, large, LARGEST, NULL, 0), 0);
    assert_int_equal(net_send(&peer, "", NULL), 0);
    net_until_got(loop, &mail, 3);
    assert_string_equal(mail.text, "made got:1 got:65507 got:0 ");
    free(large);
    net_mail_end(loop, &mail);
    net_mail_end(loop, &peer);
}

static void of_a_unix_socket_they_may_be_larger(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {.on_got = pause_at_once};
    int peer = net_mail_pair(loop, &mail);
    int room = 1024 * 1024;
    char *large = calloc(1, 256 * 1024);

    setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (write(peer, large, 150 * 1024) == 150 * 1024 && write(peer, large, 140 * 1024) == 140 * 1024) {
        net_until_got(loop, &mail, 1);
        gyre_transport_resume_reading(mail.transport);
        net_until_got(loop, &mail, 2);
        assert_string_equal(mail.text, "made got:153600 got:143360 ");
    }
    free(large);
    net_mail_end(loop, &mail);
    close(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_waits_comes_at_once_and_its_answers_leave_at_once, net_setup,
                                        net_teardown),
        cmocka_unit_test_setup_teardown(more_than_a_batch_take_turns, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(who_asks_for_the_size_sends_first, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(an_error_is_that_of_its_datagram, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(what_the_kernel_does_not_take_waits, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(after_a_pause_the_others_come_in_order, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(those_that_are_kept_go_with_the_endpoint, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(large_ones_stay_whole_beside_small_ones, net_setup, net_teardown),
        cmocka_unit_test_setup_teardown(of_a_unix_socket_they_may_be_larger, net_setup, net_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
