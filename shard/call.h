/* call.h - a call to another shard: an envelope that travels there and home again.
 *
 *   caller's shard          far shard
 *   send ────────────────►  arrive: a task runs fn
 *   come_home ◄───────────  the task has ended
 *   cancel (any time) ────► cancels the task, if it still runs
 *   cancel_home ◄─────────  and says so
 *
 * Two letters lie in an envelope, and what belongs to a letter is touched only by the shard that has it. The
 * caller's future is done when both are home, never before: the envelope, and what arg points to, may lie on
 * a stack.
 */
#ifndef GYRE__CALL_H
#define GYRE__CALL_H

#include "outbox.h"
#include "task/task.h"

struct gyre__envelope;

/* What the caller waits for. From the loop's slab: it may live on when the call is over. */
struct gyre__call_future {
    gyre_future future;              /* must stay first */
    struct gyre__envelope *envelope; /* NULL when it is home */
};

struct gyre__envelope {
    struct gyre__outbox *outbox; /* from the caller to the far shard; never changes */
    gyre_coroutine fn;           /* what to call there */
    void *arg;                   /* for it */
    gyre_release release;        /* frees arg, there; or NULL */
    bool run_inline;             /* fn is a plain callback */
    bool heap;                   /* the envelope is freed at home */

    struct gyre__call letter; /* the call */
    int code;                 /* and its answer */
    char *text;               /* with its sentence */

    struct gyre__call cancel; /* the cancel */
    bool applied;             /* and its answer: it reached the task */

    struct gyre__task *task; /* the far shard's: what runs fn, NULL before and after */

    struct gyre__call_future *future; /* the caller's: a reference */
    bool home;                        /* the caller's: the call is answered */
    bool cancel_away;                 /* the caller's: the cancel is not */
    bool cancel_again;                /* the caller's: one more was asked for meanwhile */
    bool cancel_wanted;               /* the caller's: one was asked for */
    bool cancel_missed; /* the caller's: one came too late for the task, and is the caller's own */
};

/* Prepares a loop for calls. */
void gyre__calls_open(gyre_loop *loop);

/* 0 when this thread's shard may call that one now. */
int gyre__call_allowed(int shard, struct gyre__outbox **outbox);

/* Sends a filled envelope and gives its future. */
gyre_future *gyre__envelope_send(struct gyre__envelope *envelope);

/* Waits until the envelope is home, whatever comes, and gives the reference back. [suspends] */
int gyre__call_await(gyre_future *future);

#endif
