/* sync/semaphore.c - a number of places, handed to those in line.
 *
 * Waking somebody takes the place for him. When he leaves cancelled, he gives it back, and whoever leaves
 * wakes as many as there are places for: some may have come while the places were free but others were first.
 */
#include "base/check.h"
#include "task/waiter.h"
#include <gyre/sync.h>

int gyre_semaphore_init(gyre_semaphore *semaphore, ptrdiff_t value)
{
    if (value < 0)
        return gyre_error_set(GYRE_EVALUE, "Semaphore initial value must be >= 0");
    *semaphore = (gyre_semaphore){.value = value};
    return 0;
}

void gyre_semaphore_destroy(gyre_semaphore *semaphore)
{
    GYRE__CHECK(!semaphore->waiters, "gyre_semaphore_destroy: a task waits for the semaphore");
}

static bool wake_next(gyre_semaphore *semaphore)
{
    bool woken = gyre__waiter_wake_next(semaphore->waiters);

    semaphore->value -= woken;
    return woken;
}

static __attribute__((noinline)) int wait_in_line(gyre_semaphore *semaphore)
{
    struct gyre__waiter waiter;
    int err = gyre__waiter_bind(&semaphore->loop);

    if (err)
        return err;
    err = gyre__waiter_wait(&waiter, &semaphore->waiters, semaphore->loop);
    if (err && waiter.woken)
        semaphore->value++;
    while (semaphore->value > 0 && wake_next(semaphore))
        ;
    return err;
}

int gyre_semaphore_acquire(gyre_semaphore *semaphore)
{
    if (gyre_semaphore_locked(semaphore))
        return wait_in_line(semaphore);
    semaphore->value--;
    return 0;
}

void gyre_semaphore_release(gyre_semaphore *semaphore)
{
    semaphore->value++;
    wake_next(semaphore);
}

bool gyre_semaphore_locked(const gyre_semaphore *semaphore)
{
    return semaphore->value == 0 || gyre__waiter_any_live(semaphore->waiters);
}
