/* 051: run_in_executor runs off the loop, its callback on the loop; errors travel; cancelling the future does
 * not stop the thread. */
#include "oracle.h"
#include <pthread.h>
#include <unistd.h>

enum { THREADS = 20 };

static pthread_t me;

static bool on_loop_thread(void)
{
    return pthread_equal(pthread_self(), me);
}

static int work(void *off_loop)
{
    usleep(50000);
    *(bool *)off_loop = !on_loop_thread();
    return 'w';
}

static int bad(void *arg)
{
    return gyre_error_set(ORACLE_KEY_ERROR, "in thread");
}

static int run_to_the_end(void *arg)
{
    usleep(300000);
    puts("thread ran to its end");
    return 0;
}

static void print_thread(gyre_future *future, void *arg)
{
    printf("callback on loop thread: %s\n", py_bool(on_loop_thread()));
}

static int run_in_executor(gyre_future **future, gyre_blocking fn, void *arg)
{
    return gyre_loop_run_in_executor(gyre_get_running_loop(), future, NULL, fn, arg);
}

static void await_work(void)
{
    gyre_future *future;
    bool off_loop = false;
    int code;

    run_in_executor(&future, work, &off_loop);
    gyre_future_add_done_callback(future, print_thread, NULL);
    gyre_loop_call_soon(gyre_get_running_loop(), oracle_say, "loop is free");
    code = oracle_await(future);
    printf("('%c', %s)\n", code, py_bool(off_loop));
}

static void await_failure(void)
{
    gyre_future *future;
    int err;

    run_in_executor(&future, bad, NULL);
    err = oracle_await(future);
    printf("%s %s\n", oracle_name(err), py_str(oracle_str(err)));
}

static void cancel_running(void)
{
    gyre_future *future;

    run_in_executor(&future, run_to_the_end, NULL);
    gyre_sleep(.05);
    printf("cancel %s ", py_bool(gyre_future_cancel(future)));
    puts(py_bool(gyre_future_cancelled(future)));
    gyre_sleep(.8);
    gyre_future_unref(future);
}

static int own_number(void *number)
{
    return *(int *)number;
}

static int number_by_thread(void *number)
{
    return gyre_to_thread(own_number, number);
}

static int add_up(gyre_task **tasks)
{
    gyre_future *all;
    int sum = 0;

    gyre_gather(&all, tasks, THREADS);
    oracle_await(all);
    for (int i = 0; i < THREADS; i++)
        sum += oracle_await(tasks[i]);
    return sum;
}

static void use_many_threads(void)
{
    gyre_task *tasks[THREADS];
    int numbers[THREADS];

    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        gyre_create_task(&tasks[i], number_by_thread, &numbers[i]);
    }
    printf("%d\n", add_up(tasks));
}

static void use_after_shutdown(void)
{
    int err;

    gyre_loop_shutdown_default_executor(gyre_get_running_loop(), 300);
    err = run_in_executor(NULL, own_number, NULL);
    printf("%s %s\n", oracle_name(err), oracle_str(err));
}

static int run(void *arg)
{
    me = pthread_self();
    await_work();
    await_failure();
    cancel_running();
    use_many_threads();
    use_after_shutdown();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
