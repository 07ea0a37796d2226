/* task/future.c - futures: made, finished, asked, freed. */
#include "task/future.h"
#include "base/error.h"
#include "base/memory.h"
#include "task/task.h"
#include <stdlib.h>

static void free_plain(gyre_future *future)
{
    gyre__slab_put(&gyre__tasks_of(future->loop)->futures, future);
}

const struct gyre__future_class gyre__plain_future = {
    .never_retrieved = "Future exception was never retrieved",
    .cancel = gyre__future_cancel,
    .destroy = free_plain,
};

void gyre__future_init(gyre_future *future, gyre_loop *loop, const struct gyre__future_class *class)
{
    *future = (gyre_future){.loop = loop, .class = class, .references = 1, .last = &future->callbacks};
    gyre__loop_hold(loop);
    gyre__source_note(loop, future);
}

gyre_future *gyre_loop_create_future(gyre_loop *loop)
{
    gyre_future *future;

    gyre__loop_assert_here(loop);
    future = gyre__slab_get(&gyre__tasks_of(loop)->futures);
    gyre__future_init(future, loop, &gyre__plain_future);
    return future;
}

gyre_future *gyre_future_ref(gyre_future *future)
{
    if (future)
        future->references++;
    return future;
}

/* The handler may take and give back references while it looks; a task's runs in the task's context. */
static void report_unseen(gyre_future *future)
{
    struct gyre__vars *outer = gyre__vars_current;

    if (future->is_task)
        gyre__vars_switch(&((struct gyre__task *)future)->vars);
    future->references++;
    future->unseen = false;
    gyre_loop_call_exception_handler(future->loop, .message = future->class->never_retrieved,
                                     .exception = future->code, .text = future->text ? future->text : "",
                                     .future = future, .task = future->is_task ? future : NULL);
    gyre__vars_switch(outer);
    gyre_future_unref(future);
}

static void destroy(gyre_future *future)
{
    gyre_loop *loop = future->loop;

    gyre__future_drop_callbacks(future);
    if (future->release)
        future->release(future->value);
    gyre__free_rare(future->text);
    future->class->destroy(future);
    gyre__loop_let_go(loop);
}

void gyre_future_unref(gyre_future *future)
{
    if (!future || --future->references > 0)
        return;
    if (!future->unseen) {
        destroy(future);
        return;
    }
    report_unseen(future);
}

static char *copy_current_text(void)
{
    const char *text = gyre_error_text();

    return *text ? gyre__strdup(text) : NULL;
}

bool gyre__future_finish(gyre_future *future, int code)
{
    if (future->state != GYRE__PENDING)
        return false;
    future->state = GYRE__FINISHED;
    future->code = code;
    future->unseen = code < 0;
    gyre__future_schedule_callbacks(future);
    return true;
}

bool gyre__future_cancel(gyre_future *future, const char *msg)
{
    if (future->state != GYRE__PENDING)
        return false;
    if (msg)
        future->text = gyre__strdup(msg);
    future->state = GYRE__CANCELLED;
    future->code = GYRE_ECANCELLED;
    gyre__future_schedule_callbacks(future);
    return true;
}

static int refuse_completion(gyre_future *future)
{
    int err = gyre__loop_check_here(future->loop);

    if (err)
        return err;
    if (future->is_task)
        return gyre_error_set(GYRE_ERUNTIME, "Task does not support setting its outcome");
    if (future->state != GYRE__PENDING)
        return gyre_error_set(GYRE_EINVALIDSTATE, "invalid state");
    return 0;
}

int(gyre_future_set_result)(gyre_future *future, void *value, const gyre_result_options *options)
{
    int err = refuse_completion(future);

    if (err)
        return err;
    future->value = value;
    future->release = options ? options->release : NULL;
    gyre__future_finish(future, 0);
    return 0;
}

int gyre_future_set_exception(gyre_future *future, int err)
{
    int refused = refuse_completion(future);

    if (refused)
        return refused;
    if (err >= 0)
        return gyre_error_set(GYRE_ETYPE, "an exception is a negative code, not %d", err);
    future->text = copy_current_text();
    gyre__future_finish(future, err);
    return 0;
}

int gyre__future_outcome(gyre_future *future, void **value)
{
    future->unseen = false;
    if (future->code < 0)
        gyre__error_put(gyre__strdup(future->text));
    else if (value)
        *value = future->value;
    return future->code;
}

int gyre_future_result(gyre_future *future, void **value)
{
    if (future->state == GYRE__PENDING)
        return gyre_error_set(GYRE_EINVALIDSTATE, "Result is not set.");
    return gyre__future_outcome(future, value);
}

int gyre_future_exception(gyre_future *future)
{
    int code;

    if (future->state == GYRE__PENDING)
        return gyre_error_set(GYRE_EINVALIDSTATE, "Exception is not set.");
    code = gyre__future_outcome(future, NULL);
    return code < 0 ? code : 0;
}

bool(gyre_future_cancel)(gyre_future *future, const gyre_cancel_options *options)
{
    gyre__loop_assert_here(future->loop);
    return gyre__future_request(future, options ? options->msg : NULL);
}

bool gyre_future_done(const gyre_future *future)
{
    return future->state != GYRE__PENDING;
}

bool gyre_future_cancelled(const gyre_future *future)
{
    return future->state == GYRE__CANCELLED;
}

gyre_loop *gyre_future_get_loop(const gyre_future *future)
{
    return future->loop;
}

uint32_t gyre__future_new_mark(gyre_loop *loop)
{
    struct gyre__tasks *tasks = gyre__tasks_of(loop);

    if (++tasks->mark == 0)
        tasks->mark = 1;
    return tasks->mark;
}
