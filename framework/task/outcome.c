/* task/outcome.c - what a concurrent future came to: waited for, looked at. */
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "loop/timer.h"
#include "task/concurrent.h"
#include <math.h>

static struct timespec deadline_after(double seconds)
{
    return gyre__clock_moment(gyre__clock_now() + gyre__nanoseconds(fmin(seconds, 1e9)));
}

static bool wait_done(gyre_concurrent_future *future, double timeout)
{
    struct timespec deadline = deadline_after(timeout < 0 ? 0 : timeout);
    bool done;

    pthread_mutex_lock(&future->lock);
    while (!gyre__concurrent_done(future))
        if (pthread_cond_timedwait(&future->changed, &future->lock, &deadline) == ETIMEDOUT)
            break;
    done = gyre__concurrent_done(future);
    pthread_mutex_unlock(&future->lock);
    return done;
}

int gyre_concurrent_future_result(gyre_concurrent_future *future, void **value, double timeout)
{
    const struct gyre__outcome *outcome = &future->outcome;

    if (!wait_done(future, timeout)) {
        gyre__error_put(NULL);
        return -ETIMEDOUT;
    }
    if (outcome->code < 0)
        gyre__error_put(gyre__strdup(outcome->text));
    else if (value)
        *value = outcome->value;
    return outcome->code;
}

int gyre_concurrent_future_exception(gyre_concurrent_future *future, double timeout)
{
    int code = gyre_concurrent_future_result(future, NULL, timeout);

    return code < 0 ? code : 0;
}

static enum gyre__concurrent_state look(gyre_concurrent_future *future)
{
    enum gyre__concurrent_state state;

    pthread_mutex_lock(&future->lock);
    state = future->state;
    pthread_mutex_unlock(&future->lock);
    return state;
}

bool gyre_concurrent_future_cancelled(gyre_concurrent_future *future)
{
    return look(future) == GYRE__CONCURRENT_CANCELLED;
}

bool gyre_concurrent_future_running(gyre_concurrent_future *future)
{
    return look(future) == GYRE__CONCURRENT_RUNNING;
}

bool gyre_concurrent_future_done(gyre_concurrent_future *future)
{
    return look(future) >= GYRE__CONCURRENT_CANCELLED;
}
