/* base/context.h - the inside of contexts: who sees which variables.
 *
 * Whoever runs sees a `struct gyre__vars`, one word: nothing, a map, or a context of the program's that holds
 * a map. A copy of it is a pointer, a set replaces the map. Every floor that calls the program makes a word
 * current: a call its own, a task its own, a transport its own. Who uses no variables pays two loads.
 */
#ifndef GYRE__CONTEXT_H
#define GYRE__CONTEXT_H

#include "base/map.h"
#include <stdbool.h>
#include <stdint.h>

/* What somebody sees: 0 is nothing, an even word a map (a reference), an odd one a gyre_context (a reference,
 * plus one). */
struct gyre__vars {
    uintptr_t word;
};

struct gyre_context {
    atomic_uint references; /* users */
    bool entered;           /* somebody runs in it */
    struct gyre__vars vars; /* what it holds: nothing or a map */
};

/* What is current on this thread; NULL: the thread's own. */
extern __thread struct gyre__vars *gyre__vars_current __attribute__((tls_model("initial-exec")));

/* What this thread sees outside of calls and tasks. */
extern __thread struct gyre__vars gyre__vars_own __attribute__((tls_model("initial-exec")));

/* A reference to the map that is seen through a word that is not 0. */
uintptr_t gyre__vars_share(const struct gyre__vars *vars);

/* The word that is seen now. */
static inline struct gyre__vars *gyre__vars_now(void)
{
    return gyre__vars_current ? gyre__vars_current : &gyre__vars_own;
}

/* A copy of what is current. */
static inline struct gyre__vars gyre__vars_capture(void)
{
    const struct gyre__vars *now = gyre__vars_now();
    uintptr_t word = now->word;

    if (__builtin_expect(word != 0, 0))
        word = gyre__vars_share(now);
    return (struct gyre__vars){word};
}

/* The context itself, one more reference; NULL: a copy of what is current. */
static inline struct gyre__vars gyre__vars_of(gyre_context *context)
{
    if (__builtin_expect(!context, 1))
        return gyre__vars_capture();
    return (struct gyre__vars){(uintptr_t)gyre_context_ref(context) + 1};
}

/* Gives back what a word other than 0 refers to. */
void gyre__vars_drop(struct gyre__vars *vars);

/* The same for any word; it sees nothing afterwards. */
static inline void gyre__vars_clear(struct gyre__vars *vars)
{
    if (__builtin_expect(vars->word != 0, 0))
        gyre__vars_drop(vars);
}

/* Makes a word current, NULL the thread's own, and returns the one before, to be set back. */
static inline struct gyre__vars *gyre__vars_switch(struct gyre__vars *vars)
{
    struct gyre__vars *before = gyre__vars_current;

    gyre__vars_current = vars;
    return before;
}

/* The context behind a word, made now if it had only a map; lent. */
gyre_context *gyre__vars_context(struct gyre__vars *vars);

#endif
