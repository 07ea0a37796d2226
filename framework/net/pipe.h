/* net/pipe.h - a transport over a descriptor that goes one way: what both directions have in common. */
#ifndef GYRE__PIPE_H
#define GYRE__PIPE_H

#include "net/kind.h"

struct gyre__pipe {
    gyre_transport base; /* a transport */
    int flags;           /* the descriptor's as they were; -1: they need not be set back */
    bool socket;         /* it is a socket */
    bool watchable;      /* a peer that goes makes it readable: no terminal */
};

/* The two directions. */
extern const struct gyre__kind gyre__read_pipe_kind, gyre__write_pipe_kind;

/* Makes a transport of one of these kinds and waits until connection_made has run; see gyre/pipe.h.
 * [suspends]
 */
int gyre__pipe_open(gyre_loop *loop, gyre_transport **transport, const struct gyre__kind *kind,
                    const gyre_protocol *protocol, int fd, void *arg);

/* Sets the descriptor back and closes it; .release of both kinds. */
void gyre__pipe_release(gyre_transport *transport);

/* "pipe": the descriptor; .info of both kinds. */
const void *gyre__pipe_info(const gyre_transport *transport, const char *name);

#endif
