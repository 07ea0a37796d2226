/* 092: signal handlers run on the loop as ordinary callbacks; replaced, removed, refused for bad numbers. */
#include "oracle.h"
#include <signal.h>
#include <unistd.h>

static gyre_loop *loop;

static void send_signal(void *number)
{
    kill(getpid(), *(int *)number);
}

static void say_numbers(void *numbers)
{
    const int *pair = numbers;

    printf("USR1 (%d, %d)\n", pair[0], pair[1]);
}

static void replaced(void)
{
    int number = SIGUSR1, pair[] = {1, 2};

    gyre_loop_add_signal_handler(loop, SIGUSR1, oracle_say, "REPLACED");
    gyre_loop_add_signal_handler(loop, SIGUSR1, say_numbers, pair);
    gyre_loop_call_soon(loop, send_signal, &number);
    gyre_loop_call_soon(loop, oracle_say, "not inline");
    gyre_loop_call_later(loop, .1, oracle_stop, loop);
    gyre_loop_run_forever(loop);
    printf("remove %s", py_bool(gyre_loop_remove_signal_handler(loop, SIGUSR1)));
    printf(" %s\n", py_bool(gyre_loop_remove_signal_handler(loop, SIGUSR1)));
}

static void refused(void)
{
    const int bad[] = {0, 10000, SIGKILL};

    for (int i = 0; i < 3; i++)
        puts(oracle_name(gyre_loop_add_signal_handler(loop, bad[i], oracle_say, NULL)));
}

static void stop_it(void *arg)
{
    puts("TERM -> stop");
    gyre_loop_stop(loop);
}

static void stopped(void)
{
    int number = SIGTERM;

    gyre_loop_add_signal_handler(loop, SIGTERM, stop_it, NULL);
    gyre_loop_call_soon(loop, send_signal, &number);
    gyre_loop_run_forever(loop);
}

static void script(void)
{
    struct sigaction action;

    loop = gyre_new_event_loop();
    replaced();
    refused();
    stopped();
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    sigaction(SIGTERM, NULL, &action);
    printf("restored %s\n", py_bool(action.sa_handler == SIG_DFL));
}

int main(int argc, char **argv)
{
    return oracle_script(argc, argv, script);
}
