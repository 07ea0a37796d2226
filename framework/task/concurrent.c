/* task/concurrent.c - run_coroutine_threadsafe: a task on a loop, and its result for any thread.
 *
 * The lock guards state and code; `task` belongs to the loop's thread alone. The first outcome stays: a
 * cancel here or the task's end.
 */
#include "base/error.h"
#include "base/memory.h"
#include "task/task.h"
#include <gyre/thread.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

struct gyre_concurrent_future {
    atomic_uint references;    /* users on any thread, and the loop while the task lives */
    pthread_mutex_t lock;      /* guards done, code, text */
    pthread_cond_t changed;    /* told when done */
    bool done;                 /* there is an outcome */
    int code;                  /* the outcome */
    char *text;                /* its sentence */
    struct gyre__inbox *inbox; /* the way to the task's loop */
    gyre_loop *loop;           /* the task's loop; for its own thread only */
    gyre_task *task;           /* a reference, NULL before the start and after the end */
    gyre_coroutine fn;         /* the body */
    void *arg;                 /* for it */
    gyre_release release;      /* frees arg */
    char *name;                /* the task's, or NULL */
    bool started;              /* the task was made, or could not be: arg is not ours any more */
};

gyre_concurrent_future *gyre_concurrent_future_ref(gyre_concurrent_future *future)
{
    if (future)
        atomic_fetch_add_explicit(&future->references, 1, memory_order_relaxed);
    return future;
}

void gyre_concurrent_future_unref(gyre_concurrent_future *future)
{
    if (!future || atomic_fetch_sub_explicit(&future->references, 1, memory_order_acq_rel) != 1)
        return;
    gyre__inbox_unref(future->inbox);
    pthread_cond_destroy(&future->changed);
    pthread_mutex_destroy(&future->lock);
    free(future->text);
    free(future->name);
    free(future);
}

static bool settle(gyre_concurrent_future *future, int code, const char *text)
{
    bool first;

    pthread_mutex_lock(&future->lock);
    first = !future->done;
    if (first) {
        future->done = true;
        future->code = code;
        future->text = gyre__strdup(text);
        pthread_cond_broadcast(&future->changed);
    }
    pthread_mutex_unlock(&future->lock);
    return first;
}

static void task_done(gyre_future *task, void *arg)
{
    gyre_concurrent_future *future = arg;
    int code = gyre_future_result(task, NULL);

    settle(future, code, code < 0 ? gyre_error_text() : NULL);
}

/* Comes after task_done, or in place of it when the loop has closed. */
static void let_task_go(void *arg)
{
    gyre_concurrent_future *future = arg;

    settle(future, GYRE_ECANCELLED, "Event loop is closed");
    future->loop->asked--;
    gyre_future_unref(future->task);
    future->task = NULL;
    gyre_concurrent_future_unref(future);
}

static void start(void *arg)
{
    gyre_concurrent_future *future = arg;
    int err;

    if (gyre_concurrent_future_done(future))
        return;
    future->started = true;
    err = gyre_loop_create_task(future->loop, &future->task, future->fn, future->arg, .name = future->name,
                                .release = future->release);
    if (err) {
        settle(future, err, gyre_error_text());
        return;
    }
    future->loop->asked++;
    gyre_future_add_done_callback(future->task, task_done, gyre_concurrent_future_ref(future),
                                  .release = let_task_go);
}

/* After start, or in its place when the loop has closed or the future was cancelled first. */
static void let_start_go(void *arg)
{
    gyre_concurrent_future *future = arg;

    if (!future->started) {
        settle(future, GYRE_ELOOPCLOSED, "Event loop is closed");
        if (future->release)
            future->release(future->arg);
    }
    gyre_concurrent_future_unref(future);
}

static void init_lock(gyre_concurrent_future *future)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&future->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&future->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static gyre_concurrent_future *make(gyre_loop *loop, gyre_coroutine fn, void *arg,
                                    const gyre_task_options *options)
{
    gyre_concurrent_future *future = gyre__calloc(sizeof *future);

    atomic_init(&future->references, 1);
    init_lock(future);
    future->inbox = gyre__inbox_ref(loop->inbox);
    future->loop = loop;
    future->fn = fn;
    future->arg = arg;
    if (options) {
        future->release = options->release;
        future->name = gyre__strdup(options->name);
    }
    return future;
}

int(gyre_run_coroutine_threadsafe)(gyre_loop *loop, gyre_concurrent_future **out, gyre_coroutine fn,
                                   void *arg, const gyre_task_options *options)
{
    gyre_concurrent_future *future = make(loop, fn, arg, options);
    int err = gyre__post(future->inbox, start, gyre_concurrent_future_ref(future), let_start_go);

    if (!err && out)
        *out = gyre_concurrent_future_ref(future);
    gyre_concurrent_future_unref(future);
    return err;
}

static struct timespec deadline_after(double seconds)
{
    struct timespec now;
    int64_t when;

    clock_gettime(CLOCK_MONOTONIC, &now);
    when = now.tv_sec * INT64_C(1000000000) + now.tv_nsec + gyre__nanoseconds(fmin(seconds, 1e9));
    return (struct timespec){when / 1000000000, when % 1000000000};
}

static int wait_locked(gyre_concurrent_future *future, double timeout)
{
    struct timespec deadline = deadline_after(timeout < 0 ? 0 : timeout);

    while (!future->done)
        if (pthread_cond_timedwait(&future->changed, &future->lock, &deadline) == ETIMEDOUT)
            break;
    return future->done ? future->code : -ETIMEDOUT;
}

int gyre_concurrent_future_result(gyre_concurrent_future *future, double timeout)
{
    int code;

    pthread_mutex_lock(&future->lock);
    code = wait_locked(future, timeout);
    if (code < 0)
        gyre__error_put(gyre__strdup(future->done ? future->text : NULL));
    pthread_mutex_unlock(&future->lock);
    return code;
}

static void cancel_task(void *arg)
{
    gyre_concurrent_future *future = arg;

    if (future->task)
        gyre_task_cancel(future->task);
}

static void let_cancel_go(void *arg)
{
    gyre_concurrent_future_unref(arg);
}

bool gyre_concurrent_future_cancel(gyre_concurrent_future *future)
{
    if (!settle(future, GYRE_ECANCELLED, NULL))
        return false;
    gyre__post(future->inbox, cancel_task, gyre_concurrent_future_ref(future), let_cancel_go);
    return true;
}

bool gyre_concurrent_future_done(gyre_concurrent_future *future)
{
    bool done;

    pthread_mutex_lock(&future->lock);
    done = future->done;
    pthread_mutex_unlock(&future->lock);
    return done;
}
