/* loop/loop.h - the inside of a loop.
 *
 * One turn: ready batch -> flush -> poll, I/O inline -> due timers -> inbox to ready. The floors above hang
 * their state on `floors` and their end-of-batch work on `flush`; the loop knows them only by these pointers.
 */
#ifndef GYRE__LOOP_H
#define GYRE__LOOP_H

#include "base/list.h"
#include "base/slab.h"
#include "driver/driver.h"
#include "loop/debug.h"
#include "loop/descriptor.h"
#include "loop/handle.h"
#include "loop/inbox.h"
#include "loop/stall.h"
#include "loop/timer.h"
#include <pthread.h>

/* Which floor above a state belongs to. They are closed from the last to the first. */
enum gyre__floor {
    GYRE__FLOOR_BLOCKING, /* task/blocking.c: executors */
    GYRE__FLOOR_TASK,     /* task/task.c: stacks, tasks */
    GYRE__FLOOR_RESOLVER, /* net/resolver.c: its executor */
    GYRE__FLOOR_NET,      /* net/: transports and servers */
    GYRE__FLOOR_PROCESS,  /* process/: children */
    GYRE__FLOOR_SHARD,    /* shard/: outboxes, balance */
    GYRE__FLOORS
};

/* What hangs on a loop for one floor. */
struct gyre__floor_state {
    void *state;                                   /* the floor's own, NULL when it was never used */
    void (*close)(gyre_loop *loop, void *state);   /* called by gyre_loop_close: end everything */
    void (*release)(gyre_loop *loop, void *state); /* called when the loop's memory goes */
};

/* Work to do after each batch, before the poll. Linked while there is some; unlinked before it is called. */
struct gyre__flush {
    struct gyre__list link;                /* in loop->flush */
    void (*fn)(struct gyre__flush *flush); /* the work */
};

/* Numbers that other threads may read: stored by the loop's thread alone, relaxed. */
struct gyre__counters {
    atomic_uint_fast64_t turns, calls, polls, timers, tasks, transports;
};

struct gyre_loop {
    const struct gyre__driver_class *driver_class; /* the system beneath */
    struct gyre__driver *driver;                   /* its state, NULL when closed */
    struct gyre__ready ready;                      /* the next turn's calls */
    struct gyre__timers timers;                    /* the later ones */
    struct gyre__slab calls;                       /* their memory */
    uint32_t generation;                           /* the last generation that a call got */
    uint32_t id;                                   /* index in the table of loops */
    struct gyre__inbox *inbox;                     /* the door for other threads */
    struct gyre__watch *wake;                      /* watches inbox->wake_fd */
    struct gyre__list flush;                       /* struct gyre__flush, what to do before the poll */
    int64_t now;                                   /* the clock of this turn, in nanoseconds */
    int64_t polled;                                /* when the last poll ended */
    unsigned skipped;                              /* polls left out since the last one */
    uint64_t stop_mark;                            /* run the ready queue up to here, then leave */
    bool stopping;                                 /* stop_mark is set */
    bool ending;                                   /* leave after this turn */
    bool stop_flag;                                /* stop() is a flag, not a marker */
    atomic_bool running;                           /* inside run_forever */
    atomic_uint flags;                             /* GYRE__LOOP_CLOSED, GYRE__LOOP_DEBUG */
    _Atomic(pthread_t) thread;                     /* who runs it, or ran it last */
    struct gyre__vars *outer;                      /* the context of whoever runs it */
    atomic_uint references;                        /* users, and one while it is open or has objects */
    size_t objects;             /* futures, transports and servers whose memory needs the loop's */
    struct gyre__call *current; /* the callback that is running, NULL for none */
    void (*done)(gyre_loop *loop, struct gyre__call *call,
                 bool run);                        /* runs or drops a done-callback: the task floor's */
    char *(*describe)(gyre_loop *loop);            /* what its tasks wait for, malloc'd: the task floor's */
    const struct gyre__task_words *words;          /* how the task floor speaks of its things, or NULL */
    gyre_exception_handler handler;                /* the user's, NULL for the default */
    void *handler_arg;                             /* for it */
    struct gyre__floor_state floors[GYRE__FLOORS]; /* what hangs on it */
    struct gyre__counters counters;                /* for gyre_loop_get_stats */
    size_t stack_size;                             /* for its coroutines, 0: default */
    struct gyre__signal *signals;                  /* its signal handlers, NULL for none */
    struct gyre__monitor *monitors;                /* paths that it watches, NULL for none */
    struct gyre__descriptors descriptors;          /* the program's, and the transports' */
    size_t expected;                               /* outcomes that other threads owe it */
    size_t asked;                                  /* outcomes that other threads wait for */
    bool deadlocked;                               /* why the run ends */
    bool executor_inline;                          /* blocking work runs as callbacks */
    int64_t slow;                                  /* a callback that takes so long is slow, nanoseconds */
    struct gyre__sources *sources;                 /* debug mode: who made what; else NULL */
    struct gyre__stall *stall;                     /* how it is watched, NULL: not */
    bool implicit;                                 /* nobody asked for it by name, so nobody need close it */
};

