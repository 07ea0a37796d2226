/* outbox.h - messages from one shard to another: collected during a turn, pushed as one chain before the
 * poll.
 *
 * Belongs to the sender's thread. At most GYRE__OUTBOX_LIMIT messages are under way. The receiver need not
 * count: every GYRE__OUTBOX_BATCH messages, or when the stock asks for it, a receipt travels behind them and
 * comes home when all before it have been read.
 */
#ifndef GYRE__OUTBOX_H
#define GYRE__OUTBOX_H

#include "run.h"
#include "stock.h"

enum { GYRE__OUTBOX_LIMIT = 65536, GYRE__OUTBOX_BATCH = 1024 };

/* The letter that gives credit back. */
struct gyre__receipt {
    struct gyre__call letter; /* there, and home again */
    size_t covers;            /* messages since the last receipt, 0: it is at home */
};

struct gyre__outbox {
    struct gyre__flush flush;     /* in from->loop->flush while there is something to push */
    struct gyre__shard *from;     /* the sender */
    struct gyre__shard *to;       /* the receiver */
    struct gyre__call *newest;    /* the chain, as the mailbox wants it; NULL when empty */
    struct gyre__call *oldest;    /* its end */
    size_t under_way;             /* messages put and not known to be read */
    size_t uncovered;             /* those of them that no receipt follows */
    struct gyre__receipt receipt; /* at home or on its way */
    struct gyre__stock stock;     /* the memory of posts */

    struct gyre__parcel *open;   /* the newest letter, if it takes further posts; its are not counted yet */
    struct gyre__series *series; /* its last series */
    void **next_arg;             /* where the next post of that goes */
    void **last_arg;             /* where there is no room for it any more */
    void **open_end;             /* where the parcel's memory ends */

    struct gyre__list waiters; /* struct gyre__waiting: tasks that wait for room */
};

/* Makes the outboxes of a shard that has its loop. */
void gyre__outboxes_open(struct gyre__shard *shard);

/* Frees them, when all threads of the run have ended. */
void gyre__outboxes_free(struct gyre__shard *shard);

/* The way from this thread's shard to that with the number. GYRE_EVALUE: there is none such; GYRE_ERUNTIME:
 * this thread is no shard. */
int gyre__outbox_find(int shard, struct gyre__outbox **outbox);

/* True while one more message may be put. */
bool gyre__outbox_has_room(const struct gyre__outbox *outbox);

/* Waits until one more may be put. GYRE_EAWAIT, GYRE_ECANCELLED. [suspends] */
int gyre__outbox_wait(struct gyre__outbox *outbox);

/* Puts a message; it is the receiver's, and runs or is dropped there, or here when the receiver has closed.
 */
void gyre__outbox_put(struct gyre__outbox *outbox, struct gyre__call *letter);

/* Puts a letter that answers, or follows, a message: it takes no room. */
void gyre__outbox_put_free(struct gyre__outbox *outbox, struct gyre__call *letter);

#endif
