/* gyre/stall.h - the stall detector: who tells when a loop hangs in a callback, and where.
 *
 * asyncio has none outside its debug mode. A loop made with .stall_limit is watched, in release builds too
 * and at no cost of its own, by one thread for all loops of the process. When a turn takes longer than the
 * limit, that thread interrupts the loop's thread with a signal to see its stack. Loops that sleep are not
 * stalled.
 *
 * The signal (.stall_signal, by default the last but one of the real-time signals) must be the program's own
 * gift: when the program handles it itself, stalls are told without a stack. It restarts system calls where
 * the system can; a sleep in the callback that hangs may end early with EINTR.
 */
#ifndef GYRE_STALL_H
#define GYRE_STALL_H

#include <gyre/loop.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* lent: what is known of a stall, for the call. */
struct gyre_stall {
    size_t size;               /* sizeof this struct */
    gyre_loop *loop;           /* the loop; only what is stamped [any thread] may be done with it */
    const char *thread;        /* the name of its thread: "shard-1" */
    double seconds;            /* how long the turn has taken so far, or took */
    double limit;              /* how long it may take */
    bool over;                 /* it goes on; what follows is empty then */
    unsigned untold;           /* stalls of this loop since the last report that were not told */
    const char *task;          /* the task that runs, "" for none */
    const char *const *frames; /* the functions it is in, innermost first */
    size_t frame_count;        /* how many */
    const char *no_stack;      /* why there are none, NULL when there are */
};

/* Writes the stall to stderr, in one piece: the default handler. [any thread] */
void gyre_stall_print(const gyre_stall *stall);

#ifdef __cplusplus
}
#endif

#endif
