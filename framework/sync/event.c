/* sync/event.c - a flag that tasks wait for. */
#include "base/check.h"
#include "task/waiter.h"
#include <gyre/sync.h>

void gyre_event_init(gyre_event *event)
{
    *event = (gyre_event){0};
}

void gyre_event_destroy(gyre_event *event)
{
    GYRE__CHECK(!event->waiters, "gyre_event_destroy: a task waits for the event");
}

void gyre_event_set(gyre_event *event)
{
    if (event->is_set)
        return;
    event->is_set = true;
    gyre__waiter_wake_all(event->waiters, 0);
}

void gyre_event_clear(gyre_event *event)
{
    event->is_set = false;
}

bool gyre_event_is_set(const gyre_event *event)
{
    return event->is_set;
}

static __attribute__((noinline)) int wait_in_line(gyre_event *event)
{
    struct gyre__waiter waiter;
    int err = gyre__waiter_bind(&event->loop);

    return err ? err : gyre__waiter_wait(&waiter, &event->waiters, event->loop);
}

int gyre_event_wait(gyre_event *event)
{
    return event->is_set ? 0 : wait_in_line(event);
}
