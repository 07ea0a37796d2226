/* test_shard_balance.c - connections lie evenly on the shards, and none is lost on its way. */
#include "sharded.h"
#include <arpa/inet.h>

enum { CLIENTS = 128, MOST_SHARDS = 4 };

static atomic_int arrived, port, connected, over;
static int clients[CLIENTS];

/* How the servers of a test are made. */
static struct {
    int balance; /* as server option */
    int servers; /* shards that listen, from 0 */
} plan;

static int reset(void **state)
{
    atomic_store(&arrived, 0);
    atomic_store(&connected, 0);
    atomic_store(&over, 0);
    plan.balance = 0;
    plan.servers = MOST_SHARDS;
    return 0;
}

struct echo {
    gyre_transport *transport;
};

static void echo_made(void *self, gyre_transport *transport)
{
    ((struct echo *)self)->transport = transport;
    atomic_fetch_add(&connected, 1);
}

static void echo_data(void *self, const void *data, size_t len)
{
    gyre_transport_write(((struct echo *)self)->transport, data, len);
}

static const gyre_protocol echo = {
    .size = sizeof(struct echo), .connection_made = echo_made, .data_received = echo_data};

static int connect_to(int to)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)to), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static int connect_all(void *arg)
{
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = connect_to(atomic_load(&port));
        expect(clients[i] >= 0);
    }
    return 0;
}

/* Each says a word and hears it back, whoever has the connection now. */
static int talk(void *arg)
{
    for (int i = 0; i < CLIENTS; i++) {
        char word[4] = "";

        expect(write(clients[i], "word", 4) == 4);
        expect(recv(clients[i], word, 4, MSG_WAITALL) == 4);
        expect(memcmp(word, "word", 4) == 0);
    }
    return 0;
}

static int hang_up(void *arg)
{
    for (int i = 0; i < CLIENTS; i++)
        close(clients[i]);
    return 0;
}

static gyre_shard_stats stats[MOST_SHARDS];

static gyre_shard_stats look(void)
{
    gyre_shard_stats sum = {0};

    for (int i = 0; i < gyre_shard_count(); i++) {
        expect(gyre_shard_get_stats(i, &stats[i]) == 0);
        sum.connections += stats[i].connections;
        sum.accepted += stats[i].accepted;
        sum.handed_off += stats[i].handed_off;
        sum.handed_over += stats[i].handed_over;
    }
    return sum;
}

static void wait_for_connections(size_t count)
{
    while (look().connections != count)
        expect(gyre_sleep(0.001) == 0);
}

static int with_clients(void (*look_at_them)(void))
{
    expect(gyre_to_thread(connect_all, NULL) == 0);
    wait_for_connections(CLIENTS);
    look_at_them();
    expect(gyre_to_thread(talk, NULL) == 0);
    expect(gyre_to_thread(hang_up, NULL) == 0);
    wait_for_connections(0);
    expect(gyre_shard_imbalance() == 1);
    return 0;
}

/* Every shard listens; shard 0 plays the clients. */
static int serve_clients(void *look_at_them)
{
    gyre_server *server = NULL;
    int err = 0;

    if (gyre_shard_id() < plan.servers)
        err = gyre_loop_create_server(gyre_get_running_loop(), &server, &echo, .host = "127.0.0.1",
                                      .backlog = 200, .balance = plan.balance);
    expect(err == 0);
    if (gyre_shard_id() == 0)
        atomic_store(&port, gyre_server_get_port(server));
    atomic_fetch_add(&arrived, 1);
    expect(wait_until(&arrived, gyre_shard_count()) == 0);
    if (gyre_shard_id() == 0) {
        /* Twice, so that the counts of the first time must be right. */
        with_clients((void (*)(void))(intptr_t)look_at_them);
        with_clients((void (*)(void))(intptr_t)look_at_them);
        atomic_store(&over, 1);
    }
    expect(wait_until(&over, 1) == 0);
    if (server)
        gyre_server_close(server);
    gyre_server_unref(server);
    return 0;
}

#define assert_serves(shards, look_at_them) \
    assert_runs(0, shards, serve_clients, (void *)(intptr_t)(look_at_them))

static void expect_even(void)
{
    gyre_shard_stats sum = look();

    expect(gyre_shard_imbalance() <= 1.10);
    expect(gyre_shard_imbalance() >= 1);
    expect(sum.handed_off == sum.handed_over);
    expect(sum.accepted % CLIENTS == 0);
    for (int i = 0; i < gyre_shard_count(); i++)
        expect(stats[i].loop.transports == stats[i].connections);
}

static void test_connections_lie_evenly(void **state)
{
    for (int i = 0; i < 3; i++) {
        reset(state);
        assert_serves(2, expect_even);
        reset(state);
        assert_serves(4, expect_even);
    }
}

static void expect_no_handing(void)
{
    expect(look().handed_off == 0);
    expect(gyre_shard_imbalance() >= 1);
}

