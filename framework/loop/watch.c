/* loop/watch.c - in debug mode: calls that take too long, by name. */
#include "base/symbol.h"
#include "loop/loop.h"
#include <stdio.h>

void gyre__call_who(const gyre_loop *loop, const struct gyre__call *call, struct gyre__who *who)
{
    *who = (struct gyre__who){0};
    if (loop->words && loop->words->step(call, who))
        return;
    who->object = call->kind == GYRE__CALL_FOREIGN ? NULL : call;
    who->fn = call->kind == GYRE__CALL_DONE ? (uintptr_t)call->done : (uintptr_t)call->fn;
}

static void report(gyre_loop *loop, const struct gyre__who *who, const char *kind, int64_t took)
{
    char function[96], message[256];

    gyre__symbol(who->fn, function, sizeof function);
    snprintf(message, sizeof message, "Executing <%s %s%s%s> took %.3f seconds", who->is_task ? "Task" : kind,
             who->name, who->is_task ? " " : "", function, (double)took / 1e9);
    gyre_loop_call_exception_handler(loop, .message = message);
}

static void judge(gyre_loop *loop, const struct gyre__who *who, const char *kind, int64_t began)
{
    int64_t took = gyre__loop_clock(loop) - began;

    if (took >= loop->slow && gyre_loop_get_debug(loop))
        report(loop, who, kind, took);
}

void gyre__watch_end(gyre_loop *loop, uintptr_t fn, int64_t began)
{
    judge(loop, &(struct gyre__who){.fn = fn}, "Handle", began);
}

/* The call is gone afterwards, its task perhaps too. */
void gyre__call_watch(gyre_loop *loop, struct gyre__call *call, const char *kind)
{
    struct gyre__who who;
    int64_t began;

    gyre__call_who(loop, call, &who);
    began = gyre__loop_clock(loop);
    gyre__call_run(loop, call);
    /* The context went with the call. */
    gyre__vars_switch(NULL);
    judge(loop, &who, kind, began);
}