/* The loop is closed, or in debug mode: what takes a call must look closer. One test on the plain way. */
static inline bool gyre__loop_guarded(const gyre_loop *loop)
{
    return __builtin_expect(atomic_load_explicit(&loop->flags, memory_order_relaxed) != 0, 0);
}

/* Remembers, in debug mode, who called for this object to be made. */
static inline void gyre__source_note(gyre_loop *loop, const void *object)
{
    if (__builtin_expect(loop->sources != NULL, 0))
        gyre__source_remember(loop, object);
}

/* GYRE_EWRONGTHREAD, with its sentence, when debug mode finds the caller on the wrong thread; else 0. */
static inline int gyre__loop_check_here(const gyre_loop *loop)
{
    return gyre__loop_guarded(loop) ? gyre__loop_check_thread(loop) : 0;
}

/* For what returns nothing, or nothing that could tell: ends the program with a sentence when debug mode
 * finds it on the wrong thread. */
static inline void gyre__loop_assert_here(const gyre_loop *loop)
{
    if (gyre__loop_guarded(loop))
        gyre__loop_assert_thread(loop);
}

/* Keeps the loop's memory for an object of it; on the loop's thread. A closed loop has no reference of its
 * own left for the first one. */
static inline void gyre__loop_hold(gyre_loop *loop)
{
    if (loop->objects++ == 0 && gyre_loop_is_closed(loop))
        gyre_loop_ref(loop);
}

/* The object is gone. May free a closed loop. */
void gyre__loop_let_go(gyre_loop *loop);

/* Hangs a floor's state on the loop. */
void gyre__loop_attach(gyre_loop *loop, enum gyre__floor floor, struct gyre__floor_state state);

/* In virtual time: what the network does, by the options of the loop. */
void gyre__loop_set_network(gyre_loop *loop, const gyre_loop_options *options);

/* The driver of this kind; NULL when this system has none. */
const struct gyre__driver_class *gyre__driver_find(gyre_driver_kind kind);

/* Runs turns until the loop ends; the shared part of run_forever and run_until_complete. An error: it was not
 * run, or -EDEADLK. */
int gyre__loop_run(gyre_loop *loop);

/* Lets the current run end after this turn's batch: run_until_complete's stop, which is no marker. */
void gyre__loop_end(gyre_loop *loop);

/* In virtual time: how long to wait when the next timer is due at `deadline`. For another thread that owes an
 * outcome, as long as it takes, so that time stands still; for nobody and nothing: a deadlock ends the run.
 */
int64_t gyre__virtual_wait(gyre_loop *loop, int64_t deadline);

/* True for a loop in virtual time, which has no descriptors, signals and processes of the system. */
static inline bool gyre__loop_is_virtual(const gyre_loop *loop)
{
    return loop->driver_class->virtual_time;
}

/* 0 when the loop may be run on this thread now, else the code to return. */
int gyre__loop_runnable(const gyre_loop *loop);

/* Appends a call to the ready queue. */
static inline void gyre__loop_ready(gyre_loop *loop, struct gyre__call *call)
{
    gyre__ready_push(&loop->ready, call);
}

/* Schedules work before the next poll, unless it is scheduled already (the link must be initialised as an
 * empty list). */
static inline void gyre__loop_flush_later(gyre_loop *loop, struct gyre__flush *flush)
{
    if (gyre__list_empty(&flush->link))
        gyre__list_append(&loop->flush, &flush->link);
}

/* Does all scheduled flush work now. */
void gyre__loop_flush(gyre_loop *loop);

/* The clock, read now, in nanoseconds. */
static inline int64_t gyre__loop_clock(const gyre_loop *loop)
{
    return loop->driver_class->now(loop->driver);
}

/* Sends fn(arg) to a mailbox, whether or not its loop is still there; GYRE_ELOOPCLOSED: arg was released
 * here. [any thread] */
int gyre__post(struct gyre__inbox *inbox, gyre_callback fn, void *arg, gyre_release release);

/* Appends what other threads sent to the ready queue. */
void gyre__loop_read_inbox(gyre_loop *loop);

/* Drops every call that is queued or timed. */
void gyre__loop_drop_calls(gyre_loop *loop);

/* Turns the signals that came into callbacks. */
void gyre__signals_deliver(gyre_loop *loop);

/* Restores the default action of every signal that this loop handles. */
void gyre__signals_clear(gyre_loop *loop);

/* In a forked child: no loop handles any signal. */
void gyre__signals_forget(void);

/* Adds to a counter that other threads may read. */
static inline void gyre__count(atomic_uint_fast64_t *counter, uint64_t more)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + more,
                          memory_order_relaxed);
}

/* The loop that runs on this thread, NULL for none; no error text. */
gyre_loop *gyre__running_loop(void);

#endif
