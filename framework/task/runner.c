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
    gyre_run_options options;         /* how to make it, and whether signals cancel the main */
    gyre_loop_options loop_options;   /* a copy of those in it */
    bool closed;                      /* after close */
    bool set;                         /* the loop was made this thread's */
    gyre_context *context;            /* a reference: what all mains see */
    gyre_task *main;                  /* what runs now */
    struct gyre__interrupt interrupt; /* what may cancel it */
};

gyre_runner *(gyre_runner_new)(const gyre_run_options *options)
{
    gyre_runner *runner = gyre__calloc(sizeof *runner);

    gyre__options_fill(&runner->options, sizeof runner->options, options);
    gyre__options_fill(&runner->loop_options, sizeof runner->loop_options, runner->options.loop);
    if (runner->options.stall_limit > 0)
        runner->loop_options.stall_limit = runner->options.stall_limit;
    return runner;
}

static gyre_loop *make_own(gyre_runner *runner)
{
    gyre_loop *loop = (gyre_loop_new)(&runner->loop_options);

    if (loop) {
        gyre_set_event_loop(loop);
        runner->set = true;
    }
    return loop;
}

static void begin(gyre_runner *runner)
{
    const gyre_run_options *options = &runner->options;

    runner->loop = options->loop_factory ? options->loop_factory(options->factory_arg) : make_own(runner);
    if (!runner->loop)
        return;
    if (options->debug)
        gyre_loop_set_debug(runner->loop, options->debug == GYRE_YES);
    runner->context = gyre_copy_context();
}

gyre_loop *gyre_runner_get_loop(gyre_runner *runner)
{
    if (!runner->loop && !runner->closed)
        begin(runner);
    return runner->loop;
}

int gyre_runner_get_signal(const gyre_runner *runner)
{
    return runner->interrupt.signal;
}

/* One that comes when the main has ended changes nothing. */
static void end_main(void *arg)
{
    gyre_runner *runner = arg;

    if (!runner->main || !gyre_task_cancel(runner->main))
        runner->interrupt.signal = 0;
}

static int find_loop(gyre_runner *runner)
{
    if (gyre_runner_get_loop(runner))
        return 0;
    return runner->options.loop_factory ? gyre_error_set(GYRE_ETYPE, "the loop factory made no loop")
                                        : -errno;
}

static int check(gyre_runner *runner, gyre_coroutine fn)
{
    if (!fn)
        return gyre_error_set(GYRE_ETYPE, "a coroutine was expected");
    if (gyre__running_loop())
        return gyre_error_set(GYRE_ERUNTIME, "gyre_run() cannot be called from a running event loop");
    if (runner->closed)
        return gyre_error_set(GYRE_ERUNTIME, "Runner is closed");
    return find_loop(runner);
}

static void begin_interrupt(gyre_runner *runner)
{
    runner->interrupt = (struct gyre__interrupt){0};
    if (runner->options.signals != GYRE_NO && !gyre__loop_is_virtual(runner->loop))
        gyre__interrupt_begin(&runner->interrupt, runner->loop, end_main, runner);
}

/* A signal is why the main was cancelled when nobody else has asked for that. */
static void end_interrupt(gyre_runner *runner, int code)
{
    gyre__interrupt_end(&runner->interrupt);
    if (code == GYRE_ECANCELLED && runner->interrupt.signal && gyre_task_uncancel(runner->main) > 0)
        runner->interrupt.signal = 0;
}

static int run_main(gyre_runner *runner)
{
    int code;

    begin_interrupt(runner);
    code = gyre_loop_run_until_complete(runner->loop, runner->main, NULL);
    end_interrupt(runner, code);
    gyre_future_unref(runner->main);
    runner->main = NULL;
    return code;
}

int(gyre_runner_run)(gyre_runner *runner, gyre_coroutine fn, void *arg,
                     const gyre_runner_run_options *options)
{
    gyre_context *context = options ? options->context : NULL;
    int err = check(runner, fn);

    if (!err)
        err = gyre_loop_create_task(runner->loop, &runner->main, fn, arg,
                                    .context = context ? context : runner->context);
    return err ? err : run_main(runner);
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
    if (runner->set)
        gyre_set_event_loop(NULL);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    gyre_context_unref(runner->context);
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
