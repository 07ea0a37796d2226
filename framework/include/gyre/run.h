/* gyre/run.h - the entry of a program: run a main coroutine on a loop, and leave nothing behind.
 *
 * asyncio: run and Runner.
 */
#ifndef GYRE_RUN_H
#define GYRE_RUN_H

#include <gyre/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a program runs. */
typedef struct gyre_run_options {
    size_t size;             /* sizeof this struct, filled in by the macro */
    gyre_loop_options *loop; /* how its loop is made; default all defaults */
    int signals; /* GYRE_NO: SIGINT and SIGTERM keep their actions; default GYRE_YES: the first one cancels
                    the main */
    int debug;   /* GYRE_YES: debug mode, GYRE_NO: not; default as the loop's options say */
    gyre_loop *(*loop_factory)(
        void *arg);     /* makes the loop, which the run closes; default: one is made as
                           `loop` says, and is the thread's gyre_get_event_loop meanwhile */
    void *factory_arg;  /* for the factory */
    double stall_limit; /* seconds that a turn may take before it is told (gyre/stall.h); default as the
                           loop's options say */
} gyre_run_options;

/* Runs fn(arg) as the main task of a new loop, cancels and awaits what it leaves, closes the loop, and
 * returns an exit status: 0 (also after SIGTERM that main obeyed), 130 after SIGINT, 1 after an error, which
 * it prints on stderr. Inside a running loop: 1 too. asyncio: run */
int gyre_run(gyre_coroutine fn, void *arg, const gyre_run_options *options);
#define gyre_run(fn, ...) gyre_run(fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_run_options, __VA_ARGS__))

/* yours to close: runs several mains on one loop. asyncio: Runner */
typedef struct gyre_runner gyre_runner;

/* Makes a runner; its loop is made at the first use. NULL: out of memory. asyncio: Runner() */
gyre_runner *gyre_runner_new(const gyre_run_options *options);
#define gyre_runner_new(...) \
    gyre_runner_new(&(gyre_run_options){.size = sizeof(gyre_run_options), __VA_ARGS__})

/* Options of one run of a runner. */
typedef struct gyre_runner_run_options {
    size_t size;           /* sizeof this struct, filled in by the macro */
    gyre_context *context; /* the main's context, itself; default: the runner's own, which keeps what mains
                              set from run to run, and began as a copy of the context of the first use */
} gyre_runner_run_options;

/* Runs fn(arg) as a task and returns its code. GYRE_ERUNTIME inside a running loop or after close, GYRE_ETYPE
 * for no function, or when the factory made no loop. asyncio: Runner.run */
int gyre_runner_run(gyre_runner *runner, gyre_coroutine fn, void *arg,
                    const gyre_runner_run_options *options);
#define gyre_runner_run(runner, fn, ...) \
    gyre_runner_run(runner, fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_runner_run_options, __VA_ARGS__))

/* The runner's loop, lent. NULL after close. asyncio: Runner.get_loop */
gyre_loop *gyre_runner_get_loop(gyre_runner *runner);

/* The signal that cancelled the last main, 0 for none; also 0 when others had asked for its end too. */
int gyre_runner_get_signal(const gyre_runner *runner);

/* Cancels and awaits the tasks that are left, reports those that fail, joins the default executor (300 s at
 * most), closes the loop. Idempotent. asyncio: Runner.close */
void gyre_runner_close(gyre_runner *runner);

/* Closes and frees the runner; NULL is fine. */
void gyre_runner_free(gyre_runner *runner);

#ifdef __cplusplus
}
#endif

#endif
