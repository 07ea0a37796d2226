/* sync/lock.c - one task at a time.
 *
 * The lock is not handed over: release frees it and wakes the first in line, who takes it when he runs.
 * Nobody overtakes him, for a lock with somebody live in line is not free.
 */
#include "base/check.h"
#include "task/waiter.h"
#include <gyre/sync.h>

void gyre_lock_init(gyre_lock *lock)
{
    *lock = (gyre_lock){0};
}

void gyre_lock_destroy(gyre_lock *lock)
{
    GYRE__CHECK(!lock->waiters, "gyre_lock_destroy: a task waits for the lock");
}

/* The first one only: when he is cancelled, he wakes the next as he leaves. */
static void wake_first(gyre_lock *lock)
{
    if (lock->waiters)
        gyre__waiter_wake(lock->waiters, 0);
}

static __attribute__((noinline)) int wait_in_line(gyre_lock *lock)
{
    struct gyre__waiter waiter;
    int err = gyre__waiter_bind(&lock->loop);

    if (err)
        return err;
    err = gyre__waiter_wait(&waiter, &lock->waiters, lock->loop);
    if (!err)
        lock->locked = true;
    else if (!lock->locked)
        wake_first(lock);
    return err;
}

int gyre_lock_acquire(gyre_lock *lock)
{
    if (lock->locked || gyre__waiter_any_live(lock->waiters))
        return wait_in_line(lock);
    lock->locked = true;
    return 0;
}

int gyre_lock_release(gyre_lock *lock)
{
    if (!lock->locked)
        return gyre_error_set(GYRE_ERUNTIME, "Lock is not acquired.");
    lock->locked = false;
    wake_first(lock);
    return 0;
}

bool gyre_lock_locked(const gyre_lock *lock)
{
    return lock->locked;
}
