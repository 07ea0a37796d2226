/* test_limits_kinds.c - limits on silence, on each kind of transport: unix sockets, pipes, datagrams, TLS.
 *
 * test_limits.c says what they mean.
 */
#include "net/tls_transport.h"
#include "net_mail.h"
#include "net_pipe.h"
#include "tls_bed.h"
#include "unix_bed.h"
#include <gyre/pipe.h>

enum { MUCH = 4 << 20 };

static char data[MUCH];
static double begun;

static void begin(const gyre_loop *loop)
{
    begun = gyre_loop_time(loop);
}

/* Silence was told, and not too early. */
static void await_timeout(gyre_loop *loop, const struct diary *diary)
{
    while (!diary->lost)
        net_step(loop);
    assert_int_equal(diary->err, -ETIMEDOUT);
    assert_true(gyre_loop_time(loop) - begun >= 0.02);
}

static int connect_unix(gyre_loop *loop, struct diary *diary)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &net_diary, .sock = ends[0], .arg = diary),
                     0);
    return ends[1];
}

#define LIMITED(loop, diary, ...)                                                          \
    do {                                                                                   \
        assert_int_equal(gyre_transport_set_timeouts((diary)->transport, __VA_ARGS__), 0); \
        begin(loop);                                                                       \
    } while (0)

static void unix_sockets(void **state)
{
    gyre_loop *loop = *state;

    for (int i = 0; i < 3; i++) {
        struct diary diary = {0};
        int peer = connect_unix(loop, &diary);

        LIMITED(loop, &diary, .idle = i == 0 ? 0.02 : 0, .read = i == 1 ? 0.02 : 0,
                .write_stall = i == 2 ? 0.02 : 0);
        if (i == 2)
            gyre_transport_write(diary.transport, data, MUCH);
        await_timeout(loop, &diary);
        net_finish(loop, &diary, peer);
    }
}

static void accept_silent(gyre_loop *loop, gyre_server **server, struct diary *diary)
{
    assert_int_equal(gyre_loop_create_unix_server(loop, server, &net_diary, .path = path, .arg = diary), 0);
}

static void limit_idle(struct diary *diary)
{
    gyre_transport_set_timeouts(diary->transport, .idle = 0.02);
}

/* On the server's side, from connection_made. */
static void connections_of_a_unix_server(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {.on_made = limit_idle};
    gyre_server *server;
    int peer;

    make_folder();
    accept_silent(loop, &server, &diary);
    begin(loop);
    peer = dial_at(path);
    await_timeout(loop, &diary);
    close(peer);
    gyre_server_close(server);
    gyre_server_unref(server);
    net_step(loop);
    remove_folder();
}

static void reading_ends_of_pipes(void **state)
{
    gyre_loop *loop = *state;

    for (int i = 0; i < 2; i++) {
        struct diary diary = {0};
        int peer = net_read_pipe(loop, &diary);

        LIMITED(loop, &diary, .idle = i ? 0.02 : 0, .read = i ? 0 : 0.02);
        assert_int_equal(write(peer, "x", 1), 1);
        await_timeout(loop, &diary);
        assert_int_equal(diary.received, 1);
        close(peer);
        net_step(loop);
    }
}

static void writing_ends_of_pipes(void **state)
{
    gyre_loop *loop = *state;

    for (int i = 0; i < 2; i++) {
        struct diary diary = {0};
        int peer = net_write_pipe(loop, &diary);

        LIMITED(loop, &diary, .idle = i ? 0.02 : 0, .write_stall = i ? 0 : 0.02);
        gyre_transport_write(diary.transport, data, NET_PIPE_FULL * 2);
        await_timeout(loop, &diary);
        close(peer);
        net_step(loop);
    }
}

/* What a pipe cannot do is refused, and what was set stays. */
static void pipes_go_one_way(void **state)
{
    gyre_loop *loop = *state;
    struct diary in = {0}, out = {0};
    int writes = net_read_pipe(loop, &in), reads = net_write_pipe(loop, &out);

    LIMITED(loop, &in, .idle = 0.02);
    LIMITED(loop, &out, .idle = 0.02);
    assert_int_equal(gyre_transport_set_timeouts(in.transport, .write_stall = 1), GYRE_ENOTIMPLEMENTED);
    assert_string_equal(gyre_error_text(), "the reading end of a pipe has no limit on writing");
    assert_int_equal(gyre_transport_set_timeouts(out.transport, .read = 1), GYRE_ENOTIMPLEMENTED);
    assert_string_equal(gyre_error_text(), "the writing end of a pipe has no limit on reading");
    await_timeout(loop, &in);
    await_timeout(loop, &out);
    close(writes);
    close(reads);
    net_step(loop);
}

