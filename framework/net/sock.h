/* net/sock.h - one call on a socket of the program's, from its first try to its end.
 *
 * Called by sock.c, and by sock_sendfile.c. It lies on the stack of the one who calls.
 */
#ifndef GYRE__SOCK_H
#define GYRE__SOCK_H

#include "loop/loop.h"

struct gyre__sock {
    gyre_loop *loop; /* whose */
    int fd;          /* the program's; once the call has waited, a duplicate */
    bool own;        /* a duplicate, to be closed */
};

/* Begins a call on this socket, if it may be made: else an error. */
int gyre__sock_begin(struct gyre__sock *sock, gyre_loop *loop, int fd);

/* Goes on with a duplicate, which the program cannot close: 0 or -errno. */
int gyre__sock_own(struct gyre__sock *sock);

/* Waits until the socket is ready. 0, -errno, GYRE_ECANCELLED. [suspends] */
int gyre__sock_wait(struct gyre__sock *sock, int events);

/* Closes the duplicate, if there is one. */
void gyre__sock_close(struct gyre__sock *sock);

/* The same; returns the call's code, with words when it is the system's. */
ptrdiff_t gyre__sock_end(struct gyre__sock *sock, ptrdiff_t code);

/* Sends all of it, and says how much in *sent also when it fails: 0, or a negative code. [suspends] */
int gyre__sock_send(struct gyre__sock *sock, const char *data, size_t len, size_t *sent);

#endif
