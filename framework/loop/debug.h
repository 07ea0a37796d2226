/* loop/debug.h - debug mode: who calls from the wrong thread, which callback takes too long, who made what.
 *
 * Off, it is one bit in the word that says whether the loop is closed. The task floor tells what it knows of
 * tasks by struct gyre__task_words.
 */
#ifndef GYRE__DEBUG_H
#define GYRE__DEBUG_H

#include "loop/handle.h"
#include <stdbool.h>

/* What gyre_loop.flags may hold. */
enum { GYRE__LOOP_CLOSED = 1, GYRE__LOOP_DEBUG = 2 };

/* When a callback is slow, unless the program says otherwise: 0.1 s, in nanoseconds. */
enum { GYRE__SLOW = 100000000 };

/* Who a call is, kept beyond its end. */
struct gyre__who {
    const void *object; /* what gyre__source_words knows it by, or NULL */
    uintptr_t fn;       /* the function, a task's body */
    bool is_task;       /* a step of a task */
    char name[64];      /* the task's name */
};

/* How the task floor speaks of its things. */
struct gyre__task_words {
    /* Says whose step the call is; false: of no task. */
    bool (*step)(const struct gyre__call *call, struct gyre__who *who);
    /* The task's name and body; false: a future that is no task. */
    bool (*task)(const gyre_future *future, struct gyre__who *who);
    /* The context that the task runs in; NULL: a future that is no task. */
    struct gyre__vars *(*vars)(gyre_future *future);
    /* The name of the task that runs on this thread, "" for none. May be called in signal handlers. */
    void (*running)(char *name, size_t size);
};

/* True when the environment asks for debug mode. */
bool gyre__debug_wanted(void);

/* In debug mode, called on another thread than the one that runs the loop: GYRE_EWRONGTHREAD, with its
 * sentence. Else 0. [any thread] */
int gyre__loop_check_thread(const gyre_loop *loop);

/* The same, and GYRE_ELOOPCLOSED. */
int gyre__loop_check(const gyre_loop *loop);

/* The same, and GYRE_ETYPE when there is nothing to call; `name` is asyncio's of the function that asks. */
int gyre__loop_check_call(const gyre_loop *loop, gyre_callback fn, const char *name);

/* Aborts with a sentence where gyre__loop_check would find the wrong thread. */
void gyre__loop_assert_thread(const gyre_loop *loop);

/* gyre_loop_call_soon on a closed loop or in debug mode. It has this name so that gyre__backtrace_words knows
 * it for ours. */
gyre_handle gyre__call_soon_guarded(gyre_loop *loop, gyre_callback fn, void *arg,
                                    const gyre_call_options *options) __attribute__((cold, noinline));

/* gyre__call_run under observation; kind is asyncio's class of the handle. */
void gyre__call_watch(gyre_loop *loop, struct gyre__call *call, const char *kind);

/* For what the loop calls from a poll: tells that `fn`, called at `began` of the loop's clock, took too long,
 * if it did. */
void gyre__watch_end(gyre_loop *loop, uintptr_t fn, int64_t began);

/* Says who the call is. */
void gyre__call_who(const gyre_loop *loop, const struct gyre__call *call, struct gyre__who *who);

/* Remembers who called for this object (a call, a future) to be made; a later one at the same address
 * replaces it. Only in debug mode; see gyre__source_note. */
void gyre__source_remember(gyre_loop *loop, const void *object);

/* Where the object was made, "fetch < serve"; false when nobody knows. */
bool gyre__source_words(const gyre_loop *loop, const void *object, char *words, size_t size);

/* The memory of who made what; freeing NULL is fine. */
struct gyre__sources *gyre__sources_new(void);
void gyre__sources_free(struct gyre__sources *sources);

#endif
