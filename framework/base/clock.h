/* base/clock.h - the monotonic clock in nanoseconds, and waiting by it. */
#ifndef GYRE__CLOCK_H
#define GYRE__CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* Now. */
static inline int64_t gyre__clock_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* A moment of that clock, as pthread_cond_timedwait wants it. */
static inline struct timespec gyre__clock_moment(int64_t when)
{
    return (struct timespec){when / 1000000000, when % 1000000000};
}

/* Makes a condition variable whose deadlines are on that clock. */
static inline void gyre__clock_init_cond(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

#endif
