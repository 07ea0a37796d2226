/* task/concurrent.h - the inside of a concurrent future: an outcome behind a lock.
 *
 * Called by threadsafe.c, whose futures are one and more, and wrap.c. The outcome is set once, under the
 * lock: who has seen the future done may read it without.
 */
#ifndef GYRE__CONCURRENT_H
#define GYRE__CONCURRENT_H

#include <gyre/thread.h>
#include <pthread.h>
#include <stdatomic.h>

/* Pending, perhaps running, then one of the others for good. */
enum gyre__concurrent_state {
    GYRE__CONCURRENT_PENDING,
    GYRE__CONCURRENT_RUNNING,
    GYRE__CONCURRENT_CANCELLED,
    GYRE__CONCURRENT_FINISHED
};

/* What differs between a plain one and one with a task behind it. */
struct gyre__concurrent_class {
    void (*cancelled)(gyre_concurrent_future *future); /* told by gyre_concurrent_future_cancel */
    void (*destroy)(gyre_concurrent_future *future);   /* frees the memory; the base is cleared already */
};

/* What a future ends with. */
struct gyre__outcome {
    int code;             /* 0 or more, or the exception */
    char *text;           /* its sentence, malloc'd, or NULL */
    void *value;          /* the result's pointer */
    gyre_release release; /* frees value, or NULL */
};

struct gyre_concurrent_future {
    const struct gyre__concurrent_class *class; /* what it is */
    atomic_uint references;                     /* users, and who is to complete it */
    pthread_mutex_t lock;                       /* guards all below */
    pthread_cond_t changed;                     /* told when done */
    enum gyre__concurrent_state state;          /* how far it is */
    struct gyre__outcome outcome;               /* once it is done */
    struct gyre__concurrent_call *calls;        /* done-callbacks, oldest first */
};

/* True when it has its outcome. Called with the lock. */
static inline bool gyre__concurrent_done(const gyre_concurrent_future *future)
{
    return future->state >= GYRE__CONCURRENT_CANCELLED;
}

/* Fills the base of a future in zeroed memory, with one reference. */
void gyre__concurrent_init(gyre_concurrent_future *future, const struct gyre__concurrent_class *class);

/* Gives it an outcome, which it takes over, and calls the callbacks; false, and the outcome is still the
 * caller's, when it has one, or when it is to be cancelled and runs. [any thread] */
bool gyre__concurrent_settle(gyre_concurrent_future *future, enum gyre__concurrent_state state,
                             struct gyre__outcome outcome);

#endif
