/* task/runner.c - the entry of a program: a loop, a main, and a clean end. */
#include "task/runner.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/options.h"
#include "task/task.h"
#include <gyre/run.h>
#include <gyre/thread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct gyre_runner {
    gyre_loop *loop;                  /* a reference; NULL before the first use and after close */
    gyre_loop_options loop_options;   /* how to make it */
    bool signals;                     /* SIGINT and SIGTERM cancel the main */
    bool closed;                      /* after close */
    gyre_task *main;                  /* what runs now */
    struct gyre__interrupt interrupt; /* what may cancel it */
};

gyre_runner *(gyre_runner_new)(const gyre_run_options *options)
{
    gyre_runner *runner = gyre__calloc(sizeof *runner);
    gyre_run_options filled = {0};

    gyre__options_fill(&filled, sizeof filled, options);
    gyre__options_fill(&runner->loop_options, sizeof runner->loop_options, filled.loop);
    if (filled.debug)
        runner->loop_options.debug = filled.debug;
    runner->signals = filled.signals != GYRE_NO;
    return runner;
}

gyre_loop *gyre_runner_get_loop(gyre_runner *runner)
{
    if (!runner->loop && !runner->closed)
        runner->loop = (gyre_loop_new)(&runner->loop_options);
    return runner->loop;
}

int gyre_runner_get_signal(const gyre_runner *runner)
{
    return runner->interrupt.signal;
}

static void end_main(void *arg)
{
    gyre_runner *runner = arg;

    if (runner->main)
        gyre_task_cancel(runner->main);
}

static int check(gyre_runner *runner)
{
    if (gyre__running_loop())
        return gyre_error_set(GYRE_ERUNTIME, "gyre_run() cannot be called from a running event loop");
    if (runner->closed)
        return gyre_error_set(GYRE_ERUNTIME, "Runner is closed");
    return gyre_runner_get_loop(runner) ? 0 : -errno;
}

int gyre_runner_run(gyre_runner *runner, gyre_coroutine fn, void *arg)
{
    int err = check(runner);

    if (!err)
        err = gyre_loop_create_task(runner->loop, &runner->main, fn, arg);
    if (err)
        return err;
    runner->interrupt = (struct gyre__interrupt){0};
    if (runner->signals && !gyre__loop_is_virtual(runner->loop))
        gyre__interrupt_begin(&runner->interrupt, runner->loop, end_main, runner);
    err = gyre_loop_run_until_complete(runner->loop, runner->main, NULL);
    gyre__interrupt_end(&runner->interrupt);
    gyre_future_unref(runner->main);
    runner->main = NULL;
    return err;
}

void gyre_runner_close(gyre_runner *runner)
{
    gyre_loop *loop = runner->loop;

    runner->closed = true;
    runner->loop = NULL;
    if (!loop)
        return;
    gyre__cancel_leftovers(loop);
    gyre_loop_shutdown_default_executor(loop, 300.0);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
}

void gyre_runner_free(gyre_runner *runner)
{
    if (!runner)
        return;
    gyre_runner_close(runner);
    free(runner);
}

static void complain(int code)
{
    const char *text = gyre_error_text();

    fprintf(stderr, "gyre: the main failed: %s (%d): %s\n", gyre_error_name(code), code,
            *text ? text : gyre_strerror(code));
}

int gyre__exit_status(int code, int signal)
{
    bool obeyed = code == GYRE_ECANCELLED && signal;

    if (obeyed)
        return signal == SIGINT ? 130 : 0;
    if (code >= 0)
        return 0;
    complain(code);
    return 1;
}

int(gyre_run)(gyre_coroutine fn, void *arg, const gyre_run_options *options)
{
    gyre_runner *runner = (gyre_runner_new)(options);
    int code = gyre_runner_run(runner, fn, arg);
    int status = gyre__exit_status(code, runner->interrupt.signal);

    gyre_runner_free(runner);
    return status;
}
