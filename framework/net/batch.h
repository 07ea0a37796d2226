/* net/batch.h - many datagrams in one system call: where they land and from where they leave. The memory is
 * the loop's, and good until the next call of the same direction.
 */
#ifndef GYRE__BATCH_H
#define GYRE__BATCH_H

#include "net/datagram.h"

enum {
    GYRE__BATCH = 32 /* datagrams at once */
};

enum {
    GYRE__PARTS = 64 /* stretches of memory in one system call */
};

/* What goes out; good until the next call, too. */
struct gyre__outgoing {
    struct mmsghdr messages[GYRE__BATCH];    /* as the system wants them */
    struct gyre__frame frames[GYRE__BATCH];  /* as they wait */
    struct sockaddr_storage to[GYRE__BATCH]; /* for whom */
    struct iovec parts[GYRE__PARTS];         /* where their bytes are */
};

/* One for all endpoints of a loop. */
struct gyre__batch {
    struct mmsghdr messages[GYRE__BATCH];      /* as the system fills them in */
    struct sockaddr_storage from[GYRE__BATCH]; /* who sent them */
    struct iovec rooms[GYRE__BATCH];           /* where they are */
    int used;                                  /* messages of the last call */
    struct gyre__outgoing out;                 /* those that leave */
    char *input;                               /* the bytes; only what was touched is memory */
};

/* Makes it, once. */
struct gyre__batch *gyre__batch(struct gyre__net *net);

/* Receives as many as wait and fit: how many, or why there was none. `large`: of up to GYRE__INPUT bytes,
 * else of what UDP can have. msg_len is a datagram's own length, which may be more than its room. */
int gyre__batch_receive(struct gyre__net *net, int fd, bool large);

#endif
