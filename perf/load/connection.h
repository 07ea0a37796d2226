/* connection.h - one connection of the client: it sends a batch and waits for the whole answer before the
 * next. It knows an answer by its length alone. When to send is decided above, by drive.c, which is told of
 * every end.
 */
#ifndef LOAD_CONNECTION_H
#define LOAD_CONNECTION_H

#include "wire.h"

#include <stdint.h>

struct connection {
    struct wire wire; /* to the server */
    bool wants_room;  /* EPOLLOUT is watched: the kernel did not take the whole batch */
    bool busy;        /* a batch is under way */
    bool dead;        /* it was lost, and there is no rate to keep */
    size_t sent;      /* bytes of the batch that have left */
    size_t awaited;   /* bytes of the answer that are still to come */
    uint64_t begun;   /* when the batch under way should have left, in ns */
    uint64_t due;     /* batches whose time has come and that have not left */
    uint64_t turn;    /* batches that have left */
};

enum outcome { WAITING, ANSWERED, LOST };

/* Opens the connection without a batch. */
void connection_open(struct connection *connection, const struct plan *plan, int epoll);

/* Sends a batch that should have left at `begun`; opens the connection first if it is not. */
void connection_send(struct connection *connection, const struct plan *plan, int epoll, uint64_t begun);

/* Goes on after epoll's events. */
enum outcome connection_proceed(struct connection *connection, const struct plan *plan, int epoll,
                                uint32_t events);

#endif
