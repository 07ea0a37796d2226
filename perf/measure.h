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

#define MEASURE_ROUNDS     15
#define MEASURE_ROUNDS_MAX 99

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

/* How many rounds: MEASURE_ROUNDS in the environment, for a short look, else 15. */
static inline int measure__count(void)
{
    const char *wanted = getenv("MEASURE_ROUNDS");
    int count = wanted ? atoi(wanted) : MEASURE_ROUNDS;

    return count < 1 ? 1 : count > MEASURE_ROUNDS_MAX ? MEASURE_ROUNDS_MAX : count;
}

static inline double measure__median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, measure__compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* The number of sorted values to leave out at each end so that the others enclose the true median with at
 * least 95 % confidence; none where there are too few for that. Of 15 values three: the 4th and the
 * 12th, 96.5 %.
 */
static inline int measure__outside(int count)
{
    double chance = 1, below = 0;
    int outside = -1;

    for (int i = 0; i < count; i++)
        chance /= 2;
    for (; outside < count / 2 && 2 * (below += chance) <= 0.05; outside++)
        chance *= (double)(count - outside - 1) / (outside + 2);
    return outside < 0 ? 0 : outside;
}

static inline void measure__print_ratio(double *ratios, int count)
{
    double median = measure__median(ratios, count);
    int outside = measure__outside(count);

    printf("\t%.3f\t%.3f\t%.3f", median, ratios[outside], ratios[count - 1 - outside]);
}

static inline void measure__rounds(const struct measure_question *question, double *ours, double *theirs,
                                   double *ratios, int count)
{
    for (int i = 0; i < count; i++) {
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
    double ours[MEASURE_ROUNDS_MAX], theirs[MEASURE_ROUNDS_MAX], ratios[MEASURE_ROUNDS_MAX];
    int count = measure__count();

    measure__rounds(&question, ours, theirs, ratios, count);
    printf("%s\t%s\t%.2f", question.what, question.unit, measure__median(ours, count));
    if (question.theirs) {
        printf("\t%s\t%.2f", question.against, measure__median(theirs, count));
        measure__print_ratio(ratios, count);
    }
    printf("\n");
    fflush(stdout);
}

#endif
