/* 010: run_until_complete: result, exception, premature stop, nesting; the loop is usable again after each.
 */
#include "oracle.h"

static int ok(void *arg)
{
    return 42;
}

static int bad(void *arg)
{
    return gyre_error_set(ORACLE_KEY_ERROR, "k");
}

static int run_until_complete(gyre_loop *loop, gyre_coroutine fn)
{
    gyre_task *task;
    int code = gyre_loop_create_task(loop, &task, fn, NULL);

    if (code)
        return code;
    code = gyre_loop_run_until_complete(loop, task, NULL);
    gyre_future_unref(task);
    return code;
}

static int nest(void *arg)
{
    gyre_loop *loop = gyre_new_event_loop();
    int err = run_until_complete(loop, ok);

    if (err < 0)
        puts(oracle_str(err));
    gyre_loop_unref(loop);
    return 0;
}

static void set_late_result(void *future)
{
    gyre_future_set_result(future, "late");
}

static const char *run_future(gyre_loop *loop, gyre_future *future)
{
    void *value = "no value";

    gyre_loop_run_until_complete(loop, future, &value);
    return value;
}

static void stop_early(gyre_loop *loop)
{
    gyre_future *future = gyre_loop_create_future(loop);
    int err;

    gyre_loop_call_soon(loop, oracle_stop, loop);
    err = gyre_loop_run_until_complete(loop, future, NULL);
    if (err == GYRE_ESTOPPED)
        printf("%s | future still pending: %s\n", oracle_str(err), py_bool(!gyre_future_done(future)));
    gyre_loop_call_soon(loop, set_late_result, future);
    puts(run_future(loop, future));
    printf("already done: %s\n", run_future(loop, future));
    gyre_future_unref(future);
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();
    int err;

    printf("%d\n", run_until_complete(loop, ok));
    err = run_until_complete(loop, bad);
    printf("%s %s\n", oracle_name(err), py_str(oracle_str(err)));
    stop_early(loop);
    run_until_complete(loop, nest);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
