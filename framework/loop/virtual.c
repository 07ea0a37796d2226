/* loop/virtual.c - how long a loop in virtual time waits: not at all, for another thread, or never again. */
#include "loop/loop.h"
#include <errno.h>
#include <stdlib.h>

/* Where gyre__nanoseconds ends: a deadline at infinity. */
static const int64_t NEVER = INT64_C(9000000000000000000);

static void report(gyre_loop *loop)
{
    char *tasks = loop->describe ? loop->describe(loop) : NULL;

    gyre_loop_call_exception_handler(
        loop,
        .message =
            "Deadlock: nothing is ready, no timer is armed, and no other thread owes this loop anything",
        .exception = -EDEADLK, .text = tasks ? tasks : "no task is pending");
    free(tasks);
}

static void end_in_deadlock(gyre_loop *loop)
{
    report(loop);
    gyre_error_set(-EDEADLK, "Event loop is deadlocked: nothing can ever happen on it.");
    loop->deadlocked = true;
    gyre__loop_end(loop);
}

int64_t gyre__virtual_wait(gyre_loop *loop, int64_t deadline)
{
    int64_t due = loop->driver_class->due(loop->driver);

    if (due == GYRE__NO_WAIT)
        return due;
    /* A thread that asks this loop is taken to be one that works for it: its answer needs time. */
    if (loop->expected > loop->asked)
        return GYRE__FOREVER;
    if (due < deadline)
        deadline = due;
    if (deadline < NEVER)
        return deadline;
    if (loop->asked)
        return GYRE__FOREVER;
    end_in_deadlock(loop);
    return GYRE__NO_WAIT;
}
