/* shards.c - two shards that serve one port, and hand connections to each other. */
#include "scenario.h"
#include <stdatomic.h>

enum { SHARDS = 2, CLIENTS = 8 };

static atomic_int arrived, over, port;

static const struct manners asks = {.enough = 5};

/* The other shard may fail: then this one is cancelled. */
static int wait_for(atomic_int *counter, int value)
{
    int err = 0;

    while (!err && atomic_load(counter) < value)
        err = gyre_sleep(0.0005);
    return err;
}

static int talk_once(void)
{
    struct party *client;
    int err = gyre_loop_create_connection(gyre_get_running_loop(), NULL, &party_protocol, .host = "127.0.0.1",
                                          .port = atomic_load(&port), .arg = (void *)(uintptr_t)&asks);

    if (err)
        return err;
    client = party_of(&asks);
    if (client->transport)
        gyre_transport_write(client->transport, "hello", 5);
    return party_enough(client);
}

/* All stay connected until the last has heard its answer. */
static int talk(void)
{
    int err = 0;

    for (int i = 0; !err && i < CLIENTS; i++)
        err = talk_once();
    return err;
}

static int serve(gyre_server *server)
{
    int err;

    if (gyre_shard_id() == 0)
        atomic_store(&port, gyre_server_get_port(server));
    atomic_fetch_add(&arrived, 1);
    err = wait_for(&arrived, SHARDS);
    if (!err && gyre_shard_id() == 0) {
        err = talk();
        atomic_store(&over, 1);
    }
    return err ? err : wait_for(&over, 1);
}

/* Cancelled or not, nothing stays open. */
static int run(void *arg)
{
    gyre_server *server = NULL;
    int err = gyre_loop_create_server(gyre_get_running_loop(), &server, &party_protocol, .host = "127.0.0.1",
                                      .arg = (void *)(uintptr_t)&party_echo);

    if (err)
        return err;
    err = serve(server);
    gyre_server_close(server);
    gyre_server_abort_clients(server);
    gyre_server_unref(server);
    return err;
}

static int share_port(void *arg)
{
    gyre_loop_options loop = {.size = sizeof loop, .driver = scenario_driver};

    atomic_store(&arrived, 0);
    atomic_store(&over, 0);
    return gyre_run_sharded(SHARDS, run, NULL, .quiet = GYRE_YES, .loop = &loop, .pin = GYRE_NO) ? -EIO : 0;
}

const struct scenario fault_shards[] = {
    {.name = "shard_port", .run = share_port, .sharded = true, .slow = true}, {0}};
