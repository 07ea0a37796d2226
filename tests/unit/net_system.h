/* net_system.h - the system's socket calls of a loop, counted, and made to fail or to take less.
 *
 * The loop's driver class is replaced by a copy; everything else goes on as before.
 */
#ifndef GYRE_TESTS_NET_SYSTEM_H
#define GYRE_TESTS_NET_SYSTEM_H

#include "loop/loop.h"

struct net_system {
    int sends, recvs, accepts;    /* calls so far, those of pipes among them */
    int pieces;                   /* of the last send */
    size_t sent;                  /* bytes that all sends took */
    size_t most;                  /* one send takes no more; 0: no limit */
    int send_error, accept_error; /* what the next calls return in place of a try, 0 for none */
    int recv_error;               /* the same */
    int shutdown_error;           /* the same */
    bool takes_nothing;           /* sends return 0 in place of a try */
    int sendfiles;                /* calls so far */
    int sendfile_error;           /* what the next calls return in place of a try, 0 for none */
    size_t sendfile_most;         /* one sendfile takes no more; 0: no limit */
};

extern struct net_system net_system;

/* Replaces the loop's class and forgets what was counted. Datagrams come and go one by one. */
void net_system_watch(gyre_loop *loop);

/* The same, with many datagrams in one call. */
void net_system_batch(gyre_loop *loop);

#endif
