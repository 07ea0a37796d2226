/* task/thread.c - to_thread: blocking work that the caller waits for, so that its arg may lie on the caller's
 * stack. */
#include "task/blocking.h"
#include <time.h>

enum {
    PATIENCE_MS = 1 /* how long to wait for a place in a queue that others have filled */
};

/* In virtual time, too, they need real time. */
static int wait_for_others(gyre_loop *loop)
{
    const struct timespec patience = {.tv_nsec = PATIENCE_MS * 1000000};

    if (!gyre__loop_is_virtual(loop))
        return gyre_sleep(PATIENCE_MS / 1e3);
    nanosleep(&patience, NULL);
    return gyre_sleep(0);
}

static int wait_for_place(gyre_loop *loop)
{
    struct gyre__blocking *blocking = gyre__blocking_of(loop);

    if (gyre__list_empty(&blocking->under_way))
        return wait_for_others(loop);
    return gyre__blocking_wait(blocking);
}

static int submit(gyre_loop *loop, struct gyre__work_future **future, struct gyre__work work)
{
    int err;

    while ((err = gyre__work_submit(loop, future, NULL, work)) == GYRE_EQUEUEFULL)
        if ((err = wait_for_place(loop)))
            break;
    return err;
}

/* The loop is closing and resumes its tasks, but the thread still uses what lies on this stack. */
static void wait_for_thread(struct gyre__work *work)
{
    while (sem_wait(&work->ended) && errno == EINTR)
        ;
}

static void make_sure(struct gyre__work_future *future)
{
    if (!future->work || gyre_future_done(&future->future))
        return;
    if (!gyre_future_cancel(&future->future))
        wait_for_thread(future->work);
}

int gyre_to_thread(gyre_blocking fn, void *arg)
{
    struct gyre__work work = {.fn = fn, .arg = arg, .holds_arg = true};
    struct gyre__work_future *future;
    int err;

    if (gyre__running_loop() && !gyre__task_current())
        return gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    err = submit(gyre_get_event_loop(), &future, work);
    if (err)
        return err;
    err = gyre_await(&future->future, NULL);
    make_sure(future);
    gyre_future_unref(&future->future);
    return err;
}
