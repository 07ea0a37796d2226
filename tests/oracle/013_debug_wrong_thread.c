/* 013: in debug mode call_soon and call_later fail on another thread; threadsafe is allowed; a stopped loop
 * is not checked. */
#include "oracle.h"
#include <pthread.h>

static gyre_loop *loop;
static pthread_t thread;

static void tell(const char *label, gyre_handle handle)
{
    int err = gyre_handle_error(&handle);

    if (err)
        printf("%s %s: %.24s\n", label, oracle_name(err), oracle_str(err));
    else
        printf("%s ok\n", label);
}

static void *call_all(void *arg)
{
    tell("call_soon", gyre_loop_call_soon(loop, oracle_say, "x"));
    tell("call_later", gyre_loop_call_later(loop, 1, oracle_say, "x"));
    tell("call_at", gyre_loop_call_at(loop, 1, oracle_say, "x"));
    tell("threadsafe", gyre_loop_call_soon_threadsafe(loop, oracle_stop, loop));
    return NULL;
}

static void start(void *arg)
{
    pthread_create(&thread, NULL, call_all, NULL);
}

static void *call_stopped(void *arg)
{
    tell("not running: call_soon", gyre_loop_call_soon(loop, oracle_say, "x"));
    return NULL;
}

static void script(void)
{
    loop = gyre_new_event_loop();
    gyre_loop_set_debug(loop, true);
    gyre_loop_call_soon(loop, start, NULL);
    gyre_loop_run_forever(loop);
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, call_stopped, NULL);
    pthread_join(thread, NULL);
    puts(py_bool(gyre_loop_get_debug(loop)));
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
