/* tls_both.h - a client and a server that speak TLS on one loop, each with its diary. */
#ifndef GYRE_TESTS_TLS_BOTH_H
#define GYRE_TESTS_TLS_BOTH_H

#include "net/tls_transport.h"
#include "tests/unit/net_peer.h"
#include "tests/unit/tls_bed.h"
#include "tests/unit/unit.h"
#include <errno.h>

static gyre_tls_context *of_server, *of_client;
static struct diary there, here; /* the server's end, and the client's */
static gyre_server *server;

static inline int open_tls(void **state)
{
    memset(&there, 0, sizeof there);
    memset(&here, 0, sizeof here);
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"));
    gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem"));
    net_setup(state);
    loop = *state;
    return 0;
}

static inline int close_tls(void **state)
{
    int err = net_teardown(state);

    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    return err;
}

static inline int serve(void *arg)
{
    return gyre_loop_create_server(loop, &server, &net_diary, .host = "127.0.0.1", .ssl = of_server,
                                   .arg = &there, .ssl_handshake_timeout = arg ? *(double *)arg : 0);
}

static inline int dial(void *arg)
{
    return gyre_loop_create_connection(loop, NULL, &net_diary, .host = "127.0.0.1",
                                       .port = gyre_server_get_port(server), .ssl = of_client,
                                       .server_hostname = arg, .arg = &here);
}

static inline int wait_closed(void *arg)
{
    return gyre_server_wait_closed(server);
}

static inline void end_server(void)
{
    gyre_server_close(server);
    assert_int_equal(net_task(loop, wait_closed, NULL), 0);
    gyre_server_unref(server);
}

static inline void connect_both(void)
{
    assert_int_equal(net_task(loop, serve, NULL), 0);
    assert_int_equal(net_task(loop, dial, "localhost"), 0);
    while (!there.made)
        net_step(loop);
}

static inline void wait_lost(void)
{
    while (!(here.lost && there.lost))
        net_step(loop);
}

static inline void fill(size_t size)
{
    char *bytes = calloc(1, size);

    gyre_transport_write(here.transport, bytes, size);
    free(bytes);
}

static inline int upgrade_there(void *arg)
{
    gyre_transport *made;
    int err = gyre_loop_start_tls(loop, &made, there.transport, NULL, of_server, .server_side = true);

    if (err)
        return err;
    there.transport = made;
    gyre_transport_unref(made);
    return 0;
}

static inline int upgrade(void *arg)
{
    gyre_transport *made;
    gyre_task *other;
    int err;

    gyre_loop_create_task(loop, &other, upgrade_there, NULL);
    err = gyre_loop_start_tls(loop, &made, here.transport, NULL, of_client, .server_hostname = "localhost");
    if (!err) {
        assert_ptr_not_equal(made, here.transport);
        here.transport = made;
        gyre_transport_unref(made);
    }
    gyre_await(other, NULL);
    gyre_future_unref(other);
    return err;
}

static inline void connect_plain(const gyre_protocol *protocol)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    for (int i = 0; i < 2; i++) {
        struct gyre__net *net = gyre__net(loop);

        gyre__transport_begin(
            gyre__transport_new(net, &gyre__stream_kind, ends[i], protocol, i ? &there : &here, NULL));
    }
    while (!here.made || !there.made)
        net_step(loop);
}

static inline void converse(void)
{
    gyre_transport_write(here.transport, "secret", 6);
    while (there.received < 6)
        net_step(loop);
    gyre_transport_write(there.transport, "answer", 6);
    while (here.received < 6)
        net_step(loop);
    gyre_transport_close(here.transport);
    wait_lost();
}

#define ON_TLS(test) cmocka_unit_test_setup_teardown(test, open_tls, close_tls)

#endif
