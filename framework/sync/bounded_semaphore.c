/* sync/bounded_semaphore.c - a semaphore that refuses a place too many. */
#include <gyre/sync.h>

int gyre_bounded_semaphore_init(gyre_bounded_semaphore *bounded, ptrdiff_t value)
{
    int err = gyre_semaphore_init(&bounded->semaphore, value);

    if (!err)
        bounded->bound = value;
    return err;
}

void gyre_bounded_semaphore_destroy(gyre_bounded_semaphore *bounded)
{
    gyre_semaphore_destroy(&bounded->semaphore);
}

int gyre_bounded_semaphore_acquire(gyre_bounded_semaphore *bounded)
{
    return gyre_semaphore_acquire(&bounded->semaphore);
}

int gyre_bounded_semaphore_release(gyre_bounded_semaphore *bounded)
{
    if (bounded->semaphore.value >= bounded->bound)
        return gyre_error_set(GYRE_EVALUE, "BoundedSemaphore released too many times");
    gyre_semaphore_release(&bounded->semaphore);
    return 0;
}

bool gyre_bounded_semaphore_locked(const gyre_bounded_semaphore *bounded)
{
    return gyre_semaphore_locked(&bounded->semaphore);
}
