/* threads.c - work on other threads, and what comes back from there. */
#include "scenario.h"
#include <gyre/resolver.h>
#include <netdb.h>

static int seven(void *arg)
{
    return 7;
}

static int work(void *arg)
{
    int got = gyre_to_thread(seven, NULL);
    struct addrinfo *list;
    int err = got < 0 ? got : 0;

    if (!err)
        err = gyre_loop_getaddrinfo(gyre_get_running_loop(), &list, "127.0.0.1", "80", NULL);
    if (!err)
        freeaddrinfo(list);
    return err || got == 7 ? err : -EIO;
}

const struct scenario fault_threads[] = {{.name = "thread_work", .run = work}, {0}};
