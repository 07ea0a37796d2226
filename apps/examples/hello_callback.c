/* Prints "Hello World" every two seconds, using a callback. */
#include <gyre/gyre.h>
#include <stdio.h>

static void print_and_repeat(void *arg)
{
    gyre_loop *loop = arg;

    puts("Hello World");
    gyre_loop_call_later(loop, 2.0, print_and_repeat, loop);
}

int main(void)
{
    gyre_loop *loop = gyre_get_event_loop();

    print_and_repeat(loop);
    gyre_loop_run_forever(loop);
    return 0;
}
