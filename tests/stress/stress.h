/* stress.h - what the stress programs share: a clock that runs out, random numbers, and expectations. */
#ifndef GYRE_TESTS_STRESS_H
#define GYRE_TESTS_STRESS_H

#include <dirent.h>
#include <gyre/gyre.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static atomic_int disappointments;

#define expect(condition) ((condition) ? (void)0 : disappoint(__FILE__, __LINE__, #condition))

static inline void disappoint(const char *file, int line, const char *condition)
{
    if (atomic_fetch_add(&disappointments, 1) < 20)
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
}

static unsigned seed;

/* Random numbers, each thread its own. */
static inline unsigned roll(unsigned sides)
{
    static __thread uint32_t state;
    static atomic_uint threads;

    if (!state)
        state = (seed + atomic_fetch_add(&threads, 1)) * 2654435761u | 1;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % sides;
}

static inline double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double deadline;

static inline bool time_is_up(void)
{
    return now() >= deadline;
}

/* Gives the next part its time: the whole, divided by so many parts. */
static inline void begin_part(int parts)
{
    const char *seconds = getenv("STRESS_SECONDS");

    deadline = now() + (seconds ? atof(seconds) : 2) / parts;
}

static inline void nap(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&time, NULL);
}

static inline size_t count_open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static size_t open_files;

static inline void begin_stress(int argc, char **argv)
{
    seed = argc > 1 ? (unsigned)atoi(argv[1]) : (unsigned)time(NULL);
    printf("%s: seed %u\n", argv[0], seed);
    /* What libuv opens once for the process is open before the count. */
    gyre_loop_unref(gyre_loop_new());
    open_files = count_open_files();
    alarm(110);
}

static inline int end_stress(void)
{
    for (int i = 0; i < 100 && count_open_files() != open_files; i++)
        nap(0.01);
    expect(count_open_files() == open_files);
    return atomic_load(&disappointments) ? 1 : 0;
}

#endif
