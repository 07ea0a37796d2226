/* task/threadsafe.c - run_coroutine_threadsafe: a task on a loop, and its result for any thread.
 *
 * `task`, `started` and `loop` belong to the loop's thread alone, which may be gone when the future is not.
 */
#include "base/error.h"
#include "base/options.h"
#include "task/concurrent.h"
#include "task/task.h"

/* A concurrent future with a task behind it. */
struct gyre__foreign {
    gyre_concurrent_future future; /* must stay first */
    struct gyre__inbox *inbox;     /* a reference: the way to the task's loop */
    gyre_loop *loop;               /* the task's loop */
    gyre_task *task;               /* a reference, NULL before the start and after the end */
    gyre_coroutine fn;             /* the body */
    void *arg;                     /* for it */
    gyre_task_options options;     /* how to make the task; name and context are ours */
    char *name;                    /* the same name, to be freed */
    bool started;                  /* the task was made, or could not be: arg is not ours any more */
};

static void let_go(void *future)
{
    gyre_concurrent_future_unref(future);
}

static struct gyre__foreign *hold(struct gyre__foreign *foreign)
{
    gyre_concurrent_future_ref(&foreign->future);
    return foreign;
}

static void destroy(gyre_concurrent_future *future)
{
    struct gyre__foreign *foreign = (struct gyre__foreign *)future;

    gyre__inbox_unref(foreign->inbox);
    gyre_context_unref(foreign->options.context);
    free(foreign->name);
    free(foreign);
}

static void cancel_task(void *arg)
{
    struct gyre__foreign *foreign = arg;

    if (foreign->task)
        gyre_task_cancel(foreign->task);
}

static void tell_loop(gyre_concurrent_future *future)
{
    struct gyre__foreign *foreign = (struct gyre__foreign *)future;

    gyre__post(foreign->inbox, cancel_task, hold(foreign), let_go);
}

static const struct gyre__concurrent_class foreign_class = {.cancelled = tell_loop, .destroy = destroy};

static void settle(struct gyre__foreign *foreign, enum gyre__concurrent_state state, int code,
                   const char *text)
{
    struct gyre__outcome outcome = {.code = code, .text = gyre__strdup(text)};

    if (!gyre__concurrent_settle(&foreign->future, state, outcome))
        free(outcome.text);
}

static void task_done(gyre_future *task, void *arg)
{
    int code = gyre_future_result(task, NULL);

    settle(arg, gyre_future_cancelled(task) ? GYRE__CONCURRENT_CANCELLED : GYRE__CONCURRENT_FINISHED, code,
           code < 0 ? gyre_error_text() : NULL);
}

/* Comes after task_done, or in place of it when the loop has closed. */
static void let_task_go(void *arg)
{
    struct gyre__foreign *foreign = arg;

    settle(foreign, GYRE__CONCURRENT_CANCELLED, GYRE_ECANCELLED, "Event loop is closed");
    foreign->loop->asked--;
    gyre_future_unref(foreign->task);
    foreign->task = NULL;
    let_go(foreign);
}

/* Nobody may be waiting: the loop's handler is told too. */
static void give_up(struct gyre__foreign *foreign, int err)
{
    settle(foreign, GYRE__CONCURRENT_FINISHED, err, gyre_error_text());
    gyre_loop_call_exception_handler(foreign->loop, .message = "A task for another thread could not be made",
                                     .exception = err);
}

static void start(void *arg)
{
    struct gyre__foreign *foreign = arg;
    int err;

    if (gyre_concurrent_future_done(&foreign->future))
        return;
    foreign->started = true;
    err =
        (gyre_loop_create_task)(foreign->loop, &foreign->task, foreign->fn, foreign->arg, &foreign->options);
    if (err) {
        give_up(foreign, err);
        return;
    }
    foreign->loop->asked++;
    gyre_future_add_done_callback(foreign->task, task_done, hold(foreign), .release = let_task_go);
}

/* After start, or in its place when the loop has closed or the future was cancelled first. */
static void let_start_go(void *arg)
{
    struct gyre__foreign *foreign = arg;

    if (!foreign->started) {
        settle(foreign, GYRE__CONCURRENT_FINISHED, GYRE_ELOOPCLOSED, "Event loop is closed");
        if (foreign->options.release)
            foreign->options.release(foreign->arg);
    }
    let_go(foreign);
}

static struct gyre__foreign *make(gyre_loop *loop, gyre_coroutine fn, void *arg,
                                  const gyre_task_options *options)
{
    struct gyre__foreign *foreign = gyre__calloc(sizeof *foreign);

    gyre__concurrent_init(&foreign->future, &foreign_class);
    foreign->inbox = gyre__inbox_ref(loop->inbox);
    foreign->loop = loop;
    foreign->fn = fn;
    foreign->arg = arg;
    gyre__options_fill(&foreign->options, sizeof foreign->options, options);
    foreign->options.name = foreign->name = gyre__strdup(foreign->options.name);
    gyre_context_ref(foreign->options.context);
    return foreign;
}

int(gyre_run_coroutine_threadsafe)(gyre_loop *loop, gyre_concurrent_future **out, gyre_coroutine fn,
                                   void *arg, const gyre_task_options *options)
{
    struct gyre__foreign *foreign = make(loop, fn, arg, options);
    int err = gyre__post(foreign->inbox, start, hold(foreign), let_start_go);

    if (!err && out)
        *out = &hold(foreign)->future;
    let_go(foreign);
    return err;
}
