/* net/resolver.c - threads of its own kind for names: slow ones delay no other blocking work, nor it them. */
#include "net/resolver.h"
#include "loop/loop.h"
#include <errno.h>
#include <gyre/thread.h>

enum { THREADS = 4 };

static void close_executor(gyre_loop *loop, void *executor)
{
    gyre_executor_shutdown(executor, false, true);
    gyre_executor_unref(executor);
}

static gyre_executor *executor_of(gyre_loop *loop)
{
    struct gyre__floor_state *floor = &loop->floors[GYRE__FLOOR_RESOLVER];
    gyre_executor *executor = floor->state;

    if (executor)
        return executor;
    executor = gyre_executor_new(.threads = THREADS, .name = "gyre-dns", .spin = -1);
    if (executor)
        gyre__loop_attach(loop, GYRE__FLOOR_RESOLVER,
                          (struct gyre__floor_state){.state = executor, .close = close_executor});
    return executor;
}

int gyre__resolver_run(gyre_loop *loop, gyre_coroutine work, void *query, gyre_release release)
{
    gyre_executor *executor = executor_of(loop);
    int err = executor ? 0 : -errno;
    gyre_future *future;

    if (err) {
        release(query);
        return err;
    }
    err = gyre_loop_run_in_executor(loop, &future, executor, work, query, .release = release);
    if (err)
        return err;
    err = gyre_await(future, NULL);
    /* A wait that was refused, or stopped, leaves the work behind. */
    if (!gyre_future_done(future))
        gyre_future_cancel(future);
    gyre_future_unref(future);
    return err;
}

int gyre__resolver_code(int eai)
{
    if (eai != EAI_SYSTEM)
        return eai ? GYRE_EGAI + eai : 0;
    return errno ? -errno : -EIO;
}
