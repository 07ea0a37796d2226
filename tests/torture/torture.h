/* torture.h - a cancel at every place where one can come.
 *
 * A scenario starts a few tasks that share something. It is played again and again on a loop in virtual time,
 * one callback at a time: a run for each task and each callback before which that task can be cancelled,
 * then with every two or three such cancels; and one run for each callback before which the loop can be
 * closed. After each run all tasks must have ended, those cancelled as cancelled ones, and what they shared
 * must be as free as it was.
 */
#ifndef GYRE_TESTS_TORTURE_H
#define GYRE_TESTS_TORTURE_H

#include <gyre/gyre.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is played. */
struct torture {
    const char *name;
    void (*begin)(void);  /* makes what is shared and starts the tasks */
    void (*settle)(void); /* nothing can happen any more, but tasks wait: checks that none of them waits for
                             what is there, and lets go who waits for what a cancelled one owed. NULL: none
                             may be waiting then */
    void (*end)(bool whole); /* all tasks have ended: checks and frees what they shared. False: the loop was
                                closed under them */
    unsigned cancels;        /* how many in one run: 1 to 3 */
    bool swallows;           /* a cancelled task may end in another way */
};

/* The loop of the run. */
extern gyre_loop *torture_loop;

/* Starts a task that is cancelled at times, or one that is never, which is lent. */
void torture_start(gyre_coroutine fn, void *arg);
gyre_task *torture_start_safe(gyre_coroutine fn, void *arg);

/* Ends the program with these words, and those that play this run again, unless it holds. */
void torture_check(bool holds, const char *words);

/* In a task whose wait may have been cancelled: then somebody must have asked for that. The second: the plan
 * has, and nobody else. Both return the code. */
int torture_expect_request(int err);
int torture_expect_victim(int err);

/* True when the plan has cancelled the running task. */
bool torture_is_victim(void);

/* Plays the scenarios: the main of each program. `PROGRAM NAME STEP:TASK...` plays one run. */
int torture_play(int argc, char **argv, const struct torture *scenarios, size_t count);

#endif
