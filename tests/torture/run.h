/* run.h - one run of a scenario: what the plays of play.c are made of. */
#ifndef GYRE_TESTS_TORTURE_RUN_H
#define GYRE_TESTS_TORTURE_RUN_H

#include "torture.h"

enum { MOST_CANCELS = 4 };

/* A cancel: before which callback, and whom; and what came of it. */
struct cancel {
    unsigned step;  /* after so many callbacks */
    unsigned task;  /* which of the tasks that can be cancelled then, oldest first */
    unsigned tasks; /* how many there were */
    bool reached;   /* the run came so far */
};

struct plan {
    struct cancel cancels[MOST_CANCELS]; /* in the order of their steps */
    size_t count;                        /* how many */
    bool close;                          /* instead, the loop closes at the first one's step */
};

/* Makes the loop for runs, and closes it. */
void torture_open(void);
void torture_close(void);

/* Plays the scenario once. After a run that closes it, the loop is good for no other. */
void torture_run(const struct torture *scenario, struct plan *plan);

#endif
