/* task/cancel.c - how a request to end finds what it must end.
 *
 * A task passes it on to what it waits for, a gathering to all its children. They may be a hundred thousand
 * deep, or wait for each other in a circle: the walk keeps its way back in the gatherings themselves.
 */
#include "base/memory.h"
#include "task/task.h"
#include <stdlib.h>

struct walk {
    const char *msg;       /* why */
    struct gyre__fan *top; /* the gathering that the walk is in, NULL for none */
    bool heard;            /* what it went to last could be cancelled */
};

/* Follows tasks that wait for each other to what the last one waits for; a circle ends where it began. */
static gyre_future *follow(gyre_future *future, struct gyre__task **last)
{
    uint32_t mark = gyre__future_new_mark(future->loop);

    while (future && future->is_task && future->state == GYRE__PENDING && future->mark != mark) {
        *last = (struct gyre__task *)future;
        future->mark = mark;
        (*last)->cancels++;
        future = (*last)->waiting;
    }
    return future;
}

/* A task whose wait could not be cancelled raises at its next step. */
static bool settle(struct gyre__task *last, bool heard, const char *msg)
{
    if (!last || heard)
        return heard;
    last->must_cancel = true;
    free(last->cancel_msg);
    last->cancel_msg = gyre__strdup(msg);
    return true;
}

/* In a circle nothing will ever wake the task: it stops waiting, and raises. */
static bool break_circle(struct gyre__task *last, const char *msg)
{
    if (!last)
        return false;
    gyre_future_remove_done_callback(last->waiting, gyre__task_wake, last);
    last->waiting = NULL;
    gyre__task_step_soon(last);
    return settle(last, false, msg);
}

static void enter(struct walk *walk, struct gyre__fan *fan, struct gyre__task *last)
{
    gyre_future_ref(fan->future);
    fan->outer = walk->top;
    fan->last = last;
    fan->next = 0;
    fan->any = false;
    fan->walked = true;
    walk->top = fan;
}

static void leave(struct walk *walk)
{
    struct gyre__fan *fan = walk->top;

    fan->walked = false;
    fan->heard |= fan->any;
    walk->top = fan->outer;
    walk->heard = settle(fan->last, fan->any, walk->msg);
    if (walk->top)
        walk->top->any |= walk->heard;
    gyre_future_unref(fan->future);
}

static bool is_waiting_task(const gyre_future *future)
{
    return future && future->is_task && future->state == GYRE__PENDING;
}

static struct gyre__fan *fan_of(gyre_future *future)
{
    return future && future->state == GYRE__PENDING && future->class->fan ? future->class->fan(future) : NULL;
}

/* Asks one future, or goes into the gathering that it leads to. */
static void ask(struct walk *walk, gyre_future *future)
{
    struct gyre__task *last = NULL;
    gyre_future *end = follow(future, &last);
    struct gyre__fan *fan = fan_of(end);

    if (fan && !fan->walked)
        enter(walk, fan, last);
    else if (fan || is_waiting_task(end))
        walk->heard = break_circle(last, walk->msg);
    else
        walk->heard = settle(last, end && gyre__future_request(end, walk->msg), walk->msg);
}

static void ask_next(struct walk *walk)
{
    struct gyre__fan *fan = walk->top;
    gyre_future *child = fan->children[fan->next++];

    child->unseen = false;
    ask(walk, child);
    if (walk->top == fan)
        fan->any |= walk->heard;
}

bool gyre__cancel_walk(gyre_future *future, const char *msg)
{
    struct walk walk = {.msg = msg};

    ask(&walk, future);
    while (walk.top)
        if (walk.top->next < walk.top->count)
            ask_next(&walk);
        else
            leave(&walk);
    return walk.heard;
}
