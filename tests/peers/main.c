/* main.c - picks what the command line asks for. */
#include "peer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_input(struct peer *peer)
{
    enum { STEP = 1 << 16 };
    size_t got;

    do {
        peer->input = realloc(peer->input, peer->len + STEP);
        got = fread(peer->input + peer->len, 1, STEP, stdin);
        peer->len += got;
    } while (got);
}

static int run_server(struct peer *peer)
{
    gyre_coroutine serve = strcmp(peer->kind, "udp") ? peer_serve : peer_serve_datagrams;
    int status;

    if (gyre_tls_ticket_keys_new(&peer->keys))
        return 1;
    status = gyre_run_sharded((unsigned)peer->shards, serve, peer, .quiet = GYRE_YES);
    gyre_tls_ticket_keys_unref(peer->keys);
    return status;
}

static int run_client(struct peer *peer)
{
    int status;

    if (!strcmp(peer->kind, "udp"))
        return gyre_run(peer_ask_datagrams, peer);
    read_input(peer);
    status = gyre_run(peer_ask, peer);
    free(peer->input);
    return status;
}

static int run_writer(struct peer *peer)
{
    int status;

    read_input(peer);
    status = gyre_run(peer_write, peer);
    free(peer->input);
    return status;
}

int main(int argc, char **argv)
{
    struct peer peer;
    int status = peer_parse(&peer, argc, argv);

    if (status)
        return status;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(peer.what, "serve"))
        return run_server(&peer);
    if (!strcmp(peer.what, "ask"))
        return run_client(&peer);
    return strcmp(peer.what, "write") ? gyre_run(peer_read, &peer) : run_writer(&peer);
}
