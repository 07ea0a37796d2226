/* 009: close() fails while the loop runs, may be repeated, drops queued work; a closed loop refuses new work.
 */
#include "oracle.h"

static void tell(const char *label, int err)
{
    if (err < 0)
        printf("%s %s %s\n", label, oracle_name(err), oracle_str(err));
    else
        printf("%s ok\n", label);
}

static void tell_handle(const char *label, gyre_handle handle)
{
    tell(label, gyre_handle_error(&handle));
}

static void close_it(void *loop)
{
    tell("close while running:", gyre_loop_close(loop));
}

static void run_it(void *loop)
{
    tell("run inside run:", gyre_loop_run_forever(loop));
}

static int nothing(void *arg)
{
    return 0;
}

static void use_closed(gyre_loop *loop)
{
    tell_handle("call_soon:", gyre_loop_call_soon(loop, oracle_say, ""));
    tell_handle("call_later:", gyre_loop_call_later(loop, 1, oracle_say, ""));
    tell_handle("threadsafe:", gyre_loop_call_soon_threadsafe(loop, oracle_say, ""));
    tell("run:", gyre_loop_run_forever(loop));
    gyre_loop_stop(loop);
    tell("stop:", 0);
    tell("executor:", gyre_loop_run_in_executor(loop, NULL, NULL, nothing, NULL));
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();

    gyre_loop_call_soon(loop, close_it, loop);
    gyre_loop_call_soon(loop, run_it, loop);
    gyre_loop_call_soon(loop, oracle_stop, loop);
    gyre_loop_run_forever(loop);
    gyre_loop_call_soon(loop, oracle_say, "NEVER: dropped by close");
    tell("close:", gyre_loop_close(loop));
    tell("close again:", gyre_loop_close(loop));
    printf("closed %s\n", py_bool(gyre_loop_is_closed(loop)));
    use_closed(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
