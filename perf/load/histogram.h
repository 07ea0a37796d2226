/* histogram.h - how often each latency occurred, to three significant digits, from 1 ns to an hour: the
 * layout of HdrHistogram, 1024 steps for each power of two. Recording is a few instructions and never
 * allocates. One thread; the counts are of requests.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

/* Records that count requests took so many nanoseconds each; more than an hour counts as an hour. */
void histogram_record(uint64_t ns, uint64_t count);

/* The latency in microseconds that the given share (0 to 1) of all requests did not exceed, rounded up to the
 * step's end; 0 when there are none. */
double histogram_percentile(double share);

/* Prints a line for each percentile: its name, the latency in microseconds, how many requests took no longer;
 * then mean and max. Separated by tabs. */
void histogram_print(FILE *file);

#endif
