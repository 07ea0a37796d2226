/* worker.h - the one worker of the run's loop: its default executor, whose jobs end when the bed says so. */
#ifndef GYRE_TESTS_TORTURE_WORKER_H
#define GYRE_TESTS_TORTURE_WORKER_H

#include <gyre/executor.h>

/* Makes the executor. [new ref] */
gyre_executor *worker_new(void);

/* Lets the running job end, here; the next one starts, and stays at its beginning. False when none runs. */
bool worker_finish_job(void);

/* From now on a thread ends the jobs, as they come; and waits for it, when no job is left. */
void worker_release(void);
void worker_join(void);

#endif
