/* task/timeout.c - deadlines over a stretch of a coroutine. */
#include "loop/lazy_timer.h"
#include "task/task.h"
#include <gyre/timeout.h>
#include <math.h>

enum { CREATED, ENTERED, EXPIRING, EXPIRED, EXITED };

static void strike(void *timer)
{
    gyre_timeout *timeout = GYRE__OF(timer, gyre_timeout, timer);

    timeout->state = EXPIRING;
    gyre_task_cancel(timeout->task);
}

static void arm(gyre_timeout *timeout, double now)
{
    gyre_loop *loop = timeout->task->loop;

    if (timeout->deadline <= now)
        timeout->timer.handle = gyre_loop_call_soon(loop, strike, &timeout->timer);
    else
        gyre__lazy_begin(loop, &timeout->timer, timeout->deadline, strike);
}

/* Reads the clock only where there is something to compare. */
static void arm_now(gyre_timeout *timeout)
{
    if (timeout->deadline < INFINITY)
        arm(timeout, gyre_loop_time(timeout->task->loop));
}

int gyre_timeout_init_at(gyre_timeout *timeout, double when)
{
    *timeout = (gyre_timeout){.deadline = when, .state = CREATED};
    if (isnan(when))
        return gyre_error_set(GYRE_EVALUE, "Invalid deadline: NaN (not a number)");
    return 0;
}

int gyre_timeout_init(gyre_timeout *timeout, double seconds)
{
    return gyre_timeout_init_at(timeout, gyre_loop_time(gyre_get_event_loop()) + seconds);
}

static void enter(gyre_timeout *timeout, gyre_task *task)
{
    timeout->state = ENTERED;
    timeout->task = task;
    timeout->cancelling = gyre_task_cancelling(task);
    gyre__task_timeout((struct gyre__task *)task, 1);
}

int gyre_timeout_enter(gyre_timeout *timeout)
{
    gyre_task *task = gyre_current_task();

    if (timeout->state != CREATED)
        return gyre_error_set(GYRE_ERUNTIME, "Timeout has already been entered");
    if (!task)
        return gyre_error_set(GYRE_ERUNTIME, "Timeout should be used inside a task");
    enter(timeout, task);
    arm_now(timeout);
    return 0;
}

int gyre_timeout_begin_at(gyre_timeout *timeout, double when)
{
    int err = gyre_timeout_init_at(timeout, when);

    return err ? err : gyre_timeout_enter(timeout);
}

/* In a task, with one look at the clock. */
static int begin(gyre_timeout *timeout, gyre_task *task, double seconds)
{
    double now = gyre_loop_time(task->loop);
    int err = gyre_timeout_init_at(timeout, now + seconds);

    if (err)
        return err;
    enter(timeout, task);
    if (timeout->deadline < INFINITY)
        arm(timeout, now);
    return 0;
}

int gyre_timeout_begin(gyre_timeout *timeout, double seconds)
{
    gyre_task *task = gyre_current_task();

    if (task)
        return begin(timeout, task, seconds);
    return gyre_timeout_begin_at(timeout, gyre_loop_time(gyre_get_event_loop()) + seconds);
}

/* asyncio puts the TimeoutError into the context of what was raised meanwhile. */
static ptrdiff_t explain(ptrdiff_t code)
{
    const char *text = gyre_error_text();

    return gyre_error_set((int)code, "%s (after the deadline had passed)",
                          *text ? text : gyre_strerror((int)code));
}

/* The deadline has struck. What it has asked the task for is taken back, whether it came through or not. */
static ptrdiff_t leave_late(gyre_timeout *timeout, ptrdiff_t code)
{
    timeout->state = EXPIRED;
    if (gyre_task_uncancel(timeout->task) > timeout->cancelling || code >= 0)
        return code;
    if (code == GYRE_ECANCELLED)
        return gyre_error_set(-ETIMEDOUT, "The deadline has passed");
    return explain(code);
}

static void leave(gyre_timeout *timeout)
{
    gyre__lazy_cancel(timeout->task->loop, &timeout->timer);
    gyre__task_timeout((struct gyre__task *)timeout->task, -1);
}

ptrdiff_t gyre_timeout_end(gyre_timeout *timeout, ptrdiff_t code)
{
    if (timeout->state == ENTERED || timeout->state == EXPIRING)
        leave(timeout);
    if (timeout->state == EXPIRING)
        return leave_late(timeout, code);
    timeout->state = EXITED;
    return code;
}

static int refuse_change(const gyre_timeout *timeout)
{
    static const char *const names[] = {"created", "active", "expiring", "expired", "finished"};

    if (timeout->state == CREATED)
        return gyre_error_set(GYRE_ERUNTIME, "Timeout has not been entered");
    return gyre_error_set(GYRE_ERUNTIME, "Cannot change state of %s Timeout", names[timeout->state]);
}

int gyre_timeout_reschedule(gyre_timeout *timeout, double when)
{
    if (timeout->state != ENTERED)
        return refuse_change(timeout);
    if (isnan(when))
        return gyre_error_set(GYRE_EVALUE, "Invalid deadline: NaN (not a number)");
    gyre__lazy_cancel(timeout->task->loop, &timeout->timer);
    timeout->deadline = when;
    arm_now(timeout);
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
