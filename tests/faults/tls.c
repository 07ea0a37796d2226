/* tls.c - connections that speak TLS from the start, and some that begin to. */
#include "scenario.h"
#include "tests/unit/tls_bed.h"
#include <stdlib.h>

enum { MUCH = 200 * 1024 };

static char much[MUCH];
static gyre_tls_context *of_server, *of_client;

static void forget(void)
{
    gyre_tls_context_unref(of_server);
    gyre_tls_context_unref(of_client);
}

/* Once for the process: they are no part of a run. */
static void make_contexts(void)
{
    if (of_server)
        return;
    tls_begin_files(NULL);
    gyre_tls_context_new(&of_server, .server_side = true, .certfile = tls_file("server.pem"));
    gyre_tls_context_new(&of_client, .cafile = tls_file("ca.pem"));
    tls_end_files(NULL);
    atexit(forget);
}

static gyre_loop *here(void)
{
    return gyre_get_running_loop();
}

static int serve(gyre_server **server, const struct manners *manners, gyre_tls_context *context)
{
    return gyre_loop_create_server(here(), server, &party_protocol, .host = "127.0.0.1", .ssl = context,
                                   .arg = (void *)(uintptr_t)manners);
}

static int dial(gyre_server *server, const struct manners *manners, gyre_tls_context *context)
{
    return gyre_loop_create_connection(
        here(), NULL, &party_protocol, .host = "127.0.0.1", .port = gyre_server_get_port(server),
        .ssl = context, .server_hostname = context ? "localhost" : NULL, .arg = (void *)(uintptr_t)manners);
}

static int ask(struct party *client, const void *data, size_t len)
{
    int err = 0;

    if (client->transport) {
        gyre_transport_write(client->transport, data, len);
        err = party_enough(client);
    }
    if (client->transport)
        gyre_transport_close(client->transport);
    return worse(err, party_gone(client));
}

static int meet(const struct manners *of_party, const void *data, size_t len)
{
    gyre_server *server = NULL;
    int err;

    make_contexts();
    err = serve(&server, &party_echo, of_server);
    if (!err)
        err = dial(server, of_party, of_client);
    if (!err)
        err = ask(party_of(of_party), data, len);
    scenario_end_server(server);
    return err;
}

static const struct manners asks = {.enough = 5}, asks_much = {.enough = MUCH};

static int echo(void *arg)
{
    return meet(&asks, "hello", 5);
}

static int echo_much(void *arg)
{
    return meet(&asks_much, much, MUCH);
}

static int secure(void *arg)
{
    struct party *party = arg;
    gyre_transport *made;
    int err = -ECONNRESET;

    if (party->transport)
        err = gyre_loop_start_tls(here(), &made, party->transport, NULL, of_server, .server_side = true);
    if (err)
        return err;
    if (!party->lost) {
        party->transport = made;
        party->manners = &party_echo;
        gyre_transport_write(made, much, party->received - 3);
    }
    gyre_transport_unref(made);
    return 0;
}

/* The first word is in plain text; what comes behind it is not, and may come before the task goes on. */
static void be_asked(struct party *party, const void *data, size_t len)
{
    if (party->received == 3) {
        gyre_transport_write(party->transport, "yes", 3);
        gyre_create_task(NULL, secure, party);
    }
}

static const struct manners becomes_secure = {.data = be_asked}, begins = {.enough = 3};

static int begin(gyre_server *server)
{
    gyre_transport *transport = NULL;
    struct party *client;
    int err = dial(server, &begins, NULL);

    if (err)
        return err;
    client = party_of(&begins);
    if (client->transport) {
        gyre_transport_write(client->transport, "tls", 3);
        err = party_enough(client);
    }
    if (!err && client->transport)
        err = gyre_loop_start_tls(here(), &transport, client->transport, NULL, of_client,
                                  .server_hostname = "localhost");
    client->manners = &asks;
    client->received = 0;
    if (!err)
        client->transport = client->lost ? NULL : transport;
    err = worse(err, client->lost ? client->err : ask(client, "hello", 5));
    gyre_transport_unref(transport);
    return err;
}

static int start_tls(void *arg)
{
    gyre_server *server = NULL;
    int err;

    make_contexts();
    err = serve(&server, &becomes_secure, NULL);
    if (!err)
        err = begin(server);
    scenario_end_server(server);
    return err;
}

const struct scenario fault_tls[] = {{.name = "tls_echo", .run = echo},
                                     {.name = "tls_echo_much", .run = echo_much},
                                     {.name = "tls_start", .run = start_tls},
                                     {0}};
