/* net/dial.h - one attempt to connect a socket to one address.
 *
 * Called by search.c for each address, and by sock_connect.
 */
#ifndef GYRE__DIAL_H
#define GYRE__DIAL_H

#include "loop/loop.h"
#include "net/refusals.h"
#include <netdb.h>

/* A connected socket in *fd, bound to one of the addresses in `local` first (NULL: none). -errno, with the
 * address in the text, and noted in `refusals`, as is each local address that could not be had; a code of
 * gyre's own when the wait was cut short. No socket is left then. [suspends] */
int gyre__dial(gyre_loop *loop, const struct addrinfo *remote, const struct addrinfo *local, int *fd,
               struct gyre__refusals *refusals);

/* The same on a socket that is there, non-blocking, and stays. Nobody else may watch it. [suspends] */
int gyre__dial_on(gyre_loop *loop, int fd, const struct sockaddr *address, socklen_t size);

#endif
