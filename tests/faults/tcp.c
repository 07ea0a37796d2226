/* tcp.c - servers and connections over TCP and unix sockets, by protocols. */
#include "scenario.h"
#include <stdio.h>
#include <unistd.h>

enum { MUCH = 1 << 20 };

static char much[MUCH];

static gyre_loop *here(void)
{
    return gyre_get_running_loop();
}

/* Makes a server of parties, and a connection to it. */
static int meet(gyre_server **server, struct party **client, const struct manners *of_server,
                const struct manners *of_client)
{
    int err = gyre_loop_create_server(here(), server, &party_protocol, .host = "127.0.0.1",
                                      .arg = (void *)(uintptr_t)of_server);

    if (!err)
        err = gyre_loop_create_connection(here(), NULL, &party_protocol, .host = "127.0.0.1",
                                          .port = gyre_server_get_port(*server),
                                          .arg = (void *)(uintptr_t)of_client);
    *client = err ? NULL : party_of(of_client);
    return err;
}

/* Both go, and the server. */
static int part(gyre_server *server, struct party *client, int err)
{
    if (client && client->transport)
        gyre_transport_close(client->transport);
    if (client)
        err = worse(err, party_gone(client));
    scenario_end_server(server);
    return err;
}

static const struct manners asks = {.enough = 5};

static int echo(void *arg)
{
    gyre_server *server = NULL;
    struct party *client;
    int err = meet(&server, &client, &party_echo, &asks);

    if (!err && client->transport) {
        gyre_transport_write(client->transport, "hello", 5);
        err = party_enough(client);
    }
    return part(server, client, err);
}

static void hear_all(struct party *party, const void *data, size_t len)
{
}

static const struct manners hears = {.data = hear_all, .enough = MUCH}, sends = {0};

/* The client, which has closed, goes; the server still has everything. */
static int arrive(gyre_server *server, struct party *client, int err)
{
    if (client)
        err = worse(err, party_gone(client));
    if (!err && party_of(&hears))
        err = party_enough(party_of(&hears));
    scenario_end_server(server);
    return err;
}

/* Bytes that the kernel does not take at once leave after close. */
static int close_flushes(void *arg)
{
    gyre_server *server = NULL;
    struct party *client;
    int err = meet(&server, &client, &hears, &sends);

    if (!err && client->transport) {
        gyre_transport_write(client->transport, much, MUCH);
        gyre_transport_close(client->transport);
    }
    return arrive(server, client, err);
}

/* What waits is given back by its owners, once each. */
static unsigned owned;

static void give_back(void *arg)
{
    owned--;
}

static int write_owned(void *arg)
{
    gyre_server *server = NULL;
    struct party *client;
    int err = meet(&server, &client, &hears, &sends);

    for (int i = 0; !err && client->transport && i < 16; i++) {
        owned++;
        gyre_transport_write_owned(client->transport, much, MUCH / 16, give_back, NULL);
    }
    if (!err && client->transport)
        gyre_transport_close(client->transport);
    err = arrive(server, client, err);
    scenario_check(owned == 0, "what was owned was not given back once");
    return err;
}

static bool answer_late(struct party *party)
{
    gyre_transport_write(party->transport, "goodbye", 7);
    gyre_transport_close(party->transport);
    return true;
}

static bool stay(struct party *party)
{
    return true;
}

static const struct manners answers_late = {.eof = answer_late}, half = {.enough = 7, .eof = stay};

static int half_close(void *arg)
{
    gyre_server *server = NULL;
    struct party *client;
    int err = meet(&server, &client, &answers_late, &half);

    if (!err && client->transport) {
        gyre_transport_write(client->transport, "hello", 5);
        gyre_transport_write_eof(client->transport);
        err = party_enough(client);
    }
    return part(server, client, err);
}

/* A peer that answers, and is closed with input unread: FIN first, then nowhere. */
static void answer_and_close(struct party *party, const void *data, size_t len)
{
    gyre_transport_write(party->transport, "no", 2);
    gyre_transport_close(party->transport);
}

static const struct manners refuses = {.data = answer_and_close}, insists = {.enough = 2};

static int linger(void *arg)
{
    gyre_server *server = NULL;
    struct party *client;
    int err = meet(&server, &client, &refuses, &insists);

    if (!err && client->transport) {
        gyre_transport_write(client->transport, much, MUCH);
        err = party_enough(client);
    }
    if (client && client->transport)
        gyre_transport_abort(client->transport);
    if (client)
        party_gone(client);
    scenario_end_server(server);
    return err;
}

/* A server that drains: deaf first, then whom it has still accepts, then closes. */
static int drain(void *arg)
{
    gyre_server *server = NULL;
    struct party *client;
    int err = meet(&server, &client, &party_echo, &asks);

    if (server)
        gyre_server_drain(server, 1);
    if (client)
        party_gone(client);
    scenario_end_server(server);
    return err;
}

/* Several servers at once, and a second listener. */
static int many(void *arg)
{
    const char *const hosts[] = {"127.0.0.1", "127.0.0.2", NULL};
    gyre_server *server = NULL;
    int err =
        gyre_loop_create_server(here(), &server, &party_protocol, .hosts = hosts, .reuse_port = GYRE_YES,
                                .keep_alive = GYRE_YES, .arg = (void *)(uintptr_t)&party_echo);

    for (int i = 0; !err && i < 3; i++)
        err = gyre_loop_create_connection(here(), NULL, &party_protocol, .host = "127.0.0.1",
                                          .port = gyre_server_get_port(server), .keep_alive = GYRE_YES,
                                          .local_host = "127.0.0.1", .arg = (void *)(uintptr_t)&asks);
    party_end_all();
    scenario_end_server(server);
    return err;
}

static int over_unix(const char *path, int abstract)
{
    gyre_server *server = NULL;
    struct party *client = NULL;
    int err = gyre_loop_create_unix_server(here(), &server, &party_protocol, .path = path,
                                           .abstract = abstract, .arg = (void *)(uintptr_t)&party_echo);

    if (!err)
        err = gyre_loop_create_unix_connection(here(), NULL, &party_protocol, .path = path,
                                               .abstract = abstract, .arg = (void *)(uintptr_t)&asks);
    if (!err)
        client = party_of(&asks);
    if (client && client->transport) {
        gyre_transport_write(client->transport, "hello", 5);
        err = party_enough(client);
    }
    party_end_all();
    scenario_end_server(server);
    return err;
}

static int by_path(void *arg)
{
    char path[64];
    int err;

    snprintf(path, sizeof path, "/tmp/gyre-faults-%d", (int)getpid());
    err = over_unix(path, GYRE_NO);
    unlink(path);
    return err;
}

static int by_name(void *arg)
{
    char name[64];

    snprintf(name, sizeof name, "gyre-faults-%d", (int)getpid());
    return over_unix(name, GYRE_YES);
}

const struct scenario fault_tcp[] = {{.name = "tcp_echo", .run = echo},
                                     {.name = "tcp_close_flushes", .run = close_flushes},
                                     {.name = "tcp_write_owned", .run = write_owned},
                                     {.name = "tcp_half_close", .run = half_close},
                                     {.name = "tcp_linger", .run = linger},
                                     {.name = "tcp_drain", .run = drain},
                                     {.name = "tcp_many", .run = many},
                                     {.name = "unix_path", .run = by_path},
                                     {.name = "unix_name", .run = by_name},
                                     {0}};
