/* Prints "Hello World" every two seconds, using a coroutine. */
#include <gyre/gyre.h>
#include <stdio.h>

static int greet_every_two_seconds(void *arg)
{
    int err;

    do
        puts("Hello World");
    while (!(err = gyre_sleep(2.0)));
    return err;
}

int main(void)
{
    return gyre_run(greet_every_two_seconds, NULL);
}
