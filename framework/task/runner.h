/* task/runner.h - what gyre_run and gyre_run_sharded share. */
#ifndef GYRE__RUNNER_H
#define GYRE__RUNNER_H

/* The exit status for a main's code and the signal that cancelled it (0: none); prints an error on stderr. */
int gyre__exit_status(int code, int signal);

#endif
