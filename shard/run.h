/* run.h - the inside of a sharded run: its shards, and the little that they share.
 *
 * One struct gyre__run a process, on the stack of gyre_run_sharded. What is under `lock` any shard may touch;
 * a shard's own fields belong to its thread; counters are atomics that others may read.
 */
#ifndef GYRE__RUN_H
#define GYRE__RUN_H

#include "base/list.h"
#include "loop/loop.h"
#include "task/runner.h"
#include <gyre/shard.h>
#include <sched.h>

struct gyre__outbox;

/* What every shard is told once, by a letter of its own. */
enum gyre__order {
    GYRE__ORDER_CANCEL, /* cancel your main */
    GYRE__ORDER_FINISH, /* all mains are done: end what is left */
    GYRE__ORDER_CLOSE,  /* all calls are home: close */
    GYRE__ORDERS
};

/* How far a shard is; see the protocol in life.c. */
enum gyre__stage {
    GYRE__SERVING,   /* calls come and go */
    GYRE__FINISHING, /* calls are refused, those under way come home; posts still pass */
    GYRE__CLOSING    /* nothing passes */
};

/* One shard. */
struct gyre__shard {
    struct gyre__run *run;                  /* its run */
    int id;                                 /* its number */
    pthread_t thread;                       /* who runs it; shard 0 has the caller's */
    gyre_loop *loop;                        /* a reference, NULL before it is up */
    struct gyre__outbox *outboxes;          /* one for each shard */
    gyre_task *main;                        /* a reference; NULL once it was heard of */
    enum gyre__stage stage;                 /* how far it is */
    size_t away;                            /* envelopes that must come home */
    bool waiting_home;                      /* the loop runs for nothing else */
    bool told[GYRE__ORDERS];                /* orders that came */
    struct gyre__call orders[GYRE__ORDERS]; /* their letters */

    _Alignas(64) atomic_size_t load;  /* connections alive here, and those on their way here */
    atomic_size_t outside;            /* posts under way from threads that are no shards */
    atomic_uint_fast64_t posted;      /* messages sent */
    atomic_uint_fast64_t handed_off;  /* connections given away */
    atomic_uint_fast64_t handed_over; /* connections got */
};

/* A whole run. */
struct gyre__run {
    gyre_sharded_options options;     /* as asked, zero for what was not */
    gyre_coroutine fn;                /* the main */
    void *arg;                        /* for it */
    int count;                        /* shards */
    struct gyre__shard *shards;       /* they */
    gyre_executor *executor;          /* a reference: shared by all */
    gyre_cpus cpus;                   /* what there is to run on */
    cpu_set_t mask;                   /* the caller's affinity */
    bool pin;                         /* each shard gets a CPU of it */
    struct gyre__interrupt interrupt; /* signals, on shard 0 */

    pthread_mutex_t lock;     /* guards the rest */
    pthread_cond_t changed;   /* arrived == expected */
    int expected, arrived;    /* shards that come up, and that are up or failed */
    bool up;                  /* all shards are */
    int mains;                /* mains that are not done */
    int busy;                 /* shards whose calls are not all home */
    bool cancelling;          /* the mains were told to end */
    bool obeyed;              /* and one ended so */
    bool impatient;           /* a job outlasted the time that its shard gave it */
    int code;                 /* the first failure */
    char *text;               /* its sentence */
    struct gyre__list groups; /* struct gyre__group: addresses that shards share */
};

/* The shard of this thread, NULL for none. */
struct gyre__shard *gyre__shard_here(void);

/* Makes `shard` this thread's. */
void gyre__shard_set_here(struct gyre__shard *shard);

/* Claims the process for a run; false when there is one. */
bool gyre__run_claim(void);

/* Lets all threads see the run. */
void gyre__run_publish(struct gyre__run *run);

/* Ends both, when nobody looks at it any more. */
void gyre__run_withdraw(void);

/* The process's run, which stays until gyre__run_let_go is called; NULL for none, and then there is nothing
 * to let go. [any thread] */
struct gyre__run *gyre__run_hold(void);
void gyre__run_let_go(void);

/* Tells every shard. */
void gyre__run_order(struct gyre__run *run, enum gyre__order order);

/* The shard is up (0) or could not be made; waits for all others and returns the first failure. */
int gyre__run_arrive(struct gyre__run *run, int err);

/* A main is done: what came of it. */
void gyre__run_main_done(struct gyre__run *run, int code);

/* Cancels all mains, because of a signal: `run`. */
void gyre__run_interrupted(void *run);

/* A shard has nothing under way any more. */
void gyre__run_quiet(struct gyre__run *run);

/* The life of a shard, on its own thread, from making its loop to closing it. */
void gyre__shard_live(struct gyre__shard *shard);

/* Hooks the shard's loop to the others: listening, balance, the memory of calls. */
void gyre__shard_connect(struct gyre__shard *shard);

/* Pins this thread to the n-th CPU of the mask, which stays the caller's; pools that it makes get the whole
 * mask. */
void gyre__pin(const cpu_set_t *mask, int n);

/* Gives this thread the whole mask again. */
void gyre__unpin(const cpu_set_t *mask);

/* Gives this thread memory of its own, when jemalloc is there. Returns the arena it had, -1 for none. */
int gyre__arena_enter(void);

/* Goes back to it. */
void gyre__arena_leave(int before);

#endif
