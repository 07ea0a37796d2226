/* task/inline.c - blocking work without a thread: a callback of the loop runs it, and it is home at once. */
#include "base/context.h"
#include "loop/current.h"
#include "task/blocking.h"

/* As on a thread: no loop is running for it, and it sees no variables but those that come with it. */
static void run_apart(gyre_job *job)
{
    gyre_loop *loop = gyre__running_loop();
    struct gyre__vars none = {0}, *vars = gyre__vars_switch(&none);

    gyre__set_running_loop(NULL);
    job->fn(job);
    gyre__set_running_loop(loop);
    gyre__vars_switch(vars);
    gyre__vars_clear(&none);
}

static void run_here(void *arg)
{
    struct gyre__work *work = arg;

    work->inline_idle = false;
    run_apart(&work->job);
    gyre__work_come_home(work);
}

void gyre__work_run_inline(gyre_loop *loop, struct gyre__work *work)
{
    work->inline_idle = true;
    work->call = gyre_loop_call_soon(loop, run_here, work);
}

static bool take_back_inline(struct gyre__work *work)
{
    bool idle = work->inline_idle;

    if (idle)
        gyre_handle_cancel(&work->call);
    work->inline_idle = false;
    return idle;
}

bool gyre__work_take_back(struct gyre__work *work)
{
    if (work->blocking->loop->executor_inline)
        return take_back_inline(work);
    return gyre_executor_cancel(work->executor, &work->job);
}
