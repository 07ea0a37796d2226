/* balance.c - how evenly connections lie on the shards, and their requests, with balance and without it.
 *
 *   balance [connections]     default 64, at most 512
 *
 * A thread connects to an echo server on 2 and on 4 shards, then keeps a byte under way on each connection
 * for a while. The spread is the busiest shard's share divided by the mean: 1 is even, the number of shards
 * the worst.
 */
#include "measure.h"
#include <arpa/inet.h>
#include <gyre/gyre.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 512, MOST_SHARDS = 4 };

static const double DRIVEN = 0.05; /* seconds */

static int connections = 64;
static atomic_int listening, port;
static struct pollfd clients[MOST_CONNECTIONS];

/* What each shard did. */
static struct {
    _Alignas(64) atomic_long requests;
} shards[MOST_SHARDS];

static double spread_of_connections, spread_of_requests;

/* ---- the server ---- */

struct echo {
    gyre_transport *transport;
};

static void echo_made(void *self, gyre_transport *transport)
{
    ((struct echo *)self)->transport = transport;
}

static void echo_data(void *self, const void *data, size_t len)
{
    atomic_fetch_add_explicit(&shards[gyre_shard_id()].requests, 1, memory_order_relaxed);
    gyre_transport_write(((struct echo *)self)->transport, data, len);
}

static const gyre_protocol echo = {
    .size = sizeof(struct echo), .connection_made = echo_made, .data_received = echo_data};

/* The server lives as long as its loop. */
static int listen_here(void)
{
    gyre_server *server;
    int err = gyre_loop_create_server(gyre_get_running_loop(), &server, &echo, .host = "127.0.0.1",
                                      .port = atomic_load(&port));

    if (err)
        return err;
    atomic_store(&port, gyre_server_get_port(server));
    gyre_server_unref(server);
    atomic_fetch_add(&listening, 1);
    return 0;
}

/* ---- the client ---- */

static int connect_one(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atomic_load(&port)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof address) || write(fd, "x", 1) != 1) {
        perror("balance");
        exit(1);
    }
    return fd;
}

static void answer(int fd)
{
    char byte;

    if (read(fd, &byte, 1) != 1 || write(fd, &byte, 1) != 1) {
        perror("balance");
        exit(1);
    }
}

static void drive(void)
{
    double end = measure_now() + DRIVEN;

    while (measure_now() < end) {
        poll(clients, (nfds_t)connections, -1);
        for (int i = 0; i < connections; i++)
            if (clients[i].revents)
                answer(clients[i].fd);
    }
}

static void read_spreads(void)
{
    double sum = 0, most = 0;

    for (int i = 0; i < gyre_shard_count(); i++) {
        double requests = (double)atomic_load(&shards[i].requests);

        sum += requests;
        most = requests > most ? requests : most;
    }
    spread_of_requests = most * gyre_shard_count() / sum;
    spread_of_connections = gyre_shard_imbalance();
}

static int be_clients(void *arg)
{
    for (int i = 0; i < connections; i++)
        clients[i] = (struct pollfd){.fd = connect_one(), .events = POLLIN};
    drive();
    return 0;
}

/* ---- a run ---- */

static int wait_for(atomic_int *value, int least)
{
    int err = 0;

    while (!err && atomic_load(value) < least)
        err = gyre_sleep(0.001);
    return err;
}

static int serve_and_drive(void)
{
    int err = listen_here();

    if (!err)
        err = wait_for(&listening, gyre_shard_count());
    if (!err)
        err = gyre_to_thread(be_clients, NULL);
    if (!err)
        read_spreads();
    return err;
}

/* The first finds the port, and is the one that measures. */
static int shard_main(void *arg)
{
    int err;

    if (gyre_shard_id() == 0)
        return serve_and_drive();
    err = wait_for(&port, 1);
    return err ? err : listen_here();
}

/* Not pinned: the clients' thread would stand in the way of one shard and not of the others. */
static void run(unsigned count, int balance)
{
    atomic_store(&listening, 0);
    atomic_store(&port, 0);
    for (int i = 0; i < MOST_SHARDS; i++)
        atomic_store(&shards[i].requests, 0);
    if (gyre_run_sharded(count, shard_main, NULL, .quiet = GYRE_YES, .balance = balance, .pin = GYRE_NO))
        exit(1);
    for (int i = 0; i < connections; i++)
        close(clients[i].fd);
}

static double connections_2_on(void)
{
    run(2, GYRE_YES);
    return spread_of_connections;
}

static double connections_2_off(void)
{
    run(2, GYRE_NO);
    return spread_of_connections;
}

static double requests_2_on(void)
{
    run(2, GYRE_YES);
    return spread_of_requests;
}

static double requests_2_off(void)
{
    run(2, GYRE_NO);
    return spread_of_requests;
}

static double connections_4_on(void)
{
    run(4, GYRE_YES);
    return spread_of_connections;
}

static double connections_4_off(void)
{
    run(4, GYRE_NO);
    return spread_of_connections;
}

static double requests_4_on(void)
{
    run(4, GYRE_YES);
    return spread_of_requests;
}

static double requests_4_off(void)
{
    run(4, GYRE_NO);
    return spread_of_requests;
}

static const struct measure_question questions[] = {
    {"spread of connections, 2 shards", "max/mean", connections_2_on, "no balance", connections_2_off},
    {"spread of requests, 2 shards", "max/mean", requests_2_on, "no balance", requests_2_off},
    {"spread of connections, 4 shards", "max/mean", connections_4_on, "no balance", connections_4_off},
    {"spread of requests, 4 shards", "max/mean", requests_4_on, "no balance", requests_4_off},
};

int main(int argc, char **argv)
{
    if (argc > 1)
        connections = atoi(argv[1]);
    if (connections < 1 || connections > MOST_CONNECTIONS)
        return 2;
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        measure(questions[i]);
    return 0;
}
