/* task/inline.c - blocking work without a thread: a callback of the loop runs it, and it is home at once. */
#include "base/error.h"
#include "loop/current.h"
#include "task/blocking.h"

/* As on a thread, no loop is running for the work, and its last sentence is its own. */
static int run_apart(struct gyre__work *work)
{
    gyre_loop *loop = gyre__running_loop();
    char **text = gyre__error_switch(&work->text);
    int code;

    gyre__set_running_loop(NULL);
    code = work->fn(work->arg);
    gyre__set_running_loop(loop);
    gyre__error_switch(text);
    return code;
}

static void run_here(void *arg)
{
    struct gyre__work *work = arg;

    work->inline_idle = false;
    work->code = run_apart(work);
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
