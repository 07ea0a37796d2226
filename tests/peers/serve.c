/* serve.c - a server on each shard, until a signal ends it. */
#include "peer.h"
#include <stdio.h>
#include <string.h>

static int listen_tcp(gyre_server **server, struct peer *peer, gyre_tls_context *context)
{
    if (peer->starttls)
        return gyre_start_server(server, peer_turn_to_tls, context, .host = peer->host,
                                 .port = (int)peer->port);
    return gyre_loop_create_server(gyre_get_event_loop(), server, &peer_talk, .host = peer->host,
                                   .port = (int)peer->port, .ssl = context, .arg = peer);
}

static int listen_unix(gyre_server **server, struct peer *peer, gyre_tls_context *context)
{
    int abstract = peer->abstract ? GYRE_YES : 0;

    if (peer->starttls)
        return gyre_start_unix_server(server, peer_turn_to_tls, context, .path = peer->path,
                                      .abstract = abstract);
    return gyre_loop_create_unix_server(gyre_get_event_loop(), server, &peer_talk, .path = peer->path,
                                        .abstract = abstract, .ssl = context, .arg = peer);
}

static int serve(struct peer *peer, gyre_tls_context *context)
{
    gyre_server *server;
    int err =
        strcmp(peer->kind, "unix") ? listen_tcp(&server, peer, context) : listen_unix(&server, peer, context);

    if (err)
        return err;
    if (gyre_shard_id() == 0)
        printf("listening %d\n", gyre_server_get_port(server));
    err = gyre_server_serve_forever(server);
    gyre_server_unref(server);
    return err;
}

int peer_serve(void *arg)
{
    struct peer *peer = arg;
    gyre_tls_context *context = NULL;
    int err = peer->tls ? peer_context(&context, peer, true) : 0;

    if (!err)
        err = serve(peer, context);
    gyre_tls_context_unref(context);
    return err;
}
