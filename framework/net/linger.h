/* net/linger.h - closing a socket without losing the answer that was just sent on it.
 *
 * A close(2) with input unread, or still coming, makes the kernel reset the connection, and the reset can
 * destroy what the peer has not read yet. Such a socket says FIN instead, and its input is thrown away until
 * the peer closes, for a while and so many bytes. The transport is gone by then: a linger is no connection to
 * anybody.
 */
#ifndef GYRE__LINGER_H
#define GYRE__LINGER_H

#include "net/transport.h"

struct gyre__linger {
    struct gyre__list link;    /* in net->lingers */
    struct gyre__net *net;     /* the loop's half */
    struct gyre__watch *watch; /* tells of input */
    gyre_handle timer;         /* ends it */
    size_t left;               /* bytes that may still come */
    int fd;                    /* the socket, ours */
};

/* Takes over the socket of a transport that was lost, when it should linger. */
bool gyre__linger(const gyre_transport *transport, int fd);

/* Closes the socket and frees the linger. */
void gyre__linger_end(struct gyre__linger *linger);

#endif
