/* wire.h - how bytes reach the server: a socket, TLS over it, or datagrams. */
#ifndef LOAD_WIRE_H
#define LOAD_WIRE_H

#include "plan.h"

#include <openssl/ssl.h>
#include <sys/types.h>

struct wire {
    int fd;          /* -1: not open */
    SSL *ssl;        /* NULL: no TLS */
    bool wants_room; /* the last write waits for room; else, if it was refused, for input */
};

/* Connects, in blocking mode and without Nagle's delay. TLS shakes hands with the first bytes. */
void wire_open(struct wire *wire, const struct plan *plan);

/* As write and read: -1 and EAGAIN when nothing goes, or comes, now. */
ssize_t wire_write(struct wire *wire, const void *data, size_t len);
ssize_t wire_read(struct wire *wire, void *data, size_t len);

/* Closes with a reset, so that no port stays behind in TIME_WAIT. */
void wire_reset(struct wire *wire);

#endif
