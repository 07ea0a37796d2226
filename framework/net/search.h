/* net/search.h - the addresses of a host tried, in turn or in a race: RFC 8305, "happy eyeballs".
 *
 * Called by connect.c.
 */
#ifndef GYRE__SEARCH_H
#define GYRE__SEARCH_H

#include "loop/loop.h"
#include <netdb.h>

/* What is tried, and how. */
struct gyre__search {
    gyre_loop *loop;               /* where */
    const struct addrinfo *remote; /* the addresses, at least one */
    const struct addrinfo *local;  /* to bind to first, NULL: none */
    double delay;                  /* seconds between two attempts; 0: one after the other; negative: none */
    int interleave;                /* of the first family, before the families take turns; 0: as they are */
    bool all_errors;               /* tell of every refusal, also of equal ones */
};

/* A connected socket in *fd. The others are closed, as all are when it fails. [suspends] */
int gyre__search(const struct gyre__search *search, int *fd);

#endif
