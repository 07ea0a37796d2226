/* virtual.h - for tests in virtual time: code that takes long. */
#ifndef GYRE_TESTS_VIRTUAL_H
#define GYRE_TESTS_VIRTUAL_H

#include "loop/loop.h"

/* The time that a callback or a coroutine spends without a wait: the clock of the loop, which runs, moves on.
 */
static inline void hold_up(gyre_loop *loop, double seconds)
{
    int64_t until = gyre__loop_clock(loop) + gyre__nanoseconds(seconds);

    loop->driver_class->poll(loop->driver, until);
}

#endif
