/* net/connect.h - what every way to connect ends with: a transport over a connected socket; connected.c. */
#ifndef GYRE__CONNECT_H
#define GYRE__CONNECT_H

#include "net/tls_order.h"
#include "net/transport.h"

/* A plain callback cannot wait, and a closed loop takes nothing: 0, or the error, before anything is taken.
 */
int gyre__connect_check(gyre_loop *loop);

/* Begins a transport of any kind, new from gyre__transport_new, and waits until connection_made has run; a
 * wait that is cut short closes it. [suspends] [new ref] in *transport (may be NULL) */
int gyre__connect_begin(gyre_transport **transport, gyre_transport *made);

/* Makes the transport and waits until connection_made has run. *taken: the socket is the transport's, and a
 * wait that is cut short closes it; else it is still the caller's. [suspends] [new ref] in *transport (may be
 * NULL) */
int gyre__connect_open(gyre_transport **transport, gyre_loop *loop, int fd, const gyre_protocol *protocol,
                       void *arg, const struct gyre__tls_order *order, bool *taken);

#endif
