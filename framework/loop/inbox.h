/* loop/inbox.h - the door for other threads: a counted mailbox that outlives its loop.
 *
 *      any thread                         the loop's thread
 *   push ──► stack (newest first) ──────► drain, once a turn, oldest first
 *     │                                      ▲
 *     └── was it SLEEPING? one wake ─────────┘
 *
 * A letter is a struct gyre__call; after a successful push it is the mailbox's. A closed mailbox refuses. The
 * fences in inbox.c are checked by tests/model.
 */
#ifndef GYRE__INBOX_H
#define GYRE__INBOX_H

#include "loop/handle.h"
#include <ck_stack.h>
#include <stdatomic.h>

struct gyre__inbox {
    ck_stack_t stack;             /* letters, newest first, or the closed mark */
    atomic_uint state;            /* awake or sleeping */
    atomic_uint references;       /* the loop's and everyone's who may push */
    atomic_uint_fast64_t wakes;   /* times that a push had to wake the loop */
    atomic_uint_fast64_t number;  /* numbers given to foreign calls */
    atomic_uint_fast64_t signals; /* signals that came and were not delivered yet, a bit each */
    int wake_fd;                  /* readable when the loop must wake */

    bool read;         /* the loop's: letters came since it last wanted to sleep */
    unsigned spin_gap; /* the loop's: sleeps to pass without a look-out after the next one in vain */
    unsigned spin_due; /* the loop's: sleeps to pass until the next */
};

/* Makes an open mailbox with one reference; NULL: errno says why. */
struct gyre__inbox *gyre__inbox_new(void);

/* One more reference. [any thread] */
struct gyre__inbox *gyre__inbox_ref(struct gyre__inbox *inbox);

/* One reference less; the last one frees it. [any thread] */
void gyre__inbox_unref(struct gyre__inbox *inbox);

/* Puts a letter in and wakes the loop if it sleeps. 0, or GYRE_ELOOPCLOSED and the letter stays the caller's.
 * [any thread] */
int gyre__inbox_push(struct gyre__inbox *inbox, struct gyre__call *letter);

/* Puts a chain of letters in at once, linked newest (`first`) to oldest (`last`). As push. [any thread] */
int gyre__inbox_push_chain(struct gyre__inbox *inbox, struct gyre__call *first, struct gyre__call *last);

/* True when letters wait. */
bool gyre__inbox_pending(const struct gyre__inbox *inbox);

/* Takes all letters, oldest first, linked by next; NULL for none. */
struct gyre__call *gyre__inbox_drain(struct gyre__inbox *inbox);

/* Announces that the loop is about to wait, after a short look-out when letters came lately. False: letters
 * came, do not wait. Pairs with gyre__inbox_awake. */
bool gyre__inbox_sleep(struct gyre__inbox *inbox);

/* The loop is up again: pushes need not wake it. */
void gyre__inbox_awake(struct gyre__inbox *inbox);

/* True while the loop waits, or is about to. [any thread] */
bool gyre__inbox_asleep(const struct gyre__inbox *inbox);

/* Refuses letters from now on and returns those that are there, as drain does. */
struct gyre__call *gyre__inbox_close(struct gyre__inbox *inbox);

#endif
