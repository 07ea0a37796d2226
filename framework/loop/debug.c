/* loop/debug.c - debug mode: on, off, and whether a call may be made on this thread. */
#include "loop/debug.h"
#include "base/check.h"
#include "base/symbol.h"
#include "loop/loop.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char wrong_thread[] =
    "Non-thread-safe operation invoked on an event loop other than the current one";

bool gyre__debug_wanted(void)
{
    const char *wish = getenv("GYRE_DEBUG");

    return wish && *wish && strcmp(wish, "0") != 0;
}

void gyre_loop_set_debug(gyre_loop *loop, bool on)
{
    if (on == gyre_loop_get_debug(loop))
        return;
    if (!on) {
        atomic_fetch_and(&loop->flags, ~(unsigned)GYRE__LOOP_DEBUG);
        gyre__sources_free(loop->sources);
        loop->sources = NULL;
        return;
    }
    gyre__backtrace_prepare();
    loop->sources = gyre__sources_new();
    atomic_fetch_or(&loop->flags, GYRE__LOOP_DEBUG);
}

bool gyre_loop_get_debug(const gyre_loop *loop)
{
    return atomic_load_explicit(&loop->flags, memory_order_relaxed) & GYRE__LOOP_DEBUG;
}

int gyre_loop_set_slow_callback_duration(gyre_loop *loop, double seconds)
{
    if (isnan(seconds) || seconds < 0)
        return gyre_error_set(GYRE_EVALUE, "a duration is not negative, and a number");
    loop->slow = gyre__nanoseconds(seconds);
    return 0;
}

double gyre_loop_get_slow_callback_duration(const gyre_loop *loop)
{
    return (double)loop->slow / 1e9;
}

/* A loop that does not run has no thread. */
static bool is_elsewhere(const gyre_loop *loop)
{
    return gyre_loop_get_debug(loop) && gyre_loop_is_running(loop) &&
           !pthread_equal(atomic_load_explicit(&loop->thread, memory_order_relaxed), pthread_self());
}

int gyre__loop_check_thread(const gyre_loop *loop)
{
    return is_elsewhere(loop) ? gyre_error_set(GYRE_EWRONGTHREAD, "%s", wrong_thread) : 0;
}

int gyre__loop_check(const gyre_loop *loop)
{
    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    return gyre__loop_check_thread(loop);
}

int gyre__loop_check_call(const gyre_loop *loop, gyre_callback fn, const char *name)
{
    int err = gyre__loop_check(loop);

    if (err || fn)
        return err;
    return gyre_error_set(GYRE_ETYPE, "a callable object was expected by %s(), got NULL", name);
}

void gyre__loop_assert_thread(const gyre_loop *loop)
{
    GYRE__CHECK(!is_elsewhere(loop), wrong_thread);
}
