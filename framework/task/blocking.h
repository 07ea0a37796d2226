/* task/blocking.h - work on threads, seen from its loop: what is under way, and who waits for it.
 *
 *   submit ──► executor's queue ──► a worker runs fn ──► a letter to the inbox ──► come_home: the future is
 * done
 *
 * On a loop that was made with executor_inline the way is shorter: a callback runs fn and comes home.
 *
 * Called by blocking.c, thread.c and default.c. A worker touches the job and the mailbox only, never the
 * future or the loop.
 */
#ifndef GYRE__BLOCKING_H
#define GYRE__BLOCKING_H

#include "task/task.h"
#include <gyre/thread.h>
#include <semaphore.h>

struct gyre__work;

/* A future that knows its work; it outlives the work or the other way round. */
struct gyre__work_future {
    gyre_future future;      /* must stay first */
    struct gyre__work *work; /* NULL when the work has come home, was taken back, or its loop is gone */
};

/* One job under way. The loop's until it is submitted, the worker's until its letter is sent, then the loop's
 * again. */
struct gyre__work {
    gyre_job job;                     /* the executor's half */
    struct gyre__call letter;         /* what comes home */
    struct gyre__list link;           /* in blocking->under_way */
    struct gyre__work_future *future; /* a reference; NULL once nobody wants the result */
    struct gyre__blocking *blocking;  /* the floor; not for the worker */
    gyre_executor *executor;          /* a reference: where it runs */
    struct gyre__inbox *inbox;        /* a reference: the way home */
    gyre_blocking fn;                 /* the work */
    void *arg;                        /* for it */
    gyre_release release;             /* frees arg */
    int code;                         /* what fn returned */
    char *text;                       /* the sentence of its failure */
    sem_t ended;                      /* posted when fn has returned */
    gyre_handle call;                 /* the callback that runs fn inline */
    bool inline_idle;                 /* that has not begun */
    bool holds_arg;         /* to_thread's: arg lies on a stack, so that only a job that has not begun
                               can be cancelled, and fn sees `vars` */
    struct gyre__vars vars; /* a copy of the caller's context */
};

/* Between a concurrent future and the loop's future that goes with it. */
struct gyre__wrap {
    atomic_uint references;    /* the loop's, the callback's of the concurrent one, a letter's */
    struct gyre__inbox *inbox; /* a reference: the way home */
    struct gyre__list link;    /* in blocking->wraps while it has a future; the loop's */
    gyre_future *future;       /* a reference, NULL when it has its outcome or its loop is gone; the loop's */
};

/* The blocking floor's state on a loop. */
struct gyre__blocking {
    gyre_loop *loop;              /* whose it is */
    gyre_executor *executor;      /* the default executor, a reference; NULL before the first use */
    bool own;                     /* the loop made it, and shuts it down */
    bool shut_down;               /* shutdown_default_executor was called */
    struct gyre__list under_way;  /* works not come home */
    struct gyre__list wraps;      /* what stands between concurrent futures and this loop's */
    struct gyre__waiter *waiters; /* who waits for the next work to come home */
};

/* The blocking floor of a loop, made at first use. */
struct gyre__blocking *gyre__blocking_of(gyre_loop *loop);

/* Submits work and gives its future; executor NULL is the default one. On failure arg is not released. */
int gyre__work_submit(gyre_loop *loop, struct gyre__work_future **future, gyre_executor *executor,
                      struct gyre__work work);

/* Takes back a work that has not begun: true, and nobody else will touch it. */
bool gyre__work_take_back(struct gyre__work *work);

/* Schedules the work as a callback. */
void gyre__work_run_inline(gyre_loop *loop, struct gyre__work *work);

/* A work whose fn has returned, or that was dropped, completes its future and ends. */
void gyre__work_come_home(struct gyre__work *work);

/* The work and its future go separate ways; the future's reference is given back. */
void gyre__work_part(struct gyre__work *work);

/* Takes the loop's future out. */
void gyre__wrap_part(struct gyre__wrap *wrap);

/* Waits until a work of this loop has come home. [suspends] */
int gyre__blocking_wait(struct gyre__blocking *blocking);

#endif
