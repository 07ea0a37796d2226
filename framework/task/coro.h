/* task/coro.h - stackful coroutines: a function that can stop in the middle and go on later.
 *
 * Called by task.c alone. A coroutine is resumed from any stack of its loop's thread, also from another
 * coroutine, and gives control back to the one that resumed it. It knows no loops and no futures.
 */
#ifndef GYRE__CORO_H
#define GYRE__CORO_H

#include "task/stack.h"
#include <stdbool.h>
#include <stdint.h>

/* One coroutine. Zeroed memory is a coroutine that was never started; a started one must not move. */
struct gyre__coro {
    void *context;             /* where it goes on; NULL while it runs and after its end */
    void *caller;              /* where the one that resumed it goes on; NULL before the first resume */
    struct gyre__stack *stack; /* what it runs on; NULL before start and after finish */
    void (*fn)(void *arg);     /* its body */
    void *arg;                 /* for the body */
    const char *name;          /* said when it overflows its stack; lent; NULL: "Task-<number>" */
    uint64_t number;           /* for its name; start leaves both alone */
    struct gyre__coro *outer;  /* the coroutine that resumed it, NULL for the thread's own stack */
    int own_errno;             /* its errno while it is suspended, 0 at its start */
    int outer_errno;           /* the errno of the one that resumed it, while it runs */
};

/* Prepares fn(arg) on a stack of the pool. -ENOMEM: no stack. Nothing runs yet. */
int gyre__coro_start(struct gyre__coro *coro, struct gyre__stack_pool *pool, void (*fn)(void *arg),
                     void *arg);

/* Runs the coroutine until it suspends or its body returns; true while there is more to run. Each side keeps
 * its own errno. */
bool gyre__coro_resume(struct gyre__coro *coro);

/* From inside the running coroutine: goes back to who resumed it, returns at the next resume. */
void gyre__coro_suspend(struct gyre__coro *coro);

/* Gives the stack of an ended, or never resumed, coroutine back to its pool. */
void gyre__coro_finish(struct gyre__coro *coro, struct gyre__stack_pool *pool);

/* The coroutine that runs on this thread, NULL on the thread's own stack. May be called in signal handlers.
 */
struct gyre__coro *gyre__coro_current(void);

/* From now on an overflow of a coroutine of this thread prints its name and its stack's size on stderr and
 * aborts. Other faults go to the handler that was installed before. The first resume on a thread calls it. */
void gyre__coro_catch_overflow(void);

#endif
