/* oracle.h - how a program of this folder runs, and the few things that most of them do.
 *
 * A program is `oracle_NNN` on one loop and `oracle_NNN --shard` on shard 1 of 2; with --uv on libuv's
 * driver, with --sim in virtual time. It prints the same bytes in all.
 */
#ifndef GYRE_TESTS_ORACLE_H
#define GYRE_TESTS_ORACLE_H

#include "pyrepr.h"
#include <gyre/gyre.h>

enum {
    ORACLE_KEY_ERROR = GYRE_EUSER /* Python's KeyError, a program's own error in C */
};

/* The driver that the program was asked to run on. */
extern gyre_driver_kind oracle_driver;

/* The loops that programs make themselves stand on it, too. */
#undef gyre_new_event_loop
#define gyre_new_event_loop(...) gyre_loop_new(.driver = oracle_driver, __VA_ARGS__)

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

/* Awaits a future, gives the reference back, and returns the outcome. [suspends] Python: await */
int oracle_await(gyre_future *future);

/* A pair of connected stream sockets, both blocking. Python: socket.socketpair */
void oracle_socketpair(int pair[2]);

/* Makes a connection on one end of a new socketpair and returns the other end. [suspends] [new ref] in
 * *transport. Python: create_connection(factory, sock=a) */
int oracle_connect(gyre_transport **transport, const gyre_protocol *protocol, void *arg);

/* Blocking work: reads its arg, a pointer to a socket, until the peer ends or breaks it, and returns how many
 * bytes came. */
int oracle_drain(void *sock);

/* A protocol's create for programs that pass `self` as the .arg. */
void *oracle_self(void *arg);

/* The name of an exception's class, the programs' own included. */
const char *oracle_name(int err);

/* What str() of the exception would say: the sentence of the last failure, else the code's; None for 0. */
const char *oracle_str(int err);

/* The repr of the last exception: ValueError('boom'); None for 0. */
const char *oracle_repr(int err);

#endif
