/* latency.h - a histogram of durations with 64 steps per power of two: recording is a few instructions, and a
 * percentile is off by less than 2 %. One per program (the load client); nothing is allocated.
 */
#ifndef PERF_LATENCY_H
#define PERF_LATENCY_H

#include <stdint.h>

#define LATENCY_STEPS   64
#define LATENCY_BUCKETS (64 * LATENCY_STEPS)

static uint64_t latency_counts[LATENCY_BUCKETS];

/* Records that count requests took so many nanoseconds each. */
static inline void latency_record(uint64_t ns, uint64_t count)
{
    int power = 63 - __builtin_clzll(ns | LATENCY_STEPS);
    int step = (int)(ns >> (power - 6)) % LATENCY_STEPS;

    latency_counts[power * LATENCY_STEPS + step] += count;
}

static inline double latency_bucket_us(int bucket)
{
    int power = bucket / LATENCY_STEPS, step = bucket % LATENCY_STEPS;

    return (double)((1ull << power) + ((uint64_t)step << (power - 6))) / 1e3;
}

/* The duration in microseconds that the given share (0 to 1) of all requests did not exceed; 0 when there are
 * none. */
static inline double latency_percentile(double share)
{
    uint64_t total = 0, seen = 0;

    for (int i = 0; i < LATENCY_BUCKETS; i++)
        total += latency_counts[i];
    for (int i = 0; i < LATENCY_BUCKETS; i++) {
        seen += latency_counts[i];
        if (seen > 0 && (double)seen >= share * (double)total)
            return latency_bucket_us(i);
    }
    return 0;
}

#endif
