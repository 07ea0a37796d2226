/* task/coro.h - stackful coroutines: a function that can stop in the middle and go on later.
 *
 * Called by task.c alone. A coroutine is resumed from any stack of its loop's thread, also from another coroutine, and gives
 * control back to the one that resumed it. It knows no loops and no futures.
 */
#ifndef GYRE__CORO_H
#define GYRE__CORO_H

#include "task/stack.h"
#include <stdbool.h>

/* One coroutine. Zeroed memory is a coroutine that was never started. */
struct gyre__coro {
    void *context;             /* the saved stack pointer while it is suspended */
    void *caller;              /* the saved stack pointer of who resumed it, while it runs */
    struct gyre__stack *stack; /* what it runs on; NULL before start and after the end */
    void (*fn)(void *arg);     /* its body */
    void *arg;                 /* for the body */
    const char *name;          /* printed when it overflows its stack; lent, may be NULL */
    struct gyre__coro *outer;  /* the coroutine that resumed it, NULL for the thread's own stack */
    void *sanitizer[4];        /* what ASan and TSan must be told at each switch */
};

/* Prepares fn(arg) on a stack of the pool. -ENOMEM: no stack. Nothing runs yet. */
int gyre__coro_start(struct gyre__coro *coro, struct gyre__stack_pool *pool, void (*fn)(void *arg), void *arg);

/* Runs the coroutine until it suspends or its body returns; true while there is more to run. errno is saved and restored across. */
bool gyre__coro_resume(struct gyre__coro *coro);

/* From inside the running coroutine: goes back to who resumed it, returns at the next resume. */
void gyre__coro_suspend(struct gyre__coro *coro);

/* Gives the stack of an ended, or never resumed, coroutine back to its pool. */
void gyre__coro_finish(struct gyre__coro *coro, struct gyre__stack_pool *pool);

/* The coroutine that runs on this thread, NULL on the thread's own stack. */
struct gyre__coro *gyre__coro_current(void);

/* Installs the process-wide handler that names the coroutine whose guard was hit, and an alternate signal stack for this thread. */
void gyre__coro_catch_overflow(void);

#endif
