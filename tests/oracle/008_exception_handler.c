/* 008: a failing callback goes to the exception handler; the loop and the callbacks beside it go on. */
#include "oracle.h"

static void fail(void *loop)
{
    gyre_loop_call_exception_handler(loop, .exception = gyre_error_set(GYRE_EVALUE, "boom"));
}

static int print_context(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    /* As the original, without the callback's own name. */
    printf("handler: %s %.21s %s\n", oracle_name(context->exception), context->message,
           py_bool(context->handle != NULL));
    return 0;
}

static int fail_too(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    puts("bad handler");
    return gyre_error_set(GYRE_ERUNTIME, "in handler");
}

static void set_bad_handler(void *loop)
{
    gyre_loop_set_exception_handler(loop, fail_too, NULL);
}

static void call_directly(void *loop)
{
    gyre_loop_call_exception_handler(loop, .message = "direct");
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();

    gyre_loop_set_exception_handler(loop, print_context, NULL);
    gyre_loop_call_soon(loop, fail, loop);
    gyre_loop_call_soon(loop, oracle_say, "sibling runs");
    gyre_loop_call_soon(loop, set_bad_handler, loop);
    gyre_loop_call_soon(loop, fail, loop);
    gyre_loop_call_soon(loop, oracle_say, "survived a raising handler");
    gyre_loop_call_soon(loop, call_directly, loop);
    gyre_loop_call_soon(loop, oracle_stop, loop);
    gyre_loop_run_forever(loop);
    printf("handler kept: %s\n", py_bool(gyre_loop_get_exception_handler(loop) == fail_too));
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
