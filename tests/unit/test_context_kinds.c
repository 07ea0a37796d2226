/* test_context_kinds.c - what the protocols of datagrams, TLS and children see: the context that made them.
 */
#include "net_peer.h"
#include "tls_bed.h"
#include "unit.h"

#include <gyre/datagram.h>
#include <gyre/process.h>
#include <gyre/tls.h>

static gyre_context_var var = {.name = "var", .default_value = "default"};

static int open_it(void **state)
{
    noted[0] = '\0';
    net_setup(state);
    loop = *state;
    return 0;
}

#define IN_CONTEXT(test) cmocka_unit_test_setup_teardown(test, open_it, net_teardown)

static void see(const char *what)
{
    note((void *)(uintptr_t)what);
    note(gyre_context_var_get(&var));
}

static void *create(void *arg)
{
    see("create");
    return arg;
}

static void made(void *self, gyre_transport *transport)
{
    see("made");
}

static void got(void *self, const void *data, size_t len, const struct sockaddr *addr, socklen_t size)
{
    see("got");
    gyre_future_set_result(self, NULL);
}

static const gyre_datagram_protocol datagrams = {
    .create = create,
    .connection_made = made,
    .datagram_received = got,
};

/* uv:test_context.py::_ContextBaseTests::test_datagram_protocol */
static int send_one(void *arg)
{
    gyre_future *heard = gyre_loop_create_future(loop);
    gyre_transport *transport;
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    int err;

    gyre_context_var_set(&var, "creator");
    err = gyre_loop_create_datagram_endpoint(loop, &transport, &datagrams, .local_host = "127.0.0.1",
                                             .arg = heard);
    assert_int_equal(err, 0);
    gyre_context_var_set(&var, "sender");
    getsockname(*(const int *)gyre_transport_get_extra_info(transport, "socket", NULL),
                (struct sockaddr *)(void *)&name, &size);
    gyre_transport_sendto(transport, "x", 1, (struct sockaddr *)(void *)&name, size);
    err = gyre_await(heard, NULL);
    gyre_transport_close(transport);
    gyre_transport_unref(transport);
    gyre_future_unref(heard);
    return err;
}

static void test_datagrams(void **state)
{
    assert_int_equal(net_task(loop, send_one, NULL), 0);
    assert_noted("create creator made creator got creator");
}

static void exited(void *self)
{
    see("exited");
}

static void child_lost(void *self, int err)
{
    see("lost");
    gyre_future_set_result(self, NULL);
}

static const gyre_subprocess_protocol children = {
    .create = create,
    .process_exited = exited,
    .connection_lost = child_lost,
};

/* uv:test_context.py::_ContextBaseTests::test_subprocess_protocol */
static int run_true(void *arg)
{
    gyre_future *over = gyre_loop_create_future(loop);
    int err;

    gyre_context_var_set(&var, "parent");
    err =
        gyre_loop_subprocess_exec(loop, NULL, &children, ((const char *const[]){"true", NULL}), .arg = over);
    gyre_context_var_set(&var, "later");
    if (!err)
        err = gyre_await(over, NULL);
    gyre_future_unref(over);
    return err;
}

static void test_children(void **state)
{
    assert_int_equal(net_task(loop, run_true, NULL), 0);
    assert_noted("create parent exited parent lost parent");
}

static gyre_transport *accepted;
static gyre_future *over;

static void keep(void *self, gyre_transport *transport)
{
    see("made");
    accepted = gyre_transport_ref(transport);
}

static void heard(void *self, const void *data, size_t len)
{
    see("data");
}

static void lost(void *self, int err)
{
    see("lost");
    gyre_future_set_result(over, NULL);
}

static const gyre_protocol served = {
    .create = create,
    .connection_made = keep,
    .data_received = heard,
    .connection_lost = lost,
};

static const gyre_protocol silent = {.size = 1};

static gyre_server *serve(gyre_tls_context *context)
{
    gyre_server *server;

    gyre_context_var_set(&var, "server");
    assert_int_equal(
        gyre_loop_create_server(loop, &server, &served, .host = "127.0.0.1", .ssl = context, .arg = loop), 0);
    return server;
}

static gyre_transport *dial(gyre_server *server, gyre_tls_context *context)
{
    gyre_transport *client;

    gyre_context_var_set(&var, "client");
    assert_int_equal(gyre_loop_create_connection(loop, &client, &silent, .host = "127.0.0.1",
                                                 .port = gyre_server_get_port(server), .ssl = context,
                                                 .server_hostname = "localhost"),
                     0);
    return client;
}

/* Who ends the connection, and how. */
struct scene {
    bool by_hand;
};

static void end_it(const struct scene *scene, gyre_transport *client)
{
    gyre_context_var_set(&var, "somebody else");
    gyre_transport_write(client, "x", 1);
    if (!scene->by_hand) {
        gyre_transport_close(client);
        return;
    }
    while (!strstr(noted, "data"))
        gyre_sleep(0.001);
    gyre_transport_abort(accepted);
}

static int speak_tls(void *arg)
{
    gyre_tls_context *of_server, *of_client;
    gyre_server *server;
    gyre_transport *client;
    int err;

    over = gyre_loop_create_future(loop);
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"));
    gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem"));
    server = serve(of_server);
    client = dial(server, of_client);
    end_it(arg, client);
    err = gyre_await(over, NULL);
    gyre_transport_abort(client);
    gyre_transport_unref(client);
    gyre_transport_unref(accepted);
    gyre_server_close(server);
    gyre_server_wait_closed(server);
    gyre_server_unref(server);
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
    gyre_future_unref(over);
    return err;
}

/* uv:test_context.py::_ContextBaseTests::test_create_ssl_server_connection_protocol */
static void test_a_tls_server(void **state)
{
    struct scene scene = {.by_hand = false};

    assert_int_equal(net_task(loop, speak_tls, &scene), 0);
    assert_noted("create server made server data server lost server");
}

/* uv:test_context.py::_ContextBaseTests::test_create_ssl_server_manual_connection_lost */
static void test_a_tls_server_ends_it_by_hand(void **state)
{
    struct scene scene = {.by_hand = true};

    assert_int_equal(net_task(loop, speak_tls, &scene), 0);
    assert_noted("create server made server data server lost server");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_CONTEXT(test_datagrams),
        IN_CONTEXT(test_children),
        IN_CONTEXT(test_a_tls_server),
        IN_CONTEXT(test_a_tls_server_ends_it_by_hand),
    };

    return cmocka_run_group_tests(tests, tls_begin_files, tls_end_files);
}
