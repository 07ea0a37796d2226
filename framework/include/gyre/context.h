/* gyre/context.h - context variables: values that belong to a chain of calls, not to a thread.
 *
 * Python: contextvars. Every callback runs in a copy of the context in which it was scheduled, every task in
 * one copy for life, a connection's protocol in a copy of the one in which it was made. Outside callbacks
 * each thread has a context of its own. A copy costs one pointer.
 */
#ifndef GYRE_CONTEXT_H
#define GYRE_CONTEXT_H

#include <gyre/named.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Frees an `arg` or a value: called exactly once, when nobody will look at it any more. */
typedef void (*gyre_release)(void *arg);

/* yours, static as a rule: a variable; its address is its identity. contextvars: ContextVar */
typedef struct gyre_context_var {
    const char *name;    /* for people */
    void *default_value; /* what get returns where nothing was set */
} gyre_context_var;

/* counted: a context that can be entered, looked at and handed on. One thread at a time may use it.
 * contextvars: Context */
typedef struct gyre_context gyre_context;

/* yours: what a variable held before a set; it must be given to gyre_context_var_reset, once. contextvars:
 * Token */
typedef struct gyre_context_token {
    struct gyre__binding *before; /* the earlier value, NULL: there was none */
} gyre_context_token;

/* Options of a set. */
typedef struct gyre_context_var_options {
    size_t size;               /* sizeof this struct, filled in by the macro */
    gyre_release release;      /* frees the value when the last context has lost it, on whichever thread that
                                  happens; default: not the contexts' to free */
    gyre_context_token *token; /* where to keep the earlier value; default: nowhere */
} gyre_context_var_options;

/* The variable's value in the current context, lent as long as it is not set again; else its default. [any
 * thread] contextvars: ContextVar.get */
void *gyre_context_var_get(const gyre_context_var *var);

/* Sets the variable in the current context, and in no copy of it. [any thread] contextvars: ContextVar.set */
void gyre_context_var_set(const gyre_context_var *var, void *value, const gyre_context_var_options *options);
#define gyre_context_var_set(var, ...) \
    gyre_context_var_set(var, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_context_var_options, __VA_ARGS__))

/* Gives the variable back the value that it had before the set which filled the token, in the current
 * context. [any thread] contextvars: ContextVar.reset */
void gyre_context_var_reset(const gyre_context_var *var, gyre_context_token *token);

/* An empty context. [any thread] [new ref] contextvars: Context() */
gyre_context *gyre_context_new(void);

/* A copy of the current context. [any thread] [new ref] contextvars: copy_context */
gyre_context *gyre_copy_context(void);

/* A copy of a context. [any thread] [new ref] contextvars: Context.copy */
gyre_context *gyre_context_copy(const gyre_context *context);

/* The variable's value in a context, else its default; lent. [any thread] contextvars: Context.get */
void *gyre_context_get(const gyre_context *context, const gyre_context_var *var);

/* How many variables have a value there. [any thread] contextvars: len(context) */
size_t gyre_context_len(const gyre_context *context);

/* Calls fn(arg) with the context as the current one, which keeps what fn sets, and returns what it returns.
 * GYRE_ERUNTIME when somebody is inside it already. [any thread] contextvars: Context.run */
int gyre_context_run(gyre_context *context, int (*fn)(void *arg), void *arg);

/* Takes one more reference; NULL stays NULL. [any thread] [new ref] */
gyre_context *gyre_context_ref(gyre_context *context);

/* Gives a reference back. [any thread] */
void gyre_context_unref(gyre_context *context);

#ifdef __cplusplus
}
#endif

#endif
