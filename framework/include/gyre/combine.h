/* gyre/combine.h - one wait for many futures, or for one with a limit.
 *
 * asyncio: shield, gather, wait, wait_for, as_completed, and staggered_race.
 */
#ifndef GYRE_COMBINE_H
#define GYRE_COMBINE_H

#include <gyre/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A future that ends as `inner` does, but cancelling it, or the task that awaits it, leaves `inner` alone; an
 * inner one that is done is given back itself. A task may have no other reference than the loop's; hold one
 * for a plain future. [new ref] in *outer. asyncio: shield */
int gyre_shield(gyre_future **outer, gyre_future *inner);

/* Options of gyre_gather. */
typedef struct gyre_gather_options {
    size_t size;           /* sizeof this struct, filled in by the macro */
    int return_exceptions; /* GYRE_YES: failures of the children count as results; default GYRE_NO: the first
                              one is the outcome */
} gyre_gather_options;

/* A future that is done when all `count` futures are; read the results from them. The first failure is its
 * outcome at once, while the others run on; cancelling it cancels them. GYRE_EVALUE: futures of different
 * loops. [new ref] in *gathered. asyncio: gather */
int gyre_gather(gyre_future **gathered, gyre_future *const *futures, size_t count,
                const gyre_gather_options *options);
#define gyre_gather(gathered, futures, ...) \
    gyre_gather(gathered, futures, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_gather_options, __VA_ARGS__))

/* When gyre_wait returns. */
typedef enum gyre_return_when {
    GYRE_ALL_COMPLETED = 0, /* all are done */
    GYRE_FIRST_COMPLETED,   /* one is done */
    GYRE_FIRST_EXCEPTION    /* one has raised (a cancelled one has not), or all are done */
} gyre_return_when;

/* Options of gyre_wait. */
typedef struct gyre_wait_options {
    size_t size;                  /* sizeof this struct, filled in by the macro */
    double timeout;               /* seconds to wait at most; 0: no limit; negative: look once */
    gyre_return_when return_when; /* default GYRE_ALL_COMPLETED */
} gyre_wait_options;

/* Waits for several futures and returns how many are done; ask each with gyre_future_done. The list is read
 * before it waits, and a future that stands in it twice counts once. Never raises their
 * errors, never cancels them, no error at the timeout. GYRE_EVALUE "Set of Tasks/Futures is empty.".
 * [suspends] asyncio: wait */
int gyre_wait(gyre_future *const *futures, size_t count, const gyre_wait_options *options);
#define gyre_wait(futures, ...) \
    gyre_wait(futures, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_wait_options, __VA_ARGS__))

/* Awaits a future for at most `timeout` seconds (INFINITY: no limit); then cancels it, waits until it has
 * ended, and returns -ETIMEDOUT (TimeoutError), or its value if it ended with one. *value may be NULL.
 * [suspends] asyncio: wait_for */
int gyre_wait_for(gyre_future *future, void **value, double timeout);

/* yours: goes through futures in the order in which they end, from begin to end; the field is gyre's. */
typedef struct gyre_as_completed {
    struct gyre__completions *completions; /* shared with the callbacks that are still to come */
} gyre_as_completed;

/* Options of gyre_as_completed_begin. */
typedef struct gyre_as_completed_options {
    size_t size;    /* sizeof this struct, filled in by the macro */
    double timeout; /* seconds for all of them together; 0: no limit; negative: what is done already */
} gyre_as_completed_options;

/* Begins to watch the futures; the list is read now, and a future that stands in it twice counts once.
 * GYRE_EVALUE: futures of different loops, a timeout of NaN. asyncio: as_completed */
int gyre_as_completed_begin(gyre_as_completed *iterator, gyre_future *const *futures, size_t count,
                            const gyre_as_completed_options *options);
#define gyre_as_completed_begin(iterator, futures, ...)                  \
    gyre_as_completed_begin(iterator, futures, GYRE__FIRST(__VA_ARGS__), \
                            GYRE__OPTIONS(gyre_as_completed_options, __VA_ARGS__))

/* Waits for the next future that is done, whatever its outcome: 1 with it in *future, one of those that were
 * given, lent until gyre_as_completed_end; 0 when there are no more. -ETIMEDOUT (TimeoutError) once for each
 * that was not done in time; it runs on. Several tasks may wait for the next; a wait that is cancelled takes
 * nothing. [suspends] asyncio: __anext__ of as_completed's iterator */
int gyre_as_completed_next(gyre_as_completed *iterator, gyre_future **future);

/* Ends the iteration, at its end or before it; the futures run on, a task inside gyre_as_completed_next gets
 * 0. Harmless the second time. */
void gyre_as_completed_end(gyre_as_completed *iterator);

/* yours: a coroutine in a race. The caller fills in the first two, the race the others. */
typedef struct gyre_racer {
    gyre_coroutine fn; /* runs as a task of its own */
    void *arg;         /* for fn */
    bool started;      /* fn was called; those behind the winner may not have been */
    int code;          /* what it returned, when it was started: its result, or why it failed */
} gyre_racer;

/* Runs coroutines one after the other, each `delay` seconds after the one before it (INFINITY: only when that
 * has failed, zero or less: at once), or as soon as that has failed. The first that returns 0 or more wins:
 * 1, and *winner is its index. The others are cancelled, and the race waits until they have ended, also when
 * it is cancelled itself; one of them may still have succeeded, so look at each code. 0: nobody won.
 * GYRE_EVALUE for NaN, GYRE_EAWAIT outside a task. [suspends] asyncio: staggered.staggered_race */
int gyre_staggered_race(size_t *winner, gyre_racer *racers, size_t count, double delay);

#ifdef __cplusplus
}
#endif

#endif
