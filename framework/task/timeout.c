/* task/timeout.c - deadlines over a stretch of a coroutine. */
#include "task/task.h"
#include <gyre/timeout.h>
#include <math.h>

enum { CREATED, ENTERED, EXPIRING, EXPIRED, EXITED };

static void strike(void *arg)
{
    gyre_timeout *timeout = arg;

    timeout->state = EXPIRING;
    gyre_task_cancel(timeout->task);
}

static void arm(gyre_timeout *timeout)
{
    gyre_loop *loop = timeout->task->loop;

    timeout->timer = (gyre_handle){0};
    if (isinf(timeout->deadline) && timeout->deadline > 0)
        return;
    if (timeout->deadline <= gyre_loop_time(loop))
        timeout->timer = gyre_loop_call_soon(loop, strike, timeout);
    else
        timeout->timer = gyre_loop_call_at(loop, timeout->deadline, strike, timeout);
}

int gyre_timeout_begin_at(gyre_timeout *timeout, double when)
{
    gyre_task *task = gyre_current_task();

    if (!task)
        return gyre_error_set(GYRE_ERUNTIME, "Timeout should be used inside a task");
    if (isnan(when))
        return gyre_error_set(GYRE_EVALUE, "Invalid deadline: NaN (not a number)");
    *timeout = (gyre_timeout){.task = task, .deadline = when, .state = ENTERED};
    timeout->cancelling = gyre_task_cancelling(task);
    gyre__task_timeout((struct gyre__task *)task, 1);
    arm(timeout);
    return 0;
}

int gyre_timeout_begin(gyre_timeout *timeout, double seconds)
{
    return gyre_timeout_begin_at(timeout, gyre_loop_time(gyre_get_event_loop()) + seconds);
}

ptrdiff_t gyre_timeout_end(gyre_timeout *timeout, ptrdiff_t code)
{
    gyre_handle_cancel(&timeout->timer);
    if (timeout->state < EXPIRED)
        gyre__task_timeout((struct gyre__task *)timeout->task, -1);
    if (timeout->state != EXPIRING) {
        timeout->state = EXITED;
        return code;
    }
    timeout->state = EXPIRED;
    if (gyre_task_uncancel(timeout->task) <= timeout->cancelling && code == GYRE_ECANCELLED)
        return gyre_error_set(-ETIMEDOUT, "The deadline has passed");
    return code;
}

int gyre_timeout_reschedule(gyre_timeout *timeout, double when)
{
    static const char *const names[] = {"created", "active", "expiring", "expired", "finished"};

    if (timeout->state != ENTERED)
        return gyre_error_set(GYRE_ERUNTIME, "Cannot change state of %s Timeout", names[timeout->state]);
    if (isnan(when))
        return gyre_error_set(GYRE_EVALUE, "Invalid deadline: NaN (not a number)");
    gyre_handle_cancel(&timeout->timer);
    timeout->deadline = when;
    arm(timeout);
    return 0;
}

double gyre_timeout_when(const gyre_timeout *timeout)
{
    return timeout->deadline;
}

bool gyre_timeout_expired(const gyre_timeout *timeout)
{
    return timeout->state == EXPIRING || timeout->state == EXPIRED;
}
