/* 012: call_soon_threadsafe wakes a loop that is blocked in poll, and keeps the FIFO order of each thread. */
#include "oracle.h"
#include <pthread.h>
#include <unistd.h>

enum { COUNT = 1000 };

static gyre_loop *loop;
static pthread_t loop_thread;
static int numbers[COUNT], got, in_order;

static void receive(void *number)
{
    in_order += number == &numbers[got];
    got++;
}

static void compare_threads(void *arg)
{
    printf("thread is loop's: %s\n", py_bool(pthread_equal(pthread_self(), loop_thread)));
}

static void *send_numbers(void *arg)
{
    usleep(100000); /* the loop is asleep now: no timers, nothing ready */
    for (int i = 0; i < COUNT; i++)
        gyre_loop_call_soon_threadsafe(loop, receive, &numbers[i]);
    gyre_loop_call_soon_threadsafe(loop, compare_threads, NULL);
    gyre_loop_call_soon_threadsafe(loop, oracle_stop, loop);
    return NULL;
}

static void script(void)
{
    pthread_t sender;
    double start;

    loop = gyre_new_event_loop();
    loop_thread = pthread_self();
    start = gyre_loop_time(loop);
    pthread_create(&sender, NULL, send_numbers, NULL);
    gyre_loop_run_forever(loop);
    pthread_join(sender, NULL);
    printf("fifo: %s woke promptly: %s\n", py_bool(got == COUNT && in_order == COUNT),
           py_bool(gyre_loop_time(loop) - start < 5));
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
