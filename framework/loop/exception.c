/* loop/exception.c - telling someone what went wrong where nobody waits for an answer. */
#include "base/memory.h"
#include "base/options.h"
#include "base/symbol.h"
#include "loop/loop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gyre_loop_set_exception_handler(gyre_loop *loop, gyre_exception_handler handler, void *arg)
{
    loop->handler = handler;
    loop->handler_arg = arg;
}

gyre_exception_handler gyre_loop_get_exception_handler(const gyre_loop *loop)
{
    return loop->handler;
}

static void print_exception(const gyre_exception_context *context)
{
    const char *text = context->text && *context->text ? context->text : gyre_strerror(context->exception);

    fprintf(stderr, "  exception: %s (%d): %s\n", gyre_error_name(context->exception), context->exception,
            text);
}

/* A task has a name and a body, a future only an address. */
static void print_future(const gyre_loop *loop, const char *key, const gyre_future *future)
{
    struct gyre__who who = {0};
    char body[96];

    if (!loop->words || !loop->words->task(future, &who)) {
        fprintf(stderr, "  %s: %p\n", key, (const void *)future);
        return;
    }
    gyre__symbol(who.fn, body, sizeof body);
    fprintf(stderr, "  %s: %s %s %p\n", key, who.name, body, (const void *)future);
}

static void print_objects(const gyre_loop *loop, const gyre_exception_context *context)
{
    if (context->future && context->future != context->task)
        print_future(loop, "future", context->future);
    if (context->task)
        print_future(loop, "task", context->task);
    if (context->protocol)
        fprintf(stderr, "  protocol: %p\n", (const void *)context->protocol);
    if (context->transport)
        fprintf(stderr, "  transport: %p\n", (void *)context->transport);
    if (context->socket)
        fprintf(stderr, "  socket: %d\n", context->socket);
}

void gyre_loop_default_exception_handler(gyre_loop *loop, const gyre_exception_context *context)
{
    fprintf(stderr, "%s\n", context->message ? context->message : "Unhandled exception in event loop");
    if (context->exception < 0)
        print_exception(context);
    print_objects(loop, context);
    if (context->source)
        fprintf(stderr, "  made in: %s\n", context->source);
}

static void say(gyre_loop *loop, const gyre_exception_context *context)
{
    gyre_exception_context failed = {
        .size = sizeof failed, .message = "Unhandled error in exception handler", .exception = GYRE_ERUNTIME};

    if (!loop->handler) {
        gyre_loop_default_exception_handler(loop, context);
        return;
    }
    failed.exception = loop->handler(loop, context, loop->handler_arg);
    if (failed.exception >= 0)
        return;
    gyre_loop_default_exception_handler(loop, &failed);
    gyre_loop_default_exception_handler(loop, context);
}

/* The handler sees the variables of the task concerned; those of a callback are current already. */
static void say_inside(gyre_loop *loop, const gyre_exception_context *context)
{
    gyre_future *task = context->task ? context->task : context->future;
    struct gyre__vars *vars = task && loop->words ? loop->words->vars(task) : NULL;
    struct gyre__vars *outer;

    if (!vars) {
        say(loop, context);
        return;
    }
    outer = gyre__vars_switch(vars);
    say(loop, context);
    gyre__vars_switch(outer);
}

/* A context as the handler gets it: what the caller left out and the loop knows is filled in here. */
struct report {
    gyre_exception_context context;
    gyre_handle handle; /* the call that runs */
    char message[128];  /* "Exception in callback" and its name */
    char source[256];   /* who made it */
};

static void name_call(gyre_loop *loop, struct report *report)
{
    struct gyre__who who;
    char name[96];

    gyre__call_who(loop, loop->current, &who);
    gyre__symbol(who.fn, name, sizeof name);
    snprintf(report->message, sizeof report->message, "Exception in callback %s", name);
    report->context.message = report->message;
}

static void fill_call(gyre_loop *loop, struct report *report)
{
    gyre_exception_context *context = &report->context;

    if (!loop->current || context->transport || context->future || context->task || context->handle)
        return;
    report->handle = gyre__ticket(loop, loop->current);
    context->handle = &report->handle;
    if (!context->message)
        name_call(loop, report);
}

static void fill_source(gyre_loop *loop, struct report *report)
{
    gyre_exception_context *context = &report->context;
    const void *object = context->task ? context->task : context->future;
    struct gyre__who who;

    if (!object)
        object = context->transport;
    if (context->handle == &report->handle) {
        gyre__call_who(loop, loop->current, &who);
        object = who.object;
    }
    if (!context->source && object && gyre__source_words(loop, object, report->source, sizeof report->source))
        context->source = report->source;
}

static void fill_in(gyre_loop *loop, struct report *report)
{
    fill_call(loop, report);
    fill_source(loop, report);
    if (report->context.exception < 0 && !report->context.text)
        report->context.text = gyre_error_text();
}

void(gyre_loop_call_exception_handler)(gyre_loop *loop, const gyre_exception_context *context)
{
    struct report report = {0};
    char *text;

    gyre__options_fill(&report.context, sizeof report.context, context);
    fill_in(loop, &report);
    /* The handler may fail in something and so replace the sentence that it is told. */
    text = gyre__strdup(report.context.text);
    report.context.text = text;
    say_inside(loop, &report.context);
    free(text);
}
