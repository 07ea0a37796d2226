/* 021: cancel() of a future: True once, then False; callbacks run; result and exception raise CancelledError.
 */
#include "oracle.h"

static void print_cancelled(gyre_future *future, void *arg)
{
    printf("cb cancelled = %s\n", py_bool(gyre_future_cancelled(future)));
}

static void ask_pending(gyre_future *future)
{
    int err = gyre_future_result(future, NULL);

    printf("%s %s\n", oracle_name(err), oracle_str(err));
    err = gyre_future_exception(future);
    printf("%s %s\n", oracle_name(err), oracle_str(err));
}

static void cancel_pending(gyre_future *future)
{
    bool first = gyre_future_cancel(future), second = gyre_future_cancel(future);

    printf("%s %s %s %s\n", py_bool(first), py_bool(second), py_bool(gyre_future_done(future)),
           py_bool(gyre_future_cancelled(future)));
    puts(oracle_name(gyre_future_result(future, NULL)));
    puts(oracle_name(gyre_future_exception(future)));
    printf("%s on set_result\n", oracle_name(gyre_future_set_result(future, NULL)));
}

static void cancel_finished(gyre_loop *loop)
{
    gyre_future *future = gyre_loop_create_future(loop);
    int five = 5;
    void *value = NULL;

    gyre_future_set_result(future, &five);
    printf("%s %s ", py_bool(gyre_future_cancel(future)), py_bool(gyre_future_cancelled(future)));
    gyre_future_result(future, &value);
    printf("%d %s\n", *(int *)value, oracle_name(gyre_future_exception(future)));
    gyre_future_unref(future);
}

static void cancel_failed(gyre_loop *loop)
{
    gyre_future *future = gyre_loop_create_future(loop);

    gyre_future_set_exception(future, gyre_error_set(GYRE_EVALUE, "v"));
    gyre_error_set(0, "words of another failure");
    printf("%s ", oracle_repr(gyre_future_exception(future)));
    puts(py_bool(gyre_future_cancel(future)));
    gyre_future_unref(future);
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();
    gyre_future *future = gyre_loop_create_future(loop);

    ask_pending(future);
    gyre_future_add_done_callback(future, print_cancelled, NULL);
    cancel_pending(future);
    cancel_finished(loop);
    cancel_failed(loop);
    gyre_loop_call_soon(loop, oracle_stop, loop);
    gyre_loop_run_forever(loop);
    gyre_future_unref(future);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
