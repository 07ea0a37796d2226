/* task/waiter.c - standing in line, and being woken there. */
#include "task/waiter.h"
#include "task/task.h"

int gyre__waiter_bind(gyre_loop **bound)
{
    gyre_loop *loop = gyre_get_event_loop();

    if (gyre__running_loop() && !gyre__task_current())
        return gyre_error_set(GYRE_EAWAIT, "Nothing can be awaited in a plain callback");
    if (*bound && *bound != loop)
        return gyre_error_set(GYRE_EWRONGLOOP, "The object is bound to a different event loop");
    *bound = loop;
    return 0;
}

void gyre__waiter_enlist(struct gyre__waiter *waiter, struct gyre__waiter **line, gyre_loop *loop)
{
    waiter->line = line;
    waiter->future = gyre_loop_create_future(loop);
    waiter->woken = false;
    gyre__list_init(&waiter->link);
    if (*line)
        gyre__list_append(&(*line)->link, &waiter->link);
    else
        *line = waiter;
}

void gyre__waiter_step_out(struct gyre__waiter *waiter)
{
    if (*waiter->line == waiter)
        *waiter->line = gyre__waiter_behind(waiter);
    gyre__list_remove(&waiter->link);
}

void gyre__waiter_leave(struct gyre__waiter *waiter)
{
    gyre__waiter_step_out(waiter);
    waiter->woken = waiter->future->state == GYRE__FINISHED;
    waiter->future->unseen = false;
    gyre_future_unref(waiter->future);
    waiter->future = NULL;
}

int gyre__waiter_wait(struct gyre__waiter *waiter, struct gyre__waiter **line, gyre_loop *loop)
{
    int err;

    waiter->woken = false;
    /* A task may be left where it stands by a loop that closes: then in no line. */
    if (gyre_loop_is_closed(loop))
        return gyre_sleep(0);
    gyre__waiter_enlist(waiter, line, loop);
    err = gyre_await(waiter->future, NULL);
    gyre__waiter_leave(waiter);
    return err;
}

bool gyre__waiter_wake(struct gyre__waiter *waiter, int code)
{
    return gyre__future_finish(waiter->future, code);
}

bool gyre__waiter_wake_next(struct gyre__waiter *line)
{
    while (line && !gyre__waiter_wake(line, 0))
        line = gyre__waiter_behind(line);
    return line;
}

void gyre__waiter_wake_all(struct gyre__waiter *line, int code)
{
    for (; line; line = gyre__waiter_behind(line))
        gyre__waiter_wake(line, code);
}
