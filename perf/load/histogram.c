/* histogram.c - counts in steps that grow with the latency. Below 2048 ns a step is one nanosecond; above,
 * each power of two has 1024 steps, and row r (latencies of r + 11 bits) lies at r * 1024 + 1024.
 */
#include "histogram.h"

#include <stdlib.h>

#define STEPS   1024ull
#define LONGEST 3600000000000ull
#define ROWS    32 /* an hour has 42 bits */

static uint64_t counts[(ROWS + 1) * STEPS];
static uint64_t total, longest;
static double sum;

static unsigned row_of(uint64_t ns)
{
    return 53 - (unsigned)__builtin_clzll(ns | (2 * STEPS - 1));
}

static uint64_t last_of_step(uint64_t index)
{
    uint64_t row = index < 2 * STEPS ? 0 : index / STEPS - 1;

    return ((index - row * STEPS + 1) << row) - 1;
}

void histogram_record(uint64_t ns, uint64_t count)
{
    unsigned row;

    if (ns > LONGEST)
        ns = LONGEST;
    row = row_of(ns);
    counts[row * STEPS + (ns >> row)] += count;
    total += count;
    sum += (double)ns * (double)count;
    if (ns > longest)
        longest = ns;
}

/* The first step at which the share is reached, and how many requests it and those before it hold. */
static uint64_t find(double share, uint64_t *seen)
{
    *seen = 0;
    for (uint64_t i = 0; i < (ROWS + 1) * STEPS; i++) {
        *seen += counts[i];
        if (*seen > 0 && (double)*seen >= share * (double)total)
            return last_of_step(i);
    }
    return 0;
}

static double microseconds(uint64_t ns)
{
    return (double)(ns < longest ? ns : longest) / 1e3;
}

double histogram_percentile(double share)
{
    uint64_t seen;

    return microseconds(find(share, &seen));
}

void histogram_print(FILE *file)
{
    static const char *const percentiles[] = {"50", "75", "90", "95", "99", "99.9", "99.99", "99.999"};
    uint64_t seen;

    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
        uint64_t ns = find(strtod(percentiles[i], NULL) / 100, &seen);

        fprintf(file, "p%s\t%.2f\t%llu\n", percentiles[i], microseconds(ns), (unsigned long long)seen);
    }
    fprintf(file, "mean\t%.2f\t%llu\n", total ? sum / (double)total / 1e3 : 0, (unsigned long long)total);
    fprintf(file, "max\t%.2f\t%llu\n", microseconds(longest), (unsigned long long)total);
}
