/* loop/exception.c - telling someone what went wrong where nobody waits for an answer. */
#include "base/memory.h"
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

void gyre_loop_default_exception_handler(gyre_loop *loop, const gyre_exception_context *context)
{
    fprintf(stderr, "%s\n", context->message ? context->message : "Unhandled exception in event loop");
    if (context->exception < 0)
        print_exception(context);
    if (context->task)
        fprintf(stderr, "  task: %p\n", (void *)context->task);
    else if (context->future)
        fprintf(stderr, "  future: %p\n", (void *)context->future);
    if (context->transport)
        fprintf(stderr, "  transport: %p\n", (void *)context->transport);
    if (context->socket)
        fprintf(stderr, "  socket: %d\n", context->socket);
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

/* What the caller left out and the loop knows. */
static void fill_in(gyre_loop *loop, gyre_exception_context *context, gyre_handle *current)
{
    if (loop->current && !context->transport && !context->future && !context->task && !context->handle) {
        *current = gyre__ticket(loop, loop->current);
        context->handle = current;
        if (!context->message)
            context->message = "Exception in callback";
    }
    if (context->exception < 0 && !context->text)
        context->text = gyre_error_text();
}

void(gyre_loop_call_exception_handler)(gyre_loop *loop, const gyre_exception_context *context)
{
    gyre_exception_context filled = {0};
    gyre_handle current;
    char *text;

    memcpy(&filled, context, context->size < sizeof filled ? context->size : sizeof filled);
    fill_in(loop, &filled, &current);
    /* The handler may fail in something and so replace the sentence that it is told. */
    text = gyre__strdup(filled.text);
    filled.text = text;
    say(loop, &filled);
    free(text);
}
