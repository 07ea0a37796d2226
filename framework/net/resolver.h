/* net/resolver.h - names to addresses, for listening and connecting. */
#ifndef GYRE__RESOLVER_H
#define GYRE__RESOLVER_H

#include <gyre/server.h>

/* What create_server and create_connection ask for. */
struct gyre__question {
    const char *host;    /* NULL or "": any, or loopback, as flags say */
    int port;            /* 0 to 65535 */
    const char *service; /* in place of port; may be NULL */
    int family;          /* AF_UNSPEC for all */
    int proto;           /* 0 for any */
    int flags;           /* AI_ flags */
};

/* The stream addresses; GYRE_EVALUE for a port that is none. [suspends] */
int gyre__resolve(gyre_loop *loop, struct addrinfo **list, const struct gyre__question *question);

#endif
