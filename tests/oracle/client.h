/* client.h - a connection that a coroutine reads from and writes to: asyncio's open_connection in small, on a
 * plain protocol.
 *
 * For the programs whose client is a pair of streams in Python. The client's memory must last until
 * client_close has returned.
 */
#ifndef GYRE_TESTS_CLIENT_H
#define GYRE_TESTS_CLIENT_H

#include <gyre/gyre.h>

struct client {
    gyre_transport *transport; /* to write to; a reference */
    char data[64];             /* what came and was not read yet */
    size_t len;                /* how much of it there is */
    bool eof;                  /* the peer will send no more */
    bool lost;                 /* the connection is gone */
    gyre_future *waiter;       /* what read or close awaits, NULL when nobody waits */
};

/* Connects to a port of 127.0.0.1. [suspends] */
int client_open(struct client *client, int port);

/* Sends a string. */
void client_write(struct client *client, const char *text);

/* Waits for bytes, takes up to `max` of them and returns how many; 0 at the end. [suspends] */
size_t client_read(struct client *client, char *data, size_t max);

/* Closes the connection and waits until it is gone. [suspends] */
void client_close(struct client *client);

#endif
