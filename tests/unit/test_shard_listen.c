/* test_shard_listen.c - the shards take an address together, or not at all. */
#include "sharded.h"
#include <arpa/inet.h>

enum { SHARDS = 3 };

static const gyre_protocol silent = {.size = 1};

static atomic_int arrived;
static int ports[SHARDS][3];

static int reset(void **state)
{
    atomic_store(&arrived, 0);
    memset(ports, 0, sizeof ports);
    return 0;
}

/* Returns when all shards have called it so often. */
static int meet(int times)
{
    atomic_fetch_add(&arrived, 1);
    return wait_until(&arrived, times * gyre_shard_count());
}

static gyre_server *open_server(int port)
{
    gyre_server *server = NULL;
    int err =
        gyre_loop_create_server(gyre_get_running_loop(), &server, &silent, .host = "127.0.0.1", .port = port);

    expect(err == 0);
    return server;
}

static void close_server(gyre_server *server)
{
    gyre_server_close(server);
    gyre_server_unref(server);
}

static int open_two(void *arg)
{
    int *mine = ports[gyre_shard_id()];
    gyre_server *one, *two;

    /* The shards do not come in order. */
    gyre_sleep(0.002 * ((gyre_shard_id() + 2) % SHARDS));
    one = open_server(0);
    two = open_server(0);
    mine[0] = gyre_server_get_port(one);
    mine[1] = gyre_server_get_port(two);
    expect(meet(1) == 0);
    close_server(one);
    close_server(two);
    return 0;
}

static void test_any_port_is_one_for_all(void **state)
{
    assert_runs(0, SHARDS, open_two, NULL);
    assert_true(ports[0][0] > 0 && ports[0][1] > 0);
    assert_int_not_equal(ports[0][0], ports[0][1]);
    for (int i = 1; i < SHARDS; i++)
        assert_memory_equal(ports[i], ports[0], sizeof ports[0]);
}

static int open_in_turn(void *arg)
{
    int *mine = ports[gyre_shard_id()];
    gyre_server *server;

    /* Shard 0 has opened and closed its first before any other opens one. */
    if (gyre_shard_id() > 0)
        expect(wait_until(&arrived, 1) == 0);
    server = open_server(0);
    mine[0] = gyre_server_get_port(server);
    close_server(server);
    if (gyre_shard_id() == 0) {
        server = open_server(0);
        mine[1] = gyre_server_get_port(server);
        atomic_fetch_add(&arrived, 1);
        expect(wait_until(&arrived, SHARDS) == 0);
    } else {
        server = open_server(0);
        mine[1] = gyre_server_get_port(server);
        atomic_fetch_add(&arrived, 1);
    }
    close_server(server);
    return 0;
}

/* The second of each is one, although shard 0 was there before the others had their first. */
static void test_the_second_belongs_to_the_second(void **state)
{
    assert_runs(0, SHARDS, open_in_turn, NULL);
    assert_int_equal(ports[1][1], ports[0][1]);
    assert_int_equal(ports[2][1], ports[0][1]);
    assert_int_not_equal(ports[1][0], ports[1][1]);
    assert_int_not_equal(ports[2][0], ports[2][1]);
}

static int join_by_number(void *arg)
{
    gyre_server *server;

    if (gyre_shard_id() > 0)
        expect(wait_until(&arrived, 1) == 0);
    server = open_server(gyre_shard_id() == 0 ? 0 : ports[0][0]);
    ports[gyre_shard_id()][0] = gyre_server_get_port(server);
    atomic_fetch_add(&arrived, 1);
    expect(wait_until(&arrived, SHARDS) == 0);
    close_server(server);
    return 0;
}

/* One takes any port and tells the others which. */
static void test_the_port_that_another_got(void **state)
{
    assert_runs(0, SHARDS, join_by_number, NULL);
    assert_int_equal(ports[1][0], ports[0][0]);
    assert_int_equal(ports[2][0], ports[0][0]);
}

static int bind_plain(int reuse_port, int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &reuse_port, sizeof reuse_port);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 5), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    *port = ntohs(address.sin_port);
    return fd;
}

