/* as_completed.c - futures as they end: each is given once, to one of those who wait for the next. */
#include "torture.h"

enum { CHILDREN = 3 };

static int child(void *delay)
{
    return gyre_sleep(*(double *)delay);
}

/* Until there are no more; the limit is for all of them. */
static int take_all(gyre_as_completed *iterator)
{
    int taken = 0, code;
    gyre_future *future;

    while ((code = gyre_as_completed_next(iterator, &future)) > 0) {
        torture_check(gyre_future_done(future), "what is completed is not done");
        taken++;
    }
    torture_check(code < 0 || taken == CHILDREN, "a future was never given");
    return code == -ETIMEDOUT ? gyre_sleep(0) : code;
}

static int iterate(void *limit)
{
    static double delays[CHILDREN] = {1, 0, 1};
    gyre_task *children[CHILDREN];
    gyre_as_completed iterator;
    int err;

    for (int i = 0; i < CHILDREN; i++)
        gyre_create_task(&children[i], child, &delays[i]);
    gyre_as_completed_begin(&iterator, children, CHILDREN, .timeout = *(double *)limit);
    err = torture_expect_victim(take_all(&iterator));
    gyre_as_completed_end(&iterator);
    for (int i = 0; i < CHILDREN; i++)
        gyre_future_unref(children[i]);
    return err;
}

/* Two who take from one iteration. Who has left may have begun the last step, for which the other did not
 * wait. */
static struct {
    gyre_task *children[CHILDREN];
    gyre_as_completed iterator;
    gyre_event go;
    int taken;
    int inside; /* how many are taking */
    int ended;  /* how many have seen the end */
} shared;

static int take_some(void *arg)
{
    gyre_future *future;
    int code;

    shared.inside++;
    while ((code = gyre_as_completed_next(&shared.iterator, &future)) > 0)
        shared.taken++;
    shared.inside--;
    shared.ended += code == 0;
    return torture_expect_victim(code);
}

/* The last one ends when nothing else can happen. */
static int wait_for_go(void *arg)
{
    return gyre_event_wait(&shared.go);
}

static void settle_shared(void)
{
    int done = 0;

    for (int i = 0; i < CHILDREN; i++)
        done += gyre_future_done(shared.children[i]);
    torture_check(shared.inside == 0 || shared.taken == done, "somebody sleeps beside a future that is done");
    gyre_event_set(&shared.go);
}

static void begin_shared(void)
{
    static double now = 0;

    memset(&shared, 0, sizeof shared);
    for (int i = 0; i < CHILDREN; i++)
        gyre_loop_create_task(torture_loop, &shared.children[i], i ? wait_for_go : child, &now);
    gyre_as_completed_begin(&shared.iterator, shared.children, CHILDREN);
    for (int i = 0; i < 2; i++)
        torture_start(take_some, NULL);
}

static void end_shared(bool whole)
{
    torture_check(!whole || shared.ended < 2 || shared.taken == CHILDREN, "a future was lost");
    torture_check(shared.taken <= CHILDREN, "a future came twice");
    gyre_as_completed_end(&shared.iterator);
    for (int i = 0; i < CHILDREN; i++)
        gyre_future_unref(shared.children[i]);
}

static void begin(void)
{
    static double none = 0;

    torture_start(iterate, &none);
}

static void begin_limited(void)
{
    static double half = 0.5;

    torture_start(iterate, &half);
}

static void end(bool whole)
{
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "as_completed", .begin = begin, .end = end, .cancels = 3},
        {.name = "as_completed_shared",
         .begin = begin_shared,
         .settle = settle_shared,
         .end = end_shared,
         .cancels = 2},
        {.name = "as_completed_limited", .begin = begin_limited, .end = end, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
