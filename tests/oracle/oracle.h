/* oracle.h - how a program of this folder runs, and the few things that most of them do.
 *
 * A program is `oracle_NNN` on one loop and `oracle_NNN --shard` on shard 1 of 2; it prints the same bytes in
 * both.
 */
#ifndef GYRE_TESTS_ORACLE_H
#define GYRE_TESTS_ORACLE_H

#include "pyrepr.h"
#include <gyre/gyre.h>

enum {
    ORACLE_KEY_ERROR = GYRE_EUSER /* Python's KeyError, a program's own error in C */
};

/* Runs a coroutine as the main of its own loop, or of shard 1 of 2. Python: asyncio.run(main()) */
int oracle_run(int argc, char **argv, gyre_coroutine fn);

/* Runs a function that makes its own loops: here, or on a thread of the shared executor that shard 1 of 2
 * waits for, while both shards run. */
int oracle_script(int argc, char **argv, void (*script)(void));

/* True when the word is among the program's arguments. */
bool oracle_asked(int argc, char **argv, const char *word);

/* A callback that prints its arg, a string. Python: print */
void oracle_say(void *text);

/* A callback that stops its arg, a loop. Python: loop.stop */
void oracle_stop(void *loop);

/* A socketpair of streams. */
void oracle_socketpair(int pair[2]);

/* The name of an exception's class, the programs' own included. */
const char *oracle_name(int err);

/* What str() of the exception would say: the sentence of the last failure, else the code's. */
const char *oracle_str(int err);

/* The repr of the last exception: ValueError('boom'); None for 0. */
const char *oracle_repr(int err);

#endif
