/* net/datagram.h - a transport of datagrams.
 *
 * endpoint.c makes it, datagram.c receives, sendto.c sends, backlog.c keeps what waits in `out`: for each
 * datagram a frame, its address, its bytes; `framing` counts the first two. batch.c has the memory that many
 * of them land in at once.
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
    bool answering;                      /* datagrams are handed out: what is sent meanwhile goes together */
    bool large;                          /* its datagrams may be larger than UDP's: a unix socket */
    struct gyre__letter *kept;           /* came with another, after which the program paused; NULL: none */
};

extern const struct gyre__kind gyre__datagram_kind;

/* --- backlog.c --- */

/* How a datagram waits; its address and its bytes follow. */
struct gyre__frame {
    size_t len;     /* of the bytes */
    socklen_t size; /* of the address */
};

/* Adds one to the queue; loses the endpoint when memory is short. */
void gyre__datagram_queue(gyre_transport *transport, const struct gyre__frame *frame,
                          const struct sockaddr *to, const void *data);

/* Sends what waits; .empty of the kind. */
bool gyre__datagram_empty(gyre_transport *transport);

/* --- datagram.c --- */

/* Calls error_received. */
void gyre__datagram_error(gyre_transport *transport, int err);

#endif
