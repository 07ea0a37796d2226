/* loop/handle.h - one scheduled call, and the first-in-first-out queue of those that are ready.
 *
 * Called by loop/ for callbacks and timers, by task/ for done-callbacks, and embedded in what comes home from
 * other threads. A call is in one place at a time: free, in a future's list, in the timer heap, in an inbox,
 * or ready.
 */
#ifndef GYRE__HANDLE_H
#define GYRE__HANDLE_H

#include "base/context.h"
#include "base/memory.h"
#include <gyre/future.h>

/* What a call is made of and who owns its memory. */
enum gyre__call_kind {
    GYRE__CALL_SOON,  /* from the loop's slab: fn(arg) */
    GYRE__CALL_TIMER, /* from the loop's slab: fn(arg) at `when` */
    GYRE__CALL_DONE,  /* from the loop's slab: done(future, arg), run by the task floor through loop->done */
    GYRE__CALL_FOREIGN,  /* malloc'd by another thread: fn(arg) */
    GYRE__CALL_EMBEDDED, /* inside an object of its own: fn(arg), and not a look at it after; release(arg)
                            only if it never runs */
    GYRE__CALL_WATCHED,  /* a reader's or writer's own, see reader.c: fn(arg), again and again */
    GYRE__CALL_CANCEL    /* malloc'd by another thread: cancels the foreign call with this number */
};

struct gyre__call {
    struct gyre__call *next; /* link in whichever queue it is in; must stay first */
    union {
        gyre_callback fn;        /* what to call */
        gyre_done_callback done; /* the same for GYRE__CALL_DONE */
    };
    void *arg;            /* for the function */
    gyre_release release; /* frees arg, or NULL */
    union {
        int64_t when;        /* a timer's deadline, in nanoseconds */
        gyre_future *future; /* whose done-callback it is; in that one's list: who awaits it, or NULL */
        uint64_t number;     /* a foreign call's number */
    };
    struct gyre__vars vars; /* the variables that it sees */
    uint32_t place;         /* its number in the slab */
    uint32_t generation;    /* which use of that place; 0 is never used */
    uint8_t kind;           /* enum gyre__call_kind */
    bool cancelled;         /* skip it; its arg is gone */
};

_Static_assert(sizeof(struct gyre__call) <= GYRE__CACHE_LINE, "a call lies in one cache line");

/* The calls that wait for the next turn, oldest first. */
struct gyre__ready {
    struct gyre__call *first; /* the next to run */
    struct gyre__call **last; /* where the next link goes */
    uint64_t pushed;          /* calls appended since the loop was made */
    uint64_t popped;          /* calls taken off since then; the difference is the length */
};

static inline void gyre__ready_init(struct gyre__ready *ready)
{
    *ready = (struct gyre__ready){.last = &ready->first};
}

static inline void gyre__ready_push(struct gyre__ready *ready, struct gyre__call *call)
{
    call->next = NULL;
    *ready->last = call;
    ready->last = &call->next;
    ready->pushed++;
}

/* The oldest call; there must be one. */
static inline struct gyre__call *gyre__ready_pop(struct gyre__ready *ready)
{
    struct gyre__call *call = ready->first;

    ready->first = call->next;
    if (!ready->first)
        ready->last = &ready->first;
    ready->popped++;
    return call;
}

/* A call from the loop's slab, filled in and in no queue yet, in the empty context. */
struct gyre__call *gyre__call_new(gyre_loop *loop, enum gyre__call_kind kind, void *arg,
                                  gyre_release release);

/* The variables that a callback with these options sees: its own context's, else a copy of the current ones.
 */
static inline struct gyre__vars gyre__call_vars(const gyre_call_options *options)
{
    bool known = options && options->size > offsetof(gyre_call_options, context);

    return gyre__vars_of(known ? options->context : NULL);
}

/* Frees a call's memory, whoever owns it, without touching its arg. */
void gyre__call_free(gyre_loop *loop, struct gyre__call *call);

/* Runs a call that was taken off its queue, releases its arg, and frees it. */
void gyre__call_run(gyre_loop *loop, struct gyre__call *call);

/* Ends a call that will never run: releases its arg and frees it. */
void gyre__call_drop(gyre_loop *loop, struct gyre__call *call);

/* Marks a queued call as cancelled and releases its arg at once; the queue frees it later. */
void gyre__call_cancel(struct gyre__call *call);

/* Reads a letter of kind GYRE__CALL_CANCEL: cancels the foreign call that it names, if that is queued. */
void gyre__cancel_foreign(gyre_loop *loop, struct gyre__call *letter);

/* The ticket for a call of this loop. */
gyre_handle gyre__ticket(gyre_loop *loop, const struct gyre__call *call);

/* The ticket for a watch of monitor_fs. */
gyre_handle gyre__ticket_monitor(const gyre_loop *loop, uint64_t number);

/* The ticket of a call that could not be made: releases arg and says why. */
gyre_handle gyre__ticket_error(int err, void *arg, gyre_release release);

#endif
