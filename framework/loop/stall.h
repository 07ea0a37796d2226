/* loop/stall.h - the stall detector: one thread that watches the loops which asked for it.
 *
 *   loop: turns and polls go up, asleep or not      watchdog: looks four times a limit
 *                                                     no change for a limit, not asleep: asks for the stack
 *   signal: backtrace, name of the task  ◄──────────  and tells the handler; once more when it goes on
 *
 * The loop only stores what it stores anyway. stall.c is the loop's side, watchdog.c judges,
 * stall_stack.c gets the stack, stall_words.c tells.
 */
#ifndef GYRE__STALL_H
#define GYRE__STALL_H

#include "base/list.h"
#include <gyre/stall.h>
#include <pthread.h>
#include <stdint.h>

/* One watched loop. All but what is fixed at its making is under the watchdog's lock. */
struct gyre__stall {
    struct gyre__list link;     /* in the list of running ones */
    gyre_loop *loop;            /* whose */
    int64_t limit;              /* nanoseconds that a turn may take */
    gyre_stall_handler handler; /* who is told */
    void *arg;                  /* for it */
    int signal;                 /* what interrupts the thread */
    char thread[16];            /* its thread's name */
    bool was_blocked;           /* the signal was, before the loop ran */
    uint64_t progress;          /* turns and polls when it was looked at last */
    int64_t since;              /* when they were first seen so */
    int64_t told;               /* when a stall was told last, 0: never */
    bool stalled, reported;     /* longer than the limit, and told */
    bool leaving, busy;         /* the loop waits to leave; the handler is at work */
    unsigned untold;            /* stalls that came too soon after another */
};

/* A stack as the signal handler found it. */
struct gyre__stack_view {
    uintptr_t frames[48]; /* innermost first: where it is, and where it returns to */
    size_t count;         /* of them */
    char task[64];        /* the task that ran, "" for none */
    const char *missing;  /* why there is none, or NULL */
};

/* Watches a loop with these options, whenever it runs. NULL: errno says why. */
struct gyre__stall *gyre__stall_new(gyre_loop *loop, const gyre_loop_options *options);

/* Watches it no more; NULL is fine. */
void gyre__stall_free(struct gyre__stall *stall);

/* The loop begins, or ends, to run on this thread. */
void gyre__stall_begin(struct gyre__stall *stall);
void gyre__stall_end(struct gyre__stall *stall);

/* --- watchdog.c --- */

/* One loop more wants to be watched, which starts the thread for the first; an errno. */
int gyre__watchdog_join(void);

/* One less; the last one ends the thread. */
void gyre__watchdog_leave(void);

/* Looks at the loop from now on. */
void gyre__watchdog_add(struct gyre__stall *stall);

/* Looks at it no more; waits until the handler is not at work for it. */
void gyre__watchdog_remove(struct gyre__stall *stall);

/* --- stall_stack.c --- */

/* Makes the signal ours if it is free. */
void gyre__stall_claim_signal(int signal);

/* Interrupts the thread that runs the loop. The caller sees to it that it stays there. */
void gyre__stall_view(pthread_t thread, int signal, struct gyre__stack_view *view);

/* --- stall_words.c --- */

/* Calls the handler: a stall with its stack, or (no view) its end. */
void gyre__stall_tell(const struct gyre__stall *stall, double seconds, const struct gyre__stack_view *view);

#endif
