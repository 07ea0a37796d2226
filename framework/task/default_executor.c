/* task/default_executor.c - the loop's default executor: made at first use, replaced, shut down; and the end
 * of all its works. */
#include "base/memory.h"
#include "task/blocking.h"
#include "task/waiter.h"
#include <gyre/combine.h>
#include <stdlib.h>

static void let_executor_go(struct gyre__blocking *blocking)
{
    if (blocking->executor && blocking->own)
        gyre_executor_shutdown(blocking->executor, false, false);
    gyre_executor_unref(blocking->executor);
    blocking->executor = NULL;
}

/* A work that has not begun ends here, any other on its thread or in the inbox. Its future stays pending. */
static void take_back(struct gyre__work *work)
{
    bool idle = gyre__work_take_back(work);

    gyre__work_part(work);
    if (idle)
        gyre__call_drop(NULL, &work->letter);
}

static void close_blocking(gyre_loop *loop, void *state)
{
    struct gyre__blocking *blocking = state;

    while (!gyre__list_empty(&blocking->under_way))
        take_back(GYRE__OF(blocking->under_way.next, struct gyre__work, link));
    while (!gyre__list_empty(&blocking->wraps))
        gyre__wrap_part(GYRE__OF(blocking->wraps.next, struct gyre__wrap, link));
    let_executor_go(blocking);
}

static void release_blocking(gyre_loop *loop, void *state)
{
    /* One that was set after the close. */
    let_executor_go(state);
    free(state);
}

struct gyre__blocking *gyre__blocking_of(gyre_loop *loop)
{
    struct gyre__blocking *blocking = loop->floors[GYRE__FLOOR_BLOCKING].state;

    if (blocking)
        return blocking;
    blocking = gyre__calloc(sizeof *blocking);
    blocking->loop = loop;
    gyre__list_init(&blocking->under_way);
    gyre__list_init(&blocking->wraps);
    gyre__loop_attach(loop, GYRE__FLOOR_BLOCKING,
                      (struct gyre__floor_state){blocking, close_blocking, release_blocking});
    /* Its futures have done-callbacks, which the task floor runs. */
    gyre__tasks_of(loop);
    return blocking;
}

int gyre_loop_set_default_executor(gyre_loop *loop, gyre_executor *executor)
{
    struct gyre__blocking *blocking = gyre__blocking_of(loop);

    if (!executor)
        return gyre_error_set(GYRE_ETYPE, "executor must be a thread pool");
    if (executor == blocking->executor)
        return 0;
    gyre_executor_ref(executor);
    let_executor_go(blocking);
    blocking->executor = executor;
    blocking->own = false;
    return 0;
}

gyre_executor *gyre_loop_get_default_executor(gyre_loop *loop)
{
    struct gyre__blocking *blocking = gyre__blocking_of(loop);

    if (blocking->shut_down || gyre_loop_is_closed(loop))
        return NULL;
    if (!blocking->executor) {
        blocking->executor = gyre_executor_new(.name = "asyncio");
        blocking->own = true;
    }
    return blocking->executor;
}

int gyre__blocking_wait(struct gyre__blocking *blocking)
{
    struct gyre__waiter waiter;

    return gyre__waiter_wait(&waiter, &blocking->waiters, blocking->loop);
}

/* True while works of the default executor are under way; those of others are not its to wait for. */
static bool is_busy(const struct gyre__blocking *blocking)
{
    const struct gyre__list *works = &blocking->under_way;

    for (const struct gyre__list *link = works->next; link != works; link = link->next)
        if (GYRE__OF(link, struct gyre__work, link)->executor == blocking->executor)
            return true;
    return false;
}

static int join_works(struct gyre__blocking *blocking)
{
    int err = 0;

    while (!err && is_busy(blocking))
        err = gyre__blocking_wait(blocking);
    return err;
}

static int join_in_task(void *arg)
{
    return join_works(arg);
}

/* The join as a task, so that a limit can end it. */
static int join_within(struct gyre__blocking *blocking, double timeout)
{
    gyre_task *task;
    int err = gyre_loop_create_task(blocking->loop, &task, join_in_task, blocking);

    if (err)
        return err;
    err = gyre_wait_for(task, NULL, timeout);
    gyre_future_unref(task);
    return err;
}

int gyre_loop_shutdown_default_executor(gyre_loop *loop, double timeout)
{
    struct gyre__blocking *blocking = gyre__blocking_of(loop);
    int err = 0;

    blocking->shut_down = true;
    if (is_busy(blocking))
        err = join_within(blocking, timeout);
    if (err == -ETIMEDOUT)
        gyre_loop_call_exception_handler(
            loop, .message = "The executor did not finish joining its threads within its time limit.");
    let_executor_go(blocking);
    return err;
}
