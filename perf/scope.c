/* scope.c - what a scope costs that nothing happens in: entered and left by a task, with a deadline against
 * arming and cancelling a timer by hand, without one against two calls that do nothing. */
#include "measure.h"
#include <gyre/gyre.h>

enum { TIMES = 2000000 };

static void never(void *arg)
{
    (void)arg;
}

static void timer(void)
{
    gyre_loop *loop = gyre_get_running_loop();

    for (int i = 0; i < TIMES; i++) {
        gyre_handle handle = gyre_loop_call_later(loop, 60, never, NULL);

        gyre_handle_cancel(&handle);
    }
}

static void timeout(void)
{
    for (int i = 0; i < TIMES; i++) {
        gyre_timeout timeout;

        gyre_timeout_begin(&timeout, 60);
        gyre_timeout_end(&timeout, 0);
    }
}

static void move_on(void)
{
    for (int i = 0; i < TIMES; i++) {
        gyre_cancel_scope scope;

        gyre_move_on_after_begin(&scope, 60);
        gyre_cancel_scope_end(&scope, 0);
    }
}

static void scope(void)
{
    for (int i = 0; i < TIMES; i++) {
        gyre_cancel_scope scope;

        gyre_cancel_scope_begin(&scope);
        gyre_cancel_scope_end(&scope, 0);
    }
}

/* Called by address, so that the calls are real ones. */
static void (*volatile call)(void *arg) = never;

static void calls(void)
{
    for (int i = 0; i < TIMES; i++) {
        call(NULL);
        call(NULL);
    }
}

static int perform(void *fn)
{
    (*(void (**)(void))fn)();
    return 0;
}

static double nanoseconds_each(void (*fn)(void))
{
    double start = measure_now();

    gyre_run(perform, &fn);
    return (measure_now() - start) * 1e9 / TIMES;
}

static double timers(void)
{
    return nanoseconds_each(timer);
}

static double timeouts(void)
{
    return nanoseconds_each(timeout);
}

static double moves(void)
{
    return nanoseconds_each(move_on);
}

static double scopes(void)
{
    return nanoseconds_each(scope);
}

static double empty_calls(void)
{
    return nanoseconds_each(calls);
}

int main(void)
{
    measure((struct measure_question){"timeout entered and left", "ns", timeouts, "a timer by hand", timers});
    measure(
        (struct measure_question){"move_on_after entered and left", "ns", moves, "a timer by hand", timers});
    measure((struct measure_question){"cancel scope entered and left", "ns", scopes, "two empty calls",
                                      empty_calls});
    return 0;
}
