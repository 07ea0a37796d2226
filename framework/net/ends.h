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
};

/* Opens one as the options say, all but .sock. [suspends] */
int gyre__ends_open(gyre_loop *loop, struct gyre__opened *opened, const gyre_datagram_options *options);

#endif
