/* datagrams.c - a server that sends datagrams back, and a client that compares what comes back. */
#include "peer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LARGEST = 1 << 16 };

/* --- the server --- */

struct echo {
    gyre_transport *transport;
};

static void echo_made(void *self, gyre_transport *transport)
{
    ((struct echo *)self)->transport = transport;
}

static void echo_received(void *self, const void *data, size_t len, const struct sockaddr *addr,
                          socklen_t size)
{
    gyre_transport_sendto(((struct echo *)self)->transport, data, len, addr, size);
}

static void tell_error(void *self, int err)
{
    fprintf(stderr, "error received: %s\n", gyre_error_name(err));
}

static const gyre_datagram_protocol echo = {.size = sizeof(struct echo),
                                            .connection_made = echo_made,
                                            .datagram_received = echo_received,
                                            .error_received = tell_error};

static int listen_here(gyre_transport **transport, const struct peer *peer)
{
    gyre_loop *loop = gyre_get_event_loop();

    if (peer->path)
        return gyre_loop_create_datagram_endpoint(loop, transport, &echo, .local_host = peer->path,
                                                  .family = AF_UNIX);
    return gyre_loop_create_datagram_endpoint(loop, transport, &echo, .local_host = peer->host,
                                              .local_port = (int)peer->port);
}

static int port_of(const gyre_transport *transport)
{
    char name[128];

    gyre_transport_get_sockname(transport, name, sizeof name);
    return atoi(strrchr(name, ':') ? strrchr(name, ':') + 1 : "0");
}

int peer_serve_datagrams(void *peer)
{
    gyre_transport *transport;
    gyre_event forever = {0};
    int err = listen_here(&transport, peer);

    if (err)
        return err;
    printf("listening %d\n", port_of(transport));
    err = gyre_event_wait(&forever);
    gyre_transport_close(transport);
    gyre_transport_unref(transport);
    return err;
}

/* --- the client --- */

static char sent[LARGEST];
static gyre_event heard;
static long came; /* bytes of the datagram that came, -1: others than were sent, -2: an error */

static void ask_received(void *self, const void *data, size_t len, const struct sockaddr *addr,
                         socklen_t size)
{
    came = len > sizeof sent || memcmp(data, sent, len) ? -1 : (long)len;
    gyre_event_set(&heard);
}

static void ask_error(void *self, int err)
{
    tell_error(self, err);
    came = -2;
    gyre_event_set(&heard);
}

static const gyre_datagram_protocol client = {
    .size = 1, .datagram_received = ask_received, .error_received = ask_error};

static int connect_there(gyre_transport **transport, const struct peer *peer)
{
    gyre_loop *loop = gyre_get_event_loop();

    if (peer->path)
        return gyre_loop_create_datagram_endpoint(loop, transport, &client, .remote_host = peer->path,
                                                  .local_host = peer->local, .family = AF_UNIX);
    return gyre_loop_create_datagram_endpoint(loop, transport, &client, .remote_host = peer->host,
                                              .remote_port = (int)peer->port);
}

static int ask_one(gyre_transport *transport, size_t size)
{
    int err;

    for (size_t i = 0; i < size; i++)
        sent[i] = (char)(i * 7 + i / 251);
    gyre_event_clear(&heard);
    err = gyre_transport_sendto(transport, sent, size, NULL, 0);
    if (!err)
        err = gyre_event_wait(&heard);
    printf("%zu: %ld\n", size, came);
    return err;
}

int peer_ask_datagrams(void *arg)
{
    const struct peer *peer = arg;
    gyre_transport *transport;
    int err = connect_there(&transport, peer);

    if (err)
        return err;
    for (int i = 0; i < PEER_NAMES && peer->sizes[i] && !err; i++)
        err = ask_one(transport, (size_t)atol(peer->sizes[i]));
    gyre_transport_close(transport);
    gyre_transport_unref(transport);
    return err;
}
