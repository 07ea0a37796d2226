/* cancel_scope.c - a scope that is cancelled lets nobody wait inside, and leaves nothing behind outside. */
#include "torture.h"

static gyre_cancel_scope *shared;

/* A loop that swallows every cancellation gets nowhere inside the scope, and goes on behind it. */
static int insist(void *arg)
{
    double deadline = gyre_loop_time(torture_loop) + 1;
    gyre_cancel_scope scope;
    int err = 0;

    gyre_move_on_after_begin(&scope, 1);
    for (int i = 0; i < 3; i++)
        err = gyre_sleep(2);
    torture_check(gyre_loop_time(torture_loop) <= deadline, "somebody waited in a cancelled scope");
    err = (int)gyre_cancel_scope_end(&scope, err);
    return err ? err : gyre_sleep(0);
}

/* Its cleanup waits behind a shield, as long as it wants. */
static int clean_up(void *arg)
{
    gyre_cancel_scope scope, shield;
    int err, cleanup;

    gyre_move_on_after_begin(&scope, 1);
    err = gyre_sleep(2);
    gyre_cancel_scope_begin(&shield, .shield = GYRE_YES);
    cleanup = gyre_sleep(3);
    cleanup = torture_expect_victim((int)gyre_cancel_scope_end(&shield, cleanup));
    err = (int)gyre_cancel_scope_end(&scope, cleanup ? cleanup : err);
    return err ? err : torture_expect_victim(gyre_sleep(0));
}

/* Inside a scope that another task cancels. */
static int stay_inside(void *arg)
{
    gyre_cancel_scope scope;
    int err;

    gyre_cancel_scope_begin(&scope);
    shared = &scope;
    err = gyre_sleep(1);
    shared = NULL;
    err = (int)gyre_cancel_scope_end(&scope, err);
    return err ? torture_expect_victim(err) : gyre_sleep(0);
}

static int cancel_it(void *arg)
{
    int err = gyre_sleep(0);

    if (shared)
        gyre_cancel_scope_cancel(shared);
    return err;
}

static void begin_deadline(void)
{
    torture_start(insist, NULL);
    torture_start(clean_up, NULL);
}

static void begin_cancelled(void)
{
    shared = NULL;
    torture_start(cancel_it, NULL);
    torture_start(stay_inside, NULL);
    torture_start(cancel_it, NULL);
}

static void end(bool whole)
{
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "cancel_scope", .begin = begin_cancelled, .end = end, .cancels = 3},
        {.name = "cancel_scope_deadline",
         .begin = begin_deadline,
         .end = end,
         .cancels = 2,
         .swallows = true},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
