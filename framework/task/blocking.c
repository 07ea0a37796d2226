/* task/blocking.c - run_in_executor: a job goes to a thread and its outcome comes home. */
#include "task/blocking.h"
#include "base/error.h"
#include "base/memory.h"
#include "task/waiter.h"
#include <stdlib.h>

static bool cancel_work(gyre_future *future, const char *msg);

static void free_work_future(gyre_future *future)
{
    free(future);
}

static const struct gyre__future_class work_class = {
    .never_retrieved = "Future exception was never retrieved",
    .cancel = cancel_work,
    .destroy = free_work_future,
};

/* Frees a work, on whichever thread it ended; its future must have let go of it. */
static void free_work(struct gyre__work *work)
{
    if (work->release)
        work->release(work->arg);
    gyre_executor_unref(work->executor);
    gyre__inbox_unref(work->inbox);
    sem_destroy(&work->ended);
    gyre__vars_clear(&work->vars);
    free(work->text);
    free(work);
}

void gyre__work_part(struct gyre__work *work)
{
    struct gyre__work_future *future = work->future;

    gyre__list_remove(&work->link);
    work->blocking->loop->expected--;
    work->future = NULL;
    future->work = NULL;
    gyre_future_unref(&future->future);
}

static void complete(gyre_future *future, struct gyre__work *work)
{
    if (gyre_future_done(future))
        return;
    if (work->job.dropped) {
        gyre__future_cancel(future, NULL);
        return;
    }
    future->text = work->text;
    work->text = NULL;
    gyre__future_finish(future, work->code);
}

void gyre__work_come_home(struct gyre__work *work)
{
    struct gyre__blocking *blocking = work->blocking;
    gyre_future *future = &work->future->future;

    complete(future, work);
    gyre__work_part(work);
    free_work(work);
    gyre__waiter_wake_all(blocking->waiters, 0);
}

static void come_home(void *work)
{
    gyre__work_come_home(work);
}

/* The letter was dropped: the loop has closed, and has parted work and future before. */
static void never_home(void *arg)
{
    free_work(arg);
}

static bool cancel_work(gyre_future *future, const char *msg)
{
    struct gyre__work *work = ((struct gyre__work_future *)future)->work;
    struct gyre__blocking *blocking;

    if (!work || !gyre__work_take_back(work))
        return work && work->holds_arg ? false : gyre__future_cancel(future, msg);
    blocking = work->blocking;
    gyre_future_ref(future);
    gyre__work_part(work);
    free_work(work);
    gyre__future_cancel(future, msg);
    gyre_future_unref(future);
    gyre__waiter_wake_all(blocking->waiters, 0);
    return true;
}

static void run_job(gyre_job *job)
{
    struct gyre__work *work = job->arg;
    char **text = gyre__error_switch(&work->text);
    struct gyre__vars *outer = gyre__vars_current;

    if (work->holds_arg)
        gyre__vars_switch(&work->vars);
    work->code = work->fn(work->arg);
    gyre__vars_switch(outer);
    gyre__error_switch(text);
}

static void job_done(gyre_job *job)
{
    struct gyre__work *work = job->arg;
    /* The loop may free the work, and itself, while the push still looks whether to wake it. */
    struct gyre__inbox *inbox = gyre__inbox_ref(work->inbox);

    sem_post(&work->ended);
    if (gyre__inbox_push(inbox, &work->letter))
        free_work(work);
    gyre__inbox_unref(inbox);
}

static int submit_error(int err)
{
    if (err == -EAGAIN)
        return gyre_error_set(GYRE_EQUEUEFULL, "The executor's queue is full");
    if (err == -ESHUTDOWN)
        return gyre_error_set(GYRE_ESHUTDOWN, "cannot schedule new futures after shutdown");
    return gyre_error_set(err, "The executor does not take the job");
}

/* The job and the letter point into the work: fill them where it lies. */
static struct gyre__work *make_work(gyre_loop *loop, gyre_executor *executor, struct gyre__work filled)
{
    struct gyre__work *work = gyre__malloc(sizeof *work);

    *work = filled;
    work->job = (gyre_job){.fn = run_job, .done = job_done, .arg = work};
    work->letter =
        (struct gyre__call){.fn = come_home, .arg = work, .release = never_home, .kind = GYRE__CALL_EMBEDDED};
    work->blocking = gyre__blocking_of(loop);
    work->executor = gyre_executor_ref(executor);
    work->inbox = gyre__inbox_ref(loop->inbox);
    sem_init(&work->ended, 0, 0);
    if (work->holds_arg)
        work->vars = gyre__vars_capture();
    return work;
}

static struct gyre__work_future *make_future(gyre_loop *loop, struct gyre__work *work)
{
    struct gyre__work_future *future = gyre__calloc(sizeof *future);

    gyre__future_init(&future->future, loop, &work_class);
    future->work = work;
    work->future = future;
    gyre_future_ref(&future->future);
    gyre__list_append(&work->blocking->under_way, &work->link);
    loop->expected++;
    return future;
}

static int choose_executor(gyre_loop *loop, gyre_executor **executor)
{
    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (!*executor && gyre__blocking_of(loop)->shut_down)
        return gyre_error_set(GYRE_ESHUTDOWN, "Executor shutdown has been called");
    if (!*executor && !loop->executor_inline)
        *executor = gyre_loop_get_default_executor(loop);
    return *executor || loop->executor_inline ? 0 : gyre_error_set(-ENOMEM, "no executor can be made");
}

static int submit(gyre_loop *loop, struct gyre__work *work)
{
    if (!loop->executor_inline)
        return gyre_executor_submit(work->executor, &work->job);
    gyre__work_run_inline(loop, work);
    return 0;
}

int gyre__work_submit(gyre_loop *loop, struct gyre__work_future **out, gyre_executor *executor,
                      struct gyre__work filled)
{
    int err = choose_executor(loop, &executor);
    struct gyre__work *work;
    struct gyre__work_future *future;

    if (err)
        return err;
    work = make_work(loop, executor, filled);
    future = make_future(loop, work);
    err = submit(loop, work);
    if (!err) {
        *out = future;
        return 0;
    }
    work->release = NULL;
    gyre__work_part(work);
    free_work(work);
    gyre_future_unref(&future->future);
    return submit_error(err);
}

int(gyre_loop_run_in_executor)(gyre_loop *loop, gyre_future **future, gyre_executor *executor,
                               gyre_blocking fn, void *arg, const gyre_call_options *options)
{
    struct gyre__work work = {.fn = fn, .arg = arg, .release = options ? options->release : NULL};
    struct gyre__work_future *made;
    int err = gyre__work_submit(loop, &made, executor, work);

    if (err) {
        if (work.release)
            work.release(arg);
        return err;
    }
    if (future)
        *future = &made->future;
    else
        gyre_future_unref(&made->future);
    return 0;
}
