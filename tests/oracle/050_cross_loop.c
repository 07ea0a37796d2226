/* 050: run_coroutine_threadsafe: result, exception and cancel travel between a loop and another thread. */
#include "oracle.h"
#include <pthread.h>

enum { PATIENCE = 5 };

static gyre_loop *loop;
static pthread_t loop_thread;
static const char *remote = "[]";

static void *run_loop(void *arg)
{
    gyre_loop_run_forever(loop);
    return NULL;
}

static int add(void *arg)
{
    int *numbers = arg, err = gyre_sleep(.01);

    return err ? err : numbers[0] + numbers[1];
}

static int bad(void *arg)
{
    return gyre_error_set(GYRE_EVALUE, "remote");
}

static int forever(void *arg)
{
    int err = gyre_sleep(50);

    if (err == GYRE_ECANCELLED && pthread_equal(pthread_self(), loop_thread))
        remote = "['remote task cancelled on its own thread: True']";
    return err;
}

static int sleep_a_little(void *arg)
{
    return gyre_sleep(.05);
}

static int result_of(gyre_coroutine fn, void *arg)
{
    gyre_concurrent_future *future;
    int code = gyre_run_coroutine_threadsafe(loop, &future, fn, arg);

    if (code)
        return code;
    code = gyre_concurrent_future_result(future, NULL, PATIENCE);
    gyre_concurrent_future_unref(future);
    return code;
}

static void cancel_forever(void)
{
    gyre_concurrent_future *future;

    gyre_run_coroutine_threadsafe(loop, &future, forever, NULL);
    if (gyre_concurrent_future_result(future, NULL, .05) == -ETIMEDOUT)
        printf("timeout, still pending: %s\n", py_bool(!gyre_concurrent_future_done(future)));
    printf("cancel %s\n", py_bool(gyre_concurrent_future_cancel(future)));
    result_of(sleep_a_little, NULL);
    puts(remote);
    puts(oracle_name(gyre_concurrent_future_result(future, NULL, PATIENCE)));
    gyre_concurrent_future_unref(future);
}

static void talk(void)
{
    int numbers[] = {1, 2}, err;

    printf("%d\n", result_of(add, numbers));
    err = result_of(bad, NULL);
    printf("%s %s\n", oracle_name(err), oracle_str(err));
    cancel_forever();
}

static void script(void)
{
    loop = gyre_new_event_loop();
    pthread_create(&loop_thread, NULL, run_loop, NULL);
    talk();
    gyre_loop_call_soon_threadsafe(loop, oracle_stop, loop);
    pthread_join(loop_thread, NULL);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    puts("joined");
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
