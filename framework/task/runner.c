/* task/runner.c - the entry of a program: a loop, a main, and a clean end. */
#include "task/runner.h"
#include "base/error.h"
#include "base/memory.h"
#include "task/task.h"
#include <gyre/run.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct gyre_runner {
    gyre_loop *loop;                /* a reference; NULL before the first use and after close */
    gyre_loop_options loop_options; /* how to make it */
    bool signals;                   /* SIGINT and SIGTERM cancel the main */
    bool closed;                    /* after close */
    gyre_task *main;                /* what runs now */
    int signal;                     /* what has cancelled it, 0 for nothing */
};

static const int end_signals[] = {SIGINT, SIGTERM};

gyre_runner *(gyre_runner_new)(const gyre_run_options *options)
{
    gyre_runner *runner = gyre__calloc(sizeof *runner);

    runner->loop_options = (gyre_loop_options){.size = sizeof runner->loop_options};
    runner->signals = !options || options->signals != GYRE_NO;
    if (options && options->loop)
        runner->loop_options = *options->loop;
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
    return runner->signal;
}

/* The first signal cancels the main; the default action is back, so that a second one ends even a stuck
 * program. */
static void end_main(gyre_runner *runner, int signal)
{
    runner->signal = signal;
    gyre_loop_remove_signal_handler(runner->loop, SIGINT);
    gyre_loop_remove_signal_handler(runner->loop, SIGTERM);
    if (runner->main)
        gyre_task_cancel(runner->main);
}

static void on_interrupt(void *runner)
{
    end_main(runner, SIGINT);
}

static void on_terminate(void *runner)
{
    end_main(runner, SIGTERM);
}

/* A signal that somebody ignores or handles stays theirs. */
static bool is_default(int signal)
{
    struct sigaction action;

    return sigaction(signal, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
           action.sa_handler == SIG_DFL;
}

static void listen_to_signals(gyre_runner *runner)
{
    if (runner->signals && is_default(SIGINT))
        gyre_loop_add_signal_handler(runner->loop, SIGINT, on_interrupt, runner);
    if (runner->signals && is_default(SIGTERM))
        gyre_loop_add_signal_handler(runner->loop, SIGTERM, on_terminate, runner);
}

static void ignore_signals(gyre_runner *runner)
{
    for (size_t i = 0; runner->signals && i < sizeof end_signals / sizeof *end_signals; i++)
        gyre_loop_remove_signal_handler(runner->loop, end_signals[i]);
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
    runner->signal = 0;
    listen_to_signals(runner);
    err = gyre_loop_run_until_complete(runner->loop, runner->main, NULL);
    ignore_signals(runner);
    gyre_future_unref(runner->main);
    runner->main = NULL;
    return err;
}

static void report(gyre_loop *loop, gyre_task *task)
{
    if (gyre_future_cancelled(task) || gyre_future_exception(task) >= 0)
        return;
    gyre_loop_call_exception_handler(loop, .message = "unhandled exception during asyncio.run() shutdown",
                                     .exception = gyre_future_exception(task), .task = task);
}

static void end_tasks(gyre_loop *loop, gyre_task **tasks, size_t count)
{
    gyre_future *all;

    for (size_t i = 0; i < count; i++)
        gyre_task_cancel(tasks[i]);
    gyre_gather(&all, tasks, count, .return_exceptions = GYRE_YES);
    gyre_loop_run_until_complete(loop, all, NULL);
    gyre_future_unref(all);
    for (size_t i = 0; i < count; i++) {
        report(loop, tasks[i]);
        gyre_future_unref(tasks[i]);
    }
}

static void cancel_leftovers(gyre_loop *loop)
{
    size_t count = gyre_all_tasks(loop, NULL, 0);
    gyre_task **tasks = gyre__malloc((count + 1) * sizeof *tasks);

    gyre_all_tasks(loop, tasks, count);
    if (count > 0)
        end_tasks(loop, tasks, count);
    free(tasks);
}

void gyre_runner_close(gyre_runner *runner)
{
    gyre_loop *loop = runner->loop;

    runner->closed = true;
    runner->loop = NULL;
    if (!loop)
        return;
    cancel_leftovers(loop);
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
    int status = gyre__exit_status(code, runner->signal);

    gyre_runner_free(runner);
    return status;
}
