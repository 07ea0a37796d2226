/* 100: the two "Hello World" programs of the 2013 text (2 s shortened to 0.05 s, three rounds): a callback
 * that calls itself later, and a coroutine that sleeps. */
#include "oracle.h"

enum { ROUNDS = 3 };

static const double pause_length = 0.05;

static void print_and_repeat(void *arg)
{
    static int rounds;
    gyre_loop *loop = arg;

    printf("Hello World %d\n", ++rounds);
    if (rounds < ROUNDS)
        gyre_loop_call_later(loop, pause_length, print_and_repeat, loop);
    else
        gyre_loop_stop(loop);
}

static int greet_every_two_seconds(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        puts("Hello World");
        gyre_sleep(pause_length);
    }
    return 0;
}

static void script(void)
{
    gyre_loop *loop = gyre_new_event_loop();
    gyre_task *task;

    print_and_repeat(loop);
    gyre_loop_run_forever(loop);
    gyre_loop_create_task(loop, &task, greet_every_two_seconds, NULL);
    gyre_loop_run_until_complete(loop, task, NULL);
    gyre_future_unref(task);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
