/* net/ends.h - the socket of a datagram endpoint: from addresses, bound and connected. */
#ifndef GYRE__ENDS_H
#define GYRE__ENDS_H

#include "loop/loop.h"
#include <gyre/datagram.h>

/* A socket, and the remote address that it is for. */
struct gyre__opened {
    int fd;                         /* the socket */
    struct sockaddr_storage remote; /* whom alone it sends to */
    socklen_t remote_size;          /* 0: anybody */
    bool connected;                 /* the kernel knows it */
    uint64_t group;                 /* other shards have the same local address, by this number; 0: none */
};

/* What one socket is bound and connected to. */
struct gyre__ends {
    int family, proto;
    const struct sockaddr *local, *remote; /* NULL: none */
    socklen_t local_size, remote_size;     /* bytes of them */
};

/* Opens one as the options say, all but .sock. [suspends] */
int gyre__ends_open(gyre_loop *loop, struct gyre__opened *opened, const gyre_datagram_options *options);

/* Opens one for these two ends; ends_socket.c. */
int gyre__ends_socket(gyre_loop *loop, struct gyre__opened *opened, const struct gyre__ends *ends,
                      const gyre_datagram_options *options);

/* Closes a socket, and takes it out of its group. */
void gyre__ends_close(gyre_loop *loop, int fd, uint64_t group);

#endif