/* --- datagrams --- */

/* A unix socket takes so many, and then none. */
static void datagrams_that_nobody_takes(void **state)
{
    gyre_loop *loop = *state;
    struct mail mail = {0};
    int peer = net_mail_pair(loop, &mail);

    LIMITED(loop, &mail, .write_stall = 0.02);
    net_run(loop, 0.04);
    assert_int_equal(mail.lost, 0);
    while (!gyre_transport_get_write_buffer_size(mail.transport))
        gyre_transport_sendto(mail.transport, data, 1000, NULL, 0);
    begin(loop);
    gyre_transport_close(mail.transport);
    while (!mail.lost)
        net_step(loop);
    assert_string_equal(mail.text, "made lost:-110 ");
    assert_true(gyre_loop_time(loop) - begun >= 0.02);
    close(peer);
}

/* --- TLS --- */

static gyre_tls_context *of_server, *of_client;
static struct diary there, here;

static void connect_tls(gyre_loop *loop, gyre_server **server)
{
    memset(&there, 0, sizeof there);
    memset(&here, 0, sizeof here);
    assert_int_equal(
        gyre_loop_create_unix_server(loop, server, &net_diary, .path = path, .ssl = of_server, .arg = &there),
        0);
    assert_int_equal(gyre_loop_create_unix_connection(loop, NULL, &net_diary, .path = path, .ssl = of_client,
                                                      .server_hostname = "localhost", .arg = &here),
                     0);
    while (!there.made)
        net_step(loop);
}

/* Much; or so little that the transport below TLS takes all of it, and has it still. */
static void write_over_tls(gyre_loop *loop, bool much)
{
    gyre_transport_pause_reading(there.transport);
    begin(loop);
    if (much)
        gyre_transport_write(here.transport, data, MUCH);
    while (!gyre_transport_get_write_buffer_size(gyre__tls_of(here.transport)->below))
        gyre_transport_write(here.transport, data, 10000);
    assert_true(much == (gyre_transport_get_write_buffer_size(here.transport) > 0));
}

static void over_tls(void **state)
{
    gyre_loop *loop = *state;
    gyre_server *server;

    make_folder();
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"));
    gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem"));
    for (int i = 0; i < 4; i++) {
        connect_tls(loop, &server);
        LIMITED(loop, &here, .idle = i == 0 ? 0.02 : 0, .read = i == 1 ? 0.02 : 0,
                .write_stall = i > 1 ? 0.02 : 0);
        if (i > 1)
            write_over_tls(loop, i == 2);
        await_timeout(loop, &here);
        gyre_server_abort_clients(server);
        gyre_server_close(server);
        gyre_server_unref(server);
        net_run(loop, 0.005);
    }
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    remove_folder();
}

/* Who begins no handshake is dropped, on the server's side, and nobody is told. */
static void a_server_waits_for_a_handshake(void **state)
{
    gyre_loop *loop = *state;
    struct diary diary = {0};
    gyre_server *server;
    char byte;
    int peer;

    make_folder();
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"));
    assert_int_equal(gyre_loop_create_unix_server(loop, &server, &net_diary, .path = path, .ssl = of_server,
                                                  .ssl_handshake_timeout = 0.02, .arg = &diary),
                     0);
    begin(loop);
    peer = dial_at(path);
    while (recv(peer, &byte, 1, MSG_DONTWAIT) < 0)
        net_step(loop);
    assert_true(gyre_loop_time(loop) - begun >= 0.02);
    assert_string_equal(diary.text, "");
    close(peer);
    gyre_server_close(server);
    gyre_server_unref(server);
    net_run(loop, 0.005);
    gyre_tls_context_unref(of_server);
    remove_folder();
}

#define ON_NET(test) cmocka_unit_test_setup_teardown(test, net_setup, net_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_NET(unix_sockets),
        ON_NET(connections_of_a_unix_server),
        ON_NET(reading_ends_of_pipes),
        ON_NET(writing_ends_of_pipes),
        ON_NET(pipes_go_one_way),
        ON_NET(datagrams_that_nobody_takes),
        ON_NET(over_tls),
        ON_NET(a_server_waits_for_a_handshake),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
