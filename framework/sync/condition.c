/* sync/condition.c - waiting, without the lock, for news about what it guards.
 *
 * Whoever leaves a wait has the lock again, cancelled or not; and who leaves it with an error may have been
 * notified before, and passes that on.
 */
#include "base/check.h"
#include "task/waiter.h"
#include <gyre/sync.h>
#include <gyre/timeout.h>

void gyre_condition_init(gyre_condition *condition, gyre_lock *lock)
{
    *condition = (gyre_condition){.lock = lock};
}

void gyre_condition_destroy(gyre_condition *condition)
{
    GYRE__CHECK(!condition->waiters, "gyre_condition_destroy: a task waits for the condition");
    gyre_lock_destroy(&condition->own);
}

static gyre_lock *lock_of(gyre_condition *condition)
{
    return condition->lock ? condition->lock : &condition->own;
}

int gyre_condition_acquire(gyre_condition *condition)
{
    return gyre_lock_acquire(lock_of(condition));
}

int gyre_condition_release(gyre_condition *condition)
{
    return gyre_lock_release(lock_of(condition));
}

bool gyre_condition_locked(const gyre_condition *condition)
{
    return condition->lock ? condition->lock->locked : condition->own.locked;
}

/* A cancelled scope would refuse this wait at every turn: it has been heard, and must wait for the lock. */
static int acquire_shielded(gyre_condition *condition)
{
    gyre_cancel_scope shield;

    gyre_cancel_scope_begin(&shield, .shield = GYRE_YES);
    return (int)gyre_cancel_scope_end(&shield, gyre_condition_acquire(condition));
}

/* Takes the lock, however often that is cancelled, and returns the last cancellation. A loop that closes
 * refuses every wait; there the lock stays with whoever has it. */
static int take_again(gyre_condition *condition, int err)
{
    int code = gyre_condition_acquire(condition);

    while (code == GYRE_ECANCELLED && !gyre_loop_is_closed(condition->loop)) {
        err = code;
        code = acquire_shielded(condition);
    }
    return code ? code : err;
}

static int wait_for_news(gyre_condition *condition)
{
    struct gyre__waiter waiter;

    gyre_condition_release(condition);
    return gyre__waiter_wait(&waiter, &condition->waiters, condition->loop);
}

int gyre_condition_wait(gyre_condition *condition)
{
    int err;

    if (!gyre_condition_locked(condition))
        return gyre_error_set(GYRE_ERUNTIME, "cannot wait on un-acquired lock");
    err = gyre__waiter_bind(&condition->loop);
    if (err)
        return err;
    err = take_again(condition, wait_for_news(condition));
    if (err)
        gyre__waiter_wake_next(condition->waiters);
    return err;
}

int gyre_condition_wait_for(gyre_condition *condition, gyre_predicate predicate, void *arg)
{
    int result = predicate(arg);

    while (!result) {
        int err = gyre_condition_wait(condition);

        if (err)
            return err;
        result = predicate(arg);
    }
    return result;
}

int gyre_condition_notify(gyre_condition *condition, size_t n)
{
    struct gyre__waiter *waiter = condition->waiters;

    if (!gyre_condition_locked(condition))
        return gyre_error_set(GYRE_ERUNTIME, "cannot notify on un-acquired lock");
    for (; waiter && n > 0; waiter = gyre__waiter_behind(waiter))
        n -= gyre__waiter_wake(waiter, 0);
    return 0;
}

int gyre_condition_notify_all(gyre_condition *condition)
{
    return gyre_condition_notify(condition, SIZE_MAX);
}
