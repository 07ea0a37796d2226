/* 006: a handle that an earlier callback of the same batch cancels does not run; late cancels do nothing. */
#include "oracle.h"

struct handles {
    gyre_handle self, victim, timer, done;
};

static void kill_them(void *arg)
{
    struct handles *handles = arg;

    puts("killer");
    gyre_handle_cancel(&handles->victim);
    gyre_handle_cancel(&handles->timer);
    gyre_handle_cancel(&handles->self);
}

static void schedule(gyre_loop *loop, struct handles *handles)
{
    handles->self = gyre_loop_call_soon(loop, kill_them, handles);
    handles->victim = gyre_loop_call_soon(loop, oracle_say, "VICTIM RAN");
    handles->timer = gyre_loop_call_later(loop, 0.05, oracle_say, "TIMER RAN");
    handles->done = gyre_loop_call_soon(loop, oracle_say, "ran once");
    gyre_loop_call_later(loop, 0.2, oracle_stop, loop);
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();
    struct handles handles;

    schedule(loop, &handles);
    gyre_loop_run_forever(loop);
    gyre_handle_cancel(&handles.done);
    gyre_handle_cancel(&handles.done);
    printf("%s %s %s %s\n", py_bool(gyre_handle_cancelled(&handles.victim)),
           py_bool(gyre_handle_cancelled(&handles.timer)), py_bool(gyre_handle_cancelled(&handles.done)),
           py_bool(gyre_handle_when(&handles.timer) > 0));
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
