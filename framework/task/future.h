/* task/future.h - the inside of a future: an outcome, and the calls that wait for it.
 *
 * Called by task/ and by whoever completes futures from below (net/, shard/). A done-callback is a call of
 * the loop's slab: first in the future's list, then in the ready queue. All on the loop's thread.
 */
#ifndef GYRE__FUTURE_H
#define GYRE__FUTURE_H

#include "loop/loop.h"
#include <gyre/future.h>

/* Pending, then one of the others for good. */
enum gyre__future_state { GYRE__PENDING, GYRE__CANCELLED, GYRE__FINISHED };

struct gyre__task;

/* The futures that a gathering passes a request to cancel on to, and where the walk of cancel.c is among
 * them. */
struct gyre__fan {
    gyre_future *future;          /* the gathering itself */
    gyre_future *const *children; /* whom it waits for */
    size_t count;                 /* how many */
    size_t next;                  /* the child whose turn it is */
    struct gyre__fan *outer;      /* where the walk came from, NULL for its start */
    struct gyre__task *last; /* the task that waits for the gathering, NULL when the walk came straight */
    bool any;                /* a child could be cancelled in this walk */
    bool heard;              /* or in an earlier one */
    bool walked;             /* the walk is inside */
};

/* What differs between a future, a task, a gathering, a job on a thread. */
struct gyre__future_class {
    const char *never_retrieved;                          /* the report when nobody looked at the exception */
    bool (*cancel)(gyre_future *future, const char *msg); /* gyre_future_cancel of a pending one */
    struct gyre__fan *(*fan)(gyre_future *future);        /* whom a cancel goes on to; NULL: nobody */
    void (*destroy)(gyre_future *future);                 /* frees the memory; the base is cleared already */
};

struct gyre_future {
    gyre_loop *loop;                        /* whose it is; its memory is held */
    const struct gyre__future_class *class; /* what it is */
    struct gyre__call *callbacks;           /* done-callbacks, oldest first */
    struct gyre__call **last;               /* where the next one goes */
    void *value;                            /* the result's pointer */
    gyre_release release;                   /* frees value, or NULL */
    char *text;                             /* the exception's sentence, malloc'd, or NULL */
    int code;                               /* the outcome: 0 or more, or the exception */
    uint32_t references;                    /* users, and the loop while there is work */
    uint32_t mark;                          /* which walk over futures has seen this one last */
    uint8_t state;                          /* enum gyre__future_state */
    bool unseen;                            /* an exception that nobody looked at yet */
    bool is_task;                           /* the first member of a struct gyre__task */
};

extern const struct gyre__future_class gyre__plain_future;

/* Fills the base of a future in zeroed memory, with one reference. */
void gyre__future_init(gyre_future *future, gyre_loop *loop, const struct gyre__future_class *class);

/* Gives a pending future its outcome, a code of 0 or more or an exception; false when it had one already. */
bool gyre__future_finish(gyre_future *future, int code);

/* Cancels a pending future itself, whatever its class; false when it is done. msg says why, or NULL. */
bool gyre__future_cancel(gyre_future *future, const char *msg);

/* Passes a request to cancel on to whatever the future is; false when it is done. */
static inline bool gyre__future_request(gyre_future *future, const char *msg)
{
    future->unseen = false;
    return future->state == GYRE__PENDING && future->class->cancel(future, msg);
}

/* A done-callback of gyre's own, which sees no variables. `awaiter` is the future that waits by it, for the
 * call graph; NULL for none. */
void gyre__future_listen(gyre_future *future, gyre_done_callback fn, void *arg, gyre_release release,
                         gyre_future *awaiter);

/* The outcome of a done future, with its text made current; the exception counts as seen. */
int gyre__future_outcome(gyre_future *future, void **value);

/* Hands the done-callbacks of a future that is done to the loop. */
void gyre__future_schedule_callbacks(gyre_future *future);

/* Frees the done-callbacks of a future that will never be done. */
void gyre__future_drop_callbacks(gyre_future *future);

/* Runs, or drops, a done-callback that was in the ready queue: the loop's `done`. */
void gyre__future_run_done(gyre_loop *loop, struct gyre__call *call, bool run);

/* A number that no future carries yet, for gyre_future.mark. */
uint32_t gyre__future_new_mark(gyre_loop *loop);

#endif
