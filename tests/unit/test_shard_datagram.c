/* test_shard_datagram.c - endpoints of datagrams on one port of all shards, or on a port of their own. */
#include "sharded.h"
#include <arpa/inet.h>
#include <gyre/datagram.h>
#include <unistd.h>

enum { SHARDS = 3, CLIENTS = 96 };

static atomic_int arrived;
static int ports[SHARDS];
static atomic_int heard[SHARDS];

static int reset(void **state)
{
    atomic_store(&arrived, 0);
    memset(ports, 0, sizeof ports);
    for (int i = 0; i < SHARDS; i++)
        atomic_store(&heard[i], 0);
    return 0;
}

/* Returns when all shards have called it so often. */
static int meet(int times)
{
    atomic_fetch_add(&arrived, 1);
    return wait_until(&arrived, times * gyre_shard_count());
}

struct echo {
    gyre_transport *transport;
};

static void made(void *self, gyre_transport *transport)
{
    ((struct echo *)self)->transport = transport;
}

static void answer(void *self, const void *data, size_t len, const struct sockaddr *from, socklen_t size)
{
    atomic_fetch_add(&heard[gyre_shard_id()], 1);
    gyre_transport_sendto(((struct echo *)self)->transport, data, len, from, size);
}

static const gyre_datagram_protocol echo = {
    .size = sizeof(struct echo), .connection_made = made, .datagram_received = answer};

static int open_echo(gyre_transport **transport, int port, int reuse_port)
{
    return gyre_loop_create_datagram_endpoint(gyre_get_running_loop(), transport, &echo,
                                              .local_host = "127.0.0.1", .local_port = port,
                                              .reuse_port = reuse_port);
}

static int port_of(gyre_transport *transport)
{
    const struct sockaddr_in *name = gyre_transport_get_extra_info(transport, "sockname", NULL);

    return name ? ntohs(name->sin_port) : -1;
}

static void close_echo(gyre_transport *transport)
{
    gyre_transport_close(transport);
    gyre_transport_unref(transport);
    gyre_sleep(0);
    gyre_sleep(0);
}

static int open_any(void *reuse_port)
{
    gyre_transport *transport = NULL;

    expect(open_echo(&transport, 0, *(int *)reuse_port) == 0);
    ports[gyre_shard_id()] = port_of(transport);
    expect(meet(1) == 0);
    close_echo(transport);
    return 0;
}

static void test_port_0_is_another_for_each(void **state)
{
    int reuse_port = GYRE_NO;

    assert_runs(0, SHARDS, open_any, &reuse_port);
    assert_true(ports[0] > 0 && ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2]);
}

static void test_port_0_is_one_for_all_with_reuse_port(void **state)
{
    int reuse_port = GYRE_YES;

    assert_runs(0, SHARDS, open_any, &reuse_port);
    assert_true(ports[0] > 0 && ports[0] == ports[1] && ports[1] == ports[2]);
}

/* One that nobody has now. */
static int free_port(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t size = sizeof name;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
    close(fd);
    return ntohs(name.sin_port);
}

static int connected_client(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    expect(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

/* Who asks, and hears the answer. */
static int ask(void *port)
{
    struct timeval patience = {.tv_sec = 20};
    int fd = connected_client(*(int *)port);
    char got[2];

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    expect(send(fd, "?", 1, 0) == 1 && recv(fd, got, sizeof got, 0) == 1 && got[0] == '?');
    close(fd);
    return 0;
}

static int serve_all(void *arg)
{
    gyre_transport *transport = NULL;
    int port = *(int *)arg;

    expect(open_echo(&transport, port, 0) == 0);
    expect(port_of(transport) == port && meet(1) == 0);
    if (gyre_shard_id() == 0)
        for (int i = 0; i < CLIENTS; i++)
            expect(gyre_to_thread(ask, &port) == 0);
    expect(meet(2) == 0);
    close_echo(transport);
    return 0;
}

static void test_each_shard_hears_its_share(void **state)
{
    int port = free_port();
    int all = 0;

    assert_runs(0, SHARDS, serve_all, &port);
    for (int i = 0; i < SHARDS; i++) {
        assert_int_not_equal(atomic_load(&heard[i]), 0);
        all += atomic_load(&heard[i]);
    }
    assert_int_equal(all, CLIENTS);
}

static int find_it_taken(void *port)
{
    gyre_transport *transport = NULL;

    expect(open_echo(&transport, *(int *)port, 0) == -EADDRINUSE && !transport);
    return 0;
}

/* Another process of the same user may not hear half of what is meant for us, even if it would share. */
static void test_another_process_has_it(void **state)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t size = sizeof name;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1, port;

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
    getsockname(fd, (struct sockaddr *)&name, &size);
    port = ntohs(name.sin_port);
    assert_runs(0, SHARDS, find_it_taken, &port);
    close(fd);
}

static int come_back(void *arg)
{
    gyre_transport *one = NULL, *two = NULL;
    int port = *(int *)arg;

    expect(open_echo(&one, port, 0) == 0);
    expect(open_echo(&two, port, 0) == -EADDRINUSE);
    expect(meet(1) == 0);
    close_echo(one);
    expect(meet(2) == 0);
    expect(open_echo(&two, port, 0) == 0);
    expect(meet(3) == 0);
    close_echo(two);
    return 0;
}

static void test_one_for_a_shard_that_may_leave_and_return(void **state)
{
    int port = free_port();

    assert_runs(0, SHARDS, come_back, &port);
}

static const gyre_protocol silent = {.size = 1};

static int serve_both(void *arg)
{
    gyre_transport *transport = NULL;
    gyre_server *server = NULL;
    int port;

    expect(gyre_loop_create_server(gyre_get_running_loop(), &server, &silent, .host = "127.0.0.1",
                                   .port = 0) == 0);
    port = gyre_server_get_port(server);
    expect(open_echo(&transport, port, 0) == 0 && port_of(transport) == port);
    expect(meet(1) == 0);
    close_echo(transport);
    gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

static void test_the_same_number_of_tcp_is_another_port(void **state)
{
    assert_runs(0, SHARDS, serve_both, NULL);
}

static int open_clients(void *arg)
{
    gyre_transport *one = NULL, *two = NULL;
    gyre_loop *loop = gyre_get_running_loop();

    /* With somebody in particular at the other end it is nobody else's address. */
    expect(open_echo(&one, 0, 0) == 0);
    expect(gyre_loop_create_datagram_endpoint(loop, &two, &echo, .local_host = "127.0.0.1",
                                              .remote_host = "127.0.0.1", .remote_port = port_of(one)) == 0);
    ports[gyre_shard_id()] = port_of(two);
    expect(meet(1) == 0);
    close_echo(two);
    close_echo(one);
    return 0;
}

static void test_clients_stand_alone(void **state)
{
    assert_runs(0, SHARDS, open_clients, NULL);
    assert_true(ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_port_0_is_another_for_each, reset),
        cmocka_unit_test_setup(test_port_0_is_one_for_all_with_reuse_port, reset),
        cmocka_unit_test_setup(test_each_shard_hears_its_share, reset),
        cmocka_unit_test_setup(test_another_process_has_it, reset),
        cmocka_unit_test_setup(test_one_for_a_shard_that_may_leave_and_return, reset),
        cmocka_unit_test_setup(test_the_same_number_of_tcp_is_another_port, reset),
        cmocka_unit_test_setup(test_clients_stand_alone, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
