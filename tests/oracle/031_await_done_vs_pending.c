/* 031: awaiting a done future, or a plain coroutine, does not give way; a pending one resumes one turn after
 * set_result. */
#include "oracle.h"

static const char *co(void)
{
    return "co";
}

static void set(void *future)
{
    puts("set");
    gyre_future_set_result(future, "g");
    gyre_loop_call_soon(gyre_get_running_loop(), oracle_say, "after wakeup was queued");
}

static void say_registered(gyre_future *future, void *arg)
{
    puts("callback registered before the await");
}

static void await_done(gyre_loop *loop)
{
    gyre_future *future = gyre_loop_create_future(loop);
    void *value = NULL;

    gyre_future_set_result(future, "done");
    gyre_await(future, &value);
    printf("%s %s - no yield so far\n", (char *)value, co());
    gyre_future_unref(future);
}

static void await_pending(gyre_loop *loop)
{
    gyre_future *future = gyre_loop_create_future(loop);
    void *value = NULL;

    gyre_loop_call_soon(loop, set, future);
    gyre_future_add_done_callback(future, say_registered, NULL);
    gyre_await(future, &value);
    puts(value);
    gyre_future_unref(future);
}

static int run(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();

    gyre_loop_call_soon(loop, oracle_say, "other work");
    await_done(loop);
    await_pending(loop);
    gyre_sleep(0);
    puts("end");
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