static void test_a_server_that_is_not_balanced(void **state)
{
    plan.balance = GYRE_NO;
    assert_serves(3, expect_no_handing);
}

static void test_a_run_that_is_not_balanced(void **state)
{
    assert_runs(0, 3, serve_clients, (void *)(intptr_t)expect_no_handing, .balance = GYRE_NO);
}

static void expect_first_two(void)
{
    look();
    expect(stats[2].connections == 0 && stats[2].handed_over == 0);
    expect(stats[0].connections + stats[1].connections == CLIENTS);
    expect(stats[0].connections <= CLIENTS / 2 + 4 && stats[1].connections <= CLIENTS / 2 + 4);
}

/* A shard that does not listen there has no server for them. */
static void test_only_to_shards_that_listen(void **state)
{
    plan.servers = 2;
    assert_serves(3, expect_first_two);
}

static void expect_all_here(void)
{
    expect(look().handed_off == 0 && stats[0].connections == CLIENTS);
}

static void test_nobody_else_listens(void **state)
{
    plan.servers = 1;
    assert_serves(2, expect_all_here);
}

static void *connect_and_close(void *arg)
{
    while (!atomic_load(&over)) {
        int fd = connect_to(atomic_load(&port));

        if (fd >= 0)
            close(fd);
    }
    return NULL;
}

/* Connections come, also on their way from one shard to another, while the servers and then the loops close.
 */
static int serve_storm(void *arg)
{
    pthread_t *storm = arg;
    gyre_server *server;

    expect(gyre_loop_create_server(gyre_get_running_loop(), &server, &echo, .host = "127.0.0.1") == 0);
    atomic_store(&port, gyre_server_get_port(server));
    if (gyre_shard_id() == 0)
        for (int i = 0; i < 2; i++)
            pthread_create(&storm[i], NULL, connect_and_close, NULL);
    expect(wait_until(&connected, 100) == 0);
    gyre_server_unref(server);
    return 0;
}

static void test_the_end_of_a_storm(void **state)
{
    for (int i = 0; i < 10; i++) {
        pthread_t storm[2];

        reset(state);
        assert_runs(0, 3, serve_storm, storm);
        atomic_store(&over, 1);
        pthread_join(storm[0], NULL);
        pthread_join(storm[1], NULL);
    }
}

/* One byte, one answer, goodbye; the connection is busy until then. */
static void patient_made(void *self, gyre_transport *transport)
{
    gyre_transport_set_busy(transport, true);
    echo_made(self, transport);
}

static void patient_data(void *self, const void *data, size_t len)
{
    echo_data(self, data, len);
    gyre_transport_close(((struct echo *)self)->transport);
}

static const gyre_protocol patient = {
    .size = sizeof(struct echo), .connection_made = patient_made, .data_received = patient_data};

static atomic_int unanswered;

static void ask(int fd)
{
    char byte = 'x';

    if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1)
        atomic_fetch_add(&unanswered, 1);
    close(fd);
}

static void *connect_and_ask(void *arg)
{
    while (!atomic_load(&over)) {
        int fd = connect_to(atomic_load(&port));

        if (fd < 0)
            break;
        ask(fd);
    }
    return NULL;
}

static int drain_in_storm(void *arg)
{
    pthread_t *storm = arg;
    gyre_server *server;

    expect(gyre_loop_create_server(gyre_get_running_loop(), &server, &patient, .host = "127.0.0.1") == 0);
    atomic_store(&port, gyre_server_get_port(server));
    if (gyre_shard_id() == 0)
        for (int i = 0; i < 2; i++)
            pthread_create(&storm[i], NULL, connect_and_ask, NULL);
    expect(wait_until(&connected, 300) == 0);
    expect(gyre_server_drain(server, 5) == 0);
    gyre_server_unref(server);
    return 0;
}

/* Who is connected when the servers end, in a queue or between two shards, is answered. */
static void test_a_drain_in_a_storm(void **state)
{
    pthread_t storm[2];

    atomic_store(&unanswered, 0);
    assert_runs(0, 3, drain_in_storm, storm);
    pthread_join(storm[0], NULL);
    pthread_join(storm[1], NULL);
    assert_int_equal(atomic_load(&unanswered), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_connections_lie_evenly, reset),
        cmocka_unit_test_setup(test_a_server_that_is_not_balanced, reset),
        cmocka_unit_test_setup(test_a_run_that_is_not_balanced, reset),
        cmocka_unit_test_setup(test_only_to_shards_that_listen, reset),
        cmocka_unit_test_setup(test_nobody_else_listens, reset),
        cmocka_unit_test_setup(test_the_end_of_a_storm, reset),
        cmocka_unit_test_setup(test_a_drain_in_a_storm, reset),
    };

    return cmocka_run_group_tests(tests, begin_group, end_group);
}
