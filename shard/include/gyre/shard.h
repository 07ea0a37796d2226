/* gyre/shard.h - many loops in one process: one for each core, sharing nothing, and the calls between them.
 *
 * A shard is a thread with a loop. gyre_run_sharded runs one main on each; calls between shards are messages
 * that leave once a turn.
 */
#ifndef GYRE_SHARD_H
#define GYRE_SHARD_H

#include <gyre/executor.h>
#include <gyre/run.h>
#include <gyre/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/* As many shards as CPUs: min(affinity mask, ceil(cgroup quota)). */
#define GYRE_ALL_CORES 0

/* How a sharded program runs. */
typedef struct gyre_sharded_options {
    size_t size;               /* sizeof this struct, filled in by the macro */
    gyre_loop_options *loop;   /* how each loop is made; default all defaults */
    gyre_executor *executor;   /* the shared default executor; default one of its own, joined at the end */
    unsigned executor_threads; /* most threads of that executor; default min(32, CPUs + 4) */

    /* GYRE_YES: each shard stays on one CPU of the affinity mask, if there are enough; GYRE_NO: never;
     * default: if there are exactly enough, since in a part of the mask other programs like this one would
     * choose the same CPUs. */
    int pin;

    /* GYRE_NO: accepted connections stay where the kernel put them; default GYRE_YES. */
    int balance;

    /* GYRE_NO: leave SIGINT and SIGTERM alone; default GYRE_YES: the first one cancels the mains and restores
     * the default actions; a handler that the program adds on shard 0 replaces this. */
    int signals;

    /* GYRE_YES: no start-up line on stderr; default GYRE_NO. */
    int quiet;

    /* GYRE_YES: debug mode on each loop, GYRE_NO: not; default as the loops' options say. */
    int debug;

    /* Seconds that a turn of a loop may take before it is told (gyre/stall.h); default as the loops' options
     * say. */
    double stall_limit;
} gyre_sharded_options;

/* Runs fn(arg) as the main task of each of `shards` loops (GYRE_ALL_CORES: one for each CPU) and returns an
 * exit status as gyre_run does. All shards are up before any main runs; a shard whose main returned 0 or more
 * serves calls until all mains are done; one that fails cancels the rest, and its error is the result. Then
 * what is left is cancelled and awaited, calls under way come home, and all loops close together. The calling
 * thread becomes shard 0. One run at a time; 1 also when not all shards can be made, which it says on stderr.
 */
int gyre_run_sharded(unsigned shards, gyre_coroutine fn, void *arg, const gyre_sharded_options *options);
#define gyre_run_sharded(shards, fn, ...) \
    gyre_run_sharded(shards, fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_sharded_options, __VA_ARGS__))

/* The number of this thread's shard, from 0; -1 outside a sharded run. [any thread] */
int gyre_shard_id(void);

/* How many shards run; 0 outside a sharded run. [any thread] */
int gyre_shard_count(void);

/* Options of a call to another shard. */
typedef struct gyre_shard_call_options {
    size_t size;    /* sizeof this struct, filled in by the macro */
    int run_inline; /* GYRE_YES: fn runs as a plain callback there (a table look-up); default: as a task,
                       which may await */
} gyre_shard_call_options;

/* Runs fn(arg) on a shard, this one included, and returns its code, with its sentence. arg may lie on the
 * caller's stack: cancelling the call cancels the far task, and the call returns when that has ended, as if
 * it were awaited here. Waits while 65536 messages to that shard are under way. GYRE_EVALUE: no such shard;
 * GYRE_ERUNTIME: this thread is no shard; GYRE_EAWAIT: in a plain callback; GYRE_ELOOPCLOSED: all mains are
 * done; fn did not run, or was cancelled for that. [suspends] */
int gyre_shard_call(int shard, gyre_coroutine fn, void *arg, const gyre_shard_call_options *options);
#define gyre_shard_call(shard, fn, ...) \
    gyre_shard_call(shard, fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_shard_call_options, __VA_ARGS__))

/* Runs fn(arg) as a task on a shard and gives a future of its code here, for callers that may not wait. arg
 * must be on the heap; release runs on the far loop. Cancelling the future cancels the far task.
 * GYRE_EQUEUEFULL, GYRE_EVALUE, GYRE_ERUNTIME, GYRE_ELOOPCLOSED as above; then arg is released here.
 * [new ref] in *future (may be NULL) */
int gyre_shard_submit(int shard, gyre_future **future, gyre_coroutine fn, void *arg,
                      const gyre_call_options *options);
#define gyre_shard_submit(shard, future, fn, ...)                  \
    gyre_shard_submit(shard, future, fn, GYRE__FIRST(__VA_ARGS__), \
                      GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* Calls fn(arg) as a plain callback on a shard, one way. From a shard it leaves with the turn; from other
 * threads at once. FIFO between two shards. GYRE_EQUEUEFULL, GYRE_EVALUE, GYRE_ELOOPCLOSED; then arg is
 * released here. [any thread] */
int gyre_shard_post(int shard, gyre_callback fn, void *arg, const gyre_call_options *options);
#define gyre_shard_post(shard, fn, ...) \
    gyre_shard_post(shard, fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* What gyre_shard_map calls on each shard: `part` is that shard's own place in the caller's array. */
typedef int (*gyre_shard_part)(void *arg, void *part);

/* Runs fn(arg, part) on every shard at once and returns when all have ended: 0, or the first failure in shard
 * order. `parts` is an array of gyre_shard_count() places of `part_size` bytes; fn fills its own. [suspends]
 */
int gyre_shard_map(void *parts, size_t part_size, gyre_shard_part fn, void *arg);

/* What one shard is doing. */
typedef struct gyre_shard_stats {
    size_t connections;   /* accepted connections alive on this shard */
    uint64_t accepted;    /* connections accepted by this shard's listeners */
    uint64_t handed_off;  /* accepted connections that it gave to another shard */
    uint64_t handed_over; /* connections that it got from others */
    uint64_t posted;      /* messages that it sent to shards: calls, posts, connections */
    gyre_loop_stats loop; /* its loop's counters */
} gyre_shard_stats;

/* Reads a shard's counters; each number is right at some moment. GYRE_EVALUE: no such shard. [any thread] */
int gyre_shard_get_stats(int shard, gyre_shard_stats *stats);

/* How uneven the connections lie: max / mean over the shards, 1 when all are even or none is there. [any
 * thread] */
double gyre_shard_imbalance(void);

/* The executor that all shards share, lent; NULL outside a sharded run. [any thread] */
gyre_executor *gyre_shard_executor(void);

#ifdef __cplusplus
}
#endif

#endif
