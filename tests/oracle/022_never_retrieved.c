/* 022: an exception that nobody looked at is reported with the last reference to its future or task; looking
 * at it silences the report. */
#include "oracle.h"

static int print_context(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    printf("HANDLER: %s %s(%s)\n", context->message, oracle_name(context->exception), py_str(context->text));
    return 0;
}

static gyre_future *failed_future(gyre_loop *loop, const char *text)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_future_set_exception(future, gyre_error_set(GYRE_EVALUE, "%s", text));
    return future;
}

static void forget_futures(gyre_loop *loop)
{
    gyre_future *seen = failed_future(loop, "seen"),
                *cancelled = failed_future(loop, "cancel() also silences");

    gyre_future_unref(failed_future(loop, "lost"));
    gyre_future_exception(seen);
    gyre_future_unref(seen);
    gyre_future_cancel(cancelled);
    gyre_future_unref(cancelled);
}

static int bad(void *arg)
{
    return gyre_error_set(ORACLE_KEY_ERROR, "task");
}

static int forget_task(void *arg)
{
    gyre_task *task;

    gyre_create_task(&task, bad, NULL);
    gyre_sleep(0);
    gyre_sleep(0);
    gyre_future_unref(task);
    puts("main goes on");
    return 0;
}

static void run(gyre_loop *loop, gyre_coroutine fn)
{
    gyre_task *task;

    gyre_loop_create_task(loop, &task, fn, NULL);
    gyre_loop_run_until_complete(loop, task, NULL);
    gyre_future_unref(task);
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_loop_set_exception_handler(loop, print_context, NULL);
    forget_futures(loop);
    run(loop, forget_task);
    gyre_future_set_result(future, "unread");
    gyre_future_unref(future);
    puts("unread results are not reported");
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
