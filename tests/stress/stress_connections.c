/* stress_connections.c - clients that come, talk and go by the hundred while the shards hand them to each
 * other; and the loops close in the middle of it.
 *
 * Every connection that was made is lost once, and no descriptor is left.
 */
#include "stress.h"
#include <arpa/inet.h>

enum { SHARDS = 4, CLIENTS = 4 };

static atomic_long made, lost, heard, looks;
static atomic_int port, over;

struct echo {
    gyre_transport *transport;
};

static void echo_made(void *self, gyre_transport *transport)
{
    atomic_fetch_add(&made, 1);
    ((struct echo *)self)->transport = transport;
    if (roll(50) == 0)
        gyre_transport_abort(transport);
}

static void echo_data(void *self, const void *data, size_t len)
{
    gyre_transport *transport = ((struct echo *)self)->transport;

    gyre_transport_write(transport, data, len);
    if (roll(20) == 0)
        gyre_transport_close(transport);
}

static void echo_lost(void *self, int err)
{
    atomic_fetch_add(&lost, 1);
}

static const gyre_protocol echo = {.size = sizeof(struct echo),
                                   .connection_made = echo_made,
                                   .data_received = echo_data,
                                   .connection_lost = echo_lost};

static int connect_client(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atomic_load(&port)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {1, 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void talk(int fd)
{
    char words[64] = "words";

    for (unsigned i = roll(4); i > 0; i--) {
        if (send(fd, words, sizeof words, MSG_NOSIGNAL) < 0)
            break;
        if (roll(4) && recv(fd, words, sizeof words, 0) > 0)
            atomic_fetch_add(&heard, 1);
    }
}

/* A storm comes, then each talks, then all go; some with a reset. */
static void storm(void)
{
    int fds[50];
    int count = (int)roll(50);

    for (int i = 0; i < count; i++)
        fds[i] = connect_client();
    for (int i = 0; i < count; i++)
        if (fds[i] >= 0)
            talk(fds[i]);
    for (int i = 0; i < count; i++) {
        struct linger reset = {roll(4) == 0, 0};

        if (fds[i] < 0)
            continue;
        setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fds[i]);
    }
}

static void *be_client(void *arg)
{
    while (!atomic_load(&over))
        storm();
    return NULL;
}

static int main_of_shard(void *arg)
{
    gyre_server *server = NULL;
    int err =
        gyre_loop_create_server(gyre_get_running_loop(), &server, &echo, .host = "127.0.0.1", .drain = 0.05);

    expect(err == 0);
    if (err)
        return err;
    atomic_store(&port, gyre_server_get_port(server));
    while (!time_is_up() && !err)
        err = gyre_sleep(0.01);
    if (roll(2))
        gyre_server_drain(server, roll(10) / 1e3);
    gyre_server_unref(server);
    return err;
}

/* Anyone may look, at any time. */
static void *watch(void *arg)
{
    gyre_shard_stats stats;

    while (!atomic_load(&over)) {
        for (int i = 0; gyre_shard_get_stats(i, &stats) == 0; i++)
            atomic_fetch_add(&looks, 1);
        expect(gyre_shard_imbalance() >= 1);
        nap(0.001);
    }
    return NULL;
}

static void run_part(int parts)
{
    pthread_t clients[CLIENTS], watcher;

    atomic_store(&port, 0);
    atomic_store(&over, 0);
    begin_part(parts);
    pthread_create(&watcher, NULL, watch, NULL);
    for (int i = 0; i < CLIENTS; i++)
        pthread_create(&clients[i], NULL, be_client, NULL);
    expect(gyre_run_sharded(SHARDS, main_of_shard, NULL, .quiet = GYRE_YES) == 0);
    atomic_store(&over, 1);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i], NULL);
    pthread_join(watcher, NULL);
    expect(atomic_load(&made) == atomic_load(&lost));
}

int main(int argc, char **argv)
{
    enum { PARTS = 4 };

    begin_stress(argc, argv);
    for (int i = 0; i < PARTS; i++)
        run_part(PARTS);
    printf("%ld connections, %ld answers, %ld looks\n", atomic_load(&made), atomic_load(&heard),
           atomic_load(&looks));
    return end_stress();
}