static int open_busy(void *port)
{
    gyre_server *server = NULL;
    int err = gyre_loop_create_server(gyre_get_running_loop(), &server, &silent, .host = "127.0.0.1",
                                      .port = *(int *)port);

    expect(err == -EADDRINUSE);
    expect(server == NULL);
    return err;
}

/* Also when the other one would share: that would be a silent split. */
static void test_a_busy_port(void **state)
{
    for (int reuse_port = 0; reuse_port < 2; reuse_port++) {
        char expected[64];
        const char *words;
        int port;
        int fd = bind_plain(reuse_port, &port);

        catch_stderr();
        assert_runs(1, SHARDS, open_busy, &port);
        words = take_stderr();
        snprintf(expected, sizeof expected, "('127.0.0.1', %d): address already in use", port);
        assert_non_null(strstr(words, expected));
        close(fd);
    }
}

static int open_again(void *arg)
{
    int port = *(int *)arg;
    gyre_server *server = open_server(port);
    gyre_server *second;

    expect(meet(1) == 0);
    expect(gyre_loop_create_server(gyre_get_running_loop(), &second, &silent, .host = "127.0.0.1",
                                   .port = port) == -EADDRINUSE);
    expect(strstr(gyre_error_text(), "address already in use") != NULL);
    expect(meet(2) == 0);
    if (gyre_shard_id() == 1) {
        close_server(server);
        server = open_server(port);
    }
    expect(gyre_server_get_port(server) == port);
    expect(meet(3) == 0);
    close_server(server);
    return 0;
}

/* One server of an address a shard, which it may close and open again while the others listen. */
static void test_a_fixed_port(void **state)
{
    int port;

    close(bind_plain(0, &port));
    assert_runs(0, SHARDS, open_again, &port);
}

static int open_by_turns(void *arg)
{
    int port = *(int *)arg;

    for (int i = 0; i < 10; i++)
        close_server(open_server(port));
    return 0;
}

static void test_open_and_close_in_a_storm(void **state)
{
    int port;

    close(bind_plain(0, &port));
    assert_runs(0, SHARDS, open_by_turns, &port);
    port = 0;
    assert_runs(0, SHARDS, open_by_turns, &port);
}

static int open_unlike(void *arg)
{
    for (int i = 0; i <= 5 * gyre_shard_id(); i++)
        close_server(open_server(0));
    return 0;
}

/* What nobody joins any more is freed at the end. */
static void test_shards_that_differ(void **state)
{
    assert_runs(0, SHARDS, open_unlike, NULL);
}

static int open_all_interfaces(void *arg)
{
    gyre_server *server;

    expect(gyre_loop_create_server(gyre_get_running_loop(), &server, &silent, .port = *(int *)arg) == 0);
    expect(meet(1) == 0);
    close_server(server);
    return 0;
}

static void test_all_interfaces(void **state)
{
    int port;

    close(bind_plain(0, &port));
    assert_runs(0, SHARDS, open_all_interfaces, &port);
}

static int open_shared_by_hand(void *arg)
{
    gyre_server *server;

    expect(gyre_loop_create_server(gyre_get_running_loop(), &server, &silent, .host = "127.0.0.1",
                                   .port = *(int *)arg, .reuse_port = GYRE_YES) == 0);
    expect(meet(1) == 0);
    close_server(server);
    return 0;
}

/* The program says that it wants to share with whoever is there. */
static void test_reuse_port_asks_nobody(void **state)
{
    int port;
    int fd = bind_plain(1, &port);

    assert_runs(0, SHARDS, open_shared_by_hand, &port);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_any_port_is_one_for_all, reset),
        cmocka_unit_test_setup(test_the_second_belongs_to_the_second, reset),
        cmocka_unit_test_setup(test_the_port_that_another_got, reset),
        cmocka_unit_test_setup(test_a_busy_port, reset),
        cmocka_unit_test_setup(test_a_fixed_port, reset),
        cmocka_unit_test_setup(test_open_and_close_in_a_storm, reset),
        cmocka_unit_test_setup(test_shards_that_differ, reset),
        cmocka_unit_test_setup(test_all_interfaces, reset),
        cmocka_unit_test_setup(test_reuse_port_asks_nobody, reset),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
