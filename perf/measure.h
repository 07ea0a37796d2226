/* measure.h - the small programs' way to measure: rounds in which both sides run one after the other, and the
 * median of each side and of the ratios within the rounds, with the ranks between which the true median lies
 * in at least 95 of 100 cases. One line of tab-separated fields per question; `bench` reads it.
 */
#ifndef PERF_MEASURE_H
#define PERF_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MEASURE_ROUNDS 15

/* One run; returns what was measured, in the unit of the question. */
typedef double (*measure_run)(void);

/* A question: ours against a floor or a peer, which may be absent. */
struct measure_question {
    const char *what;    /* "call_soon and run" */
    const char *unit;    /* "ns" */
    measure_run ours;    /* gyre's side */
    const char *against; /* the other side's name: "uv_timer"; NULL: there is none */
    measure_run theirs;  /* the other side; NULL: there is none */
};

/* Seconds on the monotonic clock. */
static inline double measure_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline int measure__compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static inline double measure__median(double *values)
{
    qsort(values, MEASURE_ROUNDS, sizeof *values, measure__compare);
    return values[MEASURE_ROUNDS / 2];
}

/* Of 15 sorted values the 4th and the 12th enclose the median with 96.5 % confidence. */
static inline void measure__print_ratio(double *ratios)
{
    double median = measure__median(ratios);

    printf("\t%.3f\t%.3f\t%.3f", median, ratios[3], ratios[11]);
}

static inline void measure__rounds(const struct measure_question *question, double *ours, double *theirs,
                                   double *ratios)
{
    for (int i = 0; i < MEASURE_ROUNDS; i++) {
        if (i % 2 && question->theirs)
            theirs[i] = question->theirs();
        ours[i] = question->ours();
        if (i % 2 == 0 && question->theirs)
            theirs[i] = question->theirs();
        ratios[i] = question->theirs ? ours[i] / theirs[i] : 1;
    }
}

/* Asks and prints: what, unit, ours, against, theirs, ratio, low and high end of its confidence interval. */
static inline void measure(struct measure_question question)
{
    double ours[MEASURE_ROUNDS], theirs[MEASURE_ROUNDS], ratios[MEASURE_ROUNDS];

    measure__rounds(&question, ours, theirs, ratios);
    printf("%s\t%s\t%.2f", question.what, question.unit, measure__median(ours));
    if (question.theirs) {
        printf("\t%s\t%.2f", question.against, measure__median(theirs));
        measure__print_ratio(ratios);
    }
    printf("\n");
    fflush(stdout);
}

#endif
