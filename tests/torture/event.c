/* event.c - who waited when it was set goes on, also when it is cleared at once. */
#include "torture.h"

static gyre_event event;
static int waiting;

static int await_it(void *arg)
{
    int err;

    waiting++;
    err = torture_expect_victim(gyre_event_wait(&event));
    waiting--;
    return err;
}

static int await_late(void *arg)
{
    int err = gyre_sleep(0);

    return err ? err : await_it(arg);
}

/* However this one ends, it wakes who waits. */
static int flash(void *arg)
{
    int err = gyre_sleep(0);

    gyre_event_set(&event);
    gyre_event_clear(&event);
    return err;
}

static void settle(void)
{
    torture_check(!gyre_event_is_set(&event), "the event is set, and some wait");
    gyre_event_set(&event);
}

static void end(bool whole)
{
    torture_check(waiting == 0, "somebody never left");
    gyre_event_destroy(&event);
}

static void begin(void)
{
    waiting = 0;
    gyre_event_init(&event);
    torture_start(await_it, NULL);
    torture_start(flash, NULL);
    torture_start(await_it, NULL);
    torture_start(await_late, NULL);
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "event", .begin = begin, .settle = settle, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
