/* task/runner.h - what gyre_run and gyre_run_sharded share: signals, leftovers, the exit status. */
#ifndef GYRE__RUNNER_H
#define GYRE__RUNNER_H

#include <gyre/loop.h>

struct gyre__interrupt;

/* One signal that ends a program. */
struct gyre__interrupt_signal {
    struct gyre__interrupt *interrupt; /* whose */
    int number;                        /* SIGINT or SIGTERM */
    bool ours;                         /* our handler is the one that is set */
};

/* The first SIGINT or SIGTERM that comes to a program which neither ignores nor handles it. */
struct gyre__interrupt {
    gyre_loop *loop;                          /* whose thread hears of it */
    gyre_callback fn;                         /* what to call, once */
    void *arg;                                /* for fn */
    int signal;                               /* what came, 0 for nothing */
    struct gyre__interrupt_signal signals[2]; /* SIGINT and SIGTERM */
};

/* From now on the first signal restores the default actions, so that a second one ends even a stuck program,
 * and calls fn(arg) on the loop. A handler that the program sets itself replaces ours. */
void gyre__interrupt_begin(struct gyre__interrupt *interrupt, gyre_loop *loop, gyre_callback fn, void *arg);

/* Restores the actions that are still ours. */
void gyre__interrupt_end(struct gyre__interrupt *interrupt);

/* Cancels and awaits the tasks that are left on a loop that does not run, and reports those that fail. */
void gyre__cancel_leftovers(gyre_loop *loop);

/* The exit status for a main's code and the signal that cancelled it (0: none); prints an error on stderr. */
int gyre__exit_status(int code, int signal);

#endif
