/* base/context.c - context variables over immutable maps. */
#include "base/context.h"
#include "base/check.h"
#include "base/memory.h"
#include "base/options.h"
#include <gyre/error.h>
#include <pthread.h>

__thread struct gyre__vars *gyre__vars_current;
__thread struct gyre__vars gyre__vars_own;

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void leave_thread(void *own)
{
    gyre__vars_clear(own);
}

static void make_key(void)
{
    GYRE__CHECK(!pthread_key_create(&key, leave_thread), "no thread key is left");
}

/* The context that a word names, NULL for none. */
static gyre_context *context_in(const struct gyre__vars *vars)
{
    return vars->word & 1 ? (gyre_context *)(vars->word - 1) : NULL;
}

/* The word that holds the map itself. */
static struct gyre__vars *holder(struct gyre__vars *vars)
{
    gyre_context *context = context_in(vars);

    return context ? &context->vars : vars;
}

static struct gyre__map *map_in(const struct gyre__vars *vars)
{
    const gyre_context *context = context_in(vars);

    return (struct gyre__map *)(context ? context->vars.word : vars->word);
}

uintptr_t gyre__vars_share(const struct gyre__vars *vars)
{
    return (uintptr_t)gyre__map_ref(map_in(vars));
}

/* The word is empty before the map goes: a release may look for variables. */
void gyre__vars_drop(struct gyre__vars *vars)
{
    struct gyre__vars dropped = *vars;

    vars->word = 0;
    if (context_in(&dropped))
        gyre_context_unref(context_in(&dropped));
    else
        gyre__map_unref(map_in(&dropped));
}

gyre_context *gyre__vars_context(struct gyre__vars *vars)
{
    gyre_context *context = context_in(vars);

    if (context)
        return context;
    context = gyre_context_new();
    context->vars = *vars;
    vars->word = (uintptr_t)context + 1;
    return context;
}

/* What is to be changed now. A thread's own map goes with the thread. */
static struct gyre__vars *current(void)
{
    if (!gyre__vars_current) {
        pthread_once(&once, make_key);
        pthread_setspecific(key, &gyre__vars_own);
    }
    return gyre__vars_now();
}

static void *look_up(const struct gyre__vars *vars, const gyre_context_var *var)
{
    struct gyre__binding *binding = gyre__map_find(map_in(vars), var);

    return binding ? binding->value : var->default_value;
}

static void put(const gyre_context_var *var, struct gyre__binding *binding)
{
    struct gyre__vars *vars = holder(current());
    struct gyre__map *before = map_in(vars);

    vars->word = (uintptr_t)gyre__map_change(before, var, binding);
    gyre__map_unref(before);
}

void *gyre_context_var_get(const gyre_context_var *var)
{
    return look_up(gyre__vars_now(), var);
}

void(gyre_context_var_set)(const gyre_context_var *var, void *value, const gyre_context_var_options *given)
{
    gyre_context_var_options options = {0};

    gyre__options_fill(&options, sizeof options, given);
    if (options.token)
        options.token->before = gyre__binding_ref(gyre__map_find(map_in(gyre__vars_now()), var));
    put(var, gyre__binding_new(var, value, options.release));
}

void gyre_context_var_reset(const gyre_context_var *var, gyre_context_token *token)
{
    GYRE__CHECK(!token->before || token->before->var == var, "the token is of another variable");
    put(var, token->before);
    token->before = NULL;
}

gyre_context *gyre_context_new(void)
{
    gyre_context *context = gyre__calloc(sizeof *context);

    atomic_init(&context->references, 1);
    return context;
}

gyre_context *gyre_copy_context(void)
{
    gyre_context *context = gyre_context_new();

    context->vars = gyre__vars_capture();
    return context;
}

gyre_context *gyre_context_copy(const gyre_context *context)
{
    gyre_context *copy = gyre_context_new();

    copy->vars.word = gyre__vars_share(&context->vars);
    return copy;
}

void *gyre_context_get(const gyre_context *context, const gyre_context_var *var)
{
    return look_up(&context->vars, var);
}

size_t gyre_context_len(const gyre_context *context)
{
    return context->vars.word ? map_in(&context->vars)->count : 0;
}

int gyre_context_run(gyre_context *context, int (*fn)(void *arg), void *arg)
{
    struct gyre__vars *outer;
    int code;

    if (context->entered)
        return gyre_error_set(GYRE_ERUNTIME, "cannot enter context: it is already entered");
    context->entered = true;
    outer = gyre__vars_switch(&context->vars);
    code = fn(arg);
    gyre__vars_switch(outer);
    context->entered = false;
    return code;
}

gyre_context *gyre_context_ref(gyre_context *context)
{
    if (context)
        atomic_fetch_add_explicit(&context->references, 1, memory_order_relaxed);
    return context;
}

void gyre_context_unref(gyre_context *context)
{
    if (!context || atomic_fetch_sub_explicit(&context->references, 1, memory_order_acq_rel) != 1)
        return;
    gyre__vars_clear(&context->vars);
    free(context);
}
