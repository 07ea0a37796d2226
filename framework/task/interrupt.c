/* task/interrupt.c - SIGINT and SIGTERM, once each program: the first asks it to end, the second ends it. */
#include "task/runner.h"
#include <signal.h>
#include <stddef.h>

static const int numbers[] = {SIGINT, SIGTERM};

enum { COUNT = sizeof numbers / sizeof numbers[0] };

static void interrupted(void *arg)
{
    struct gyre__interrupt_signal *signal = arg;
    struct gyre__interrupt *interrupt = signal->interrupt;

    interrupt->signal = signal->number;
    gyre__interrupt_end(interrupt);
    interrupt->fn(interrupt->arg);
}

/* Removed, or replaced by a handler of the program's own. */
static void lost(void *arg)
{
    struct gyre__interrupt_signal *signal = arg;

    signal->ours = false;
}

/* A signal that somebody ignores or handles stays theirs. */
static bool is_default(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
           action.sa_handler == SIG_DFL;
}

static void listen_to(struct gyre__interrupt *interrupt, struct gyre__interrupt_signal *signal)
{
    signal->ours =
        is_default(signal->number) && gyre_loop_add_signal_handler(interrupt->loop, signal->number,
                                                                   interrupted, signal, .release = lost) == 0;
}

void gyre__interrupt_begin(struct gyre__interrupt *interrupt, gyre_loop *loop, gyre_callback fn, void *arg)
{
    *interrupt = (struct gyre__interrupt){.loop = loop, .fn = fn, .arg = arg};
    for (int i = 0; i < COUNT; i++) {
        interrupt->signals[i] = (struct gyre__interrupt_signal){.interrupt = interrupt, .number = numbers[i]};
        listen_to(interrupt, &interrupt->signals[i]);
    }
}

void gyre__interrupt_end(struct gyre__interrupt *interrupt)
{
    for (int i = 0; i < COUNT; i++)
        if (interrupt->signals[i].ours)
            gyre_loop_remove_signal_handler(interrupt->loop, interrupt->signals[i].number);
}
