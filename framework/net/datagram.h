/* net/datagram.h - a transport of datagrams.
 *
 * endpoint.c makes it, datagram.c receives, sendto.c sends. What the kernel did not take waits in `out`: for
 * each datagram a frame, its address, its bytes; `framing` counts the first two.
 */
#ifndef GYRE__DATAGRAM_H
#define GYRE__DATAGRAM_H

#include "net/kind.h"
#include <gyre/datagram.h>

struct gyre__datagram {
    gyre_transport base;                 /* a transport */
    gyre_protocol methods;               /* what the base calls */
    const gyre_datagram_protocol *class; /* the protocol */
    struct sockaddr_storage remote;      /* whom alone it sends to */
    socklen_t remote_size;               /* 0: anybody */
    uint64_t group;                      /* the shards that have the same address; 0: none */
    bool connected;                      /* the kernel knows the remote address */
    bool emptying;                       /* the queue is being sent */
};

extern const struct gyre__kind gyre__datagram_kind;

/* Sends what waits; .empty of the kind. */
bool gyre__datagram_empty(gyre_transport *transport);

/* Calls error_received. */
void gyre__datagram_error(gyre_transport *transport, int err);

#endif
