/* A job that counts what happened to it; for the tests of the executor. */
#ifndef GYRE_TESTS_EXECUTOR_PROBE_H
#define GYRE_TESTS_EXECUTOR_PROBE_H

#include <gyre/executor.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

struct probe {
    gyre_job job;
    sem_t *hold;       /* when set, fn doesn't end before it is posted */
    sem_t done;        /* posted by done */
    atomic_uint runs;  /* calls of fn */
    atomic_uint dones; /* calls of done */
    bool dropped;      /* what done saw */
    bool flag;         /* for the test */
    pthread_t done_on; /* where done was called */
};

/* fn and done of a probe, for tests that replace one of them. */
void probe_run(gyre_job *job);
void probe_end(gyre_job *job);

/* Makes a probe whose fn waits for `hold` unless that is NULL. */
void probe_open(struct probe *probe, sem_t *hold);

/* Fails the test unless fn and done were called that often. */
void probe_check(struct probe *probe, unsigned runs, unsigned dones);

/* Occupies the only worker of the pool until `hold`, made here, is posted. */
void probe_occupy(gyre_executor *executor, struct probe *probe, sem_t *hold);

/* Waits for all jobs and threads and gives the reference back. */
void probe_end_pool(gyre_executor *executor);

/* True while the system has a thread of this process with that name. */
bool probe_thread_exists(const char *name);

#endif
