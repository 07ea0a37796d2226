/* thread.c - work on a thread: what it uses is there as long as it runs, and is released once. */
#include "torture.h"

enum { JOBS = 3 };

static int given[JOBS], released[JOBS];

/* What a job uses stands for what lies on the stack of the task that waits for it. */
static bool gone[JOBS];

static int work(void *desk)
{
    torture_check(!*(bool *)desk, "the thread works on a stack that is not there any more");
    return 7;
}

/* The worker holds two jobs; the third waits for its turn. */
static int to_thread(void *desk)
{
    int code = torture_expect_victim(gyre_to_thread(work, desk));

    *(bool *)desk = true;
    torture_check(code == 7 || code == GYRE_ECANCELLED, "the work's outcome was lost");
    return code < 0 ? code : 0;
}

static void release(void *arg)
{
    ++*(int *)arg;
}

static int work_for_count(void *count)
{
    torture_check(*(int *)count == 0, "the work's arg was released before its end");
    return 7;
}

/* A full queue refuses, and releases the arg as well. */
static int run_in_executor(void *count)
{
    gyre_future *future;
    int code =
        gyre_loop_run_in_executor(torture_loop, &future, NULL, work_for_count, count, .release = release);

    given[(int *)count - released] = 1;
    if (code < 0)
        return code == GYRE_EQUEUEFULL ? 0 : code;
    code = torture_expect_victim(gyre_await(future, NULL));
    gyre_future_unref(future);
    return code < 0 ? code : 0;
}

static void begin_to_thread(void)
{
    memset(gone, 0, sizeof gone);
    for (int i = 0; i < JOBS; i++)
        torture_start(to_thread, &gone[i]);
}

static void begin_run_in_executor(void)
{
    memset(given, 0, sizeof given);
    memset(released, 0, sizeof released);
    for (int i = 0; i < JOBS; i++)
        torture_start(run_in_executor, &released[i]);
}

static void end_to_thread(bool whole)
{
}

static void end_run_in_executor(bool whole)
{
    for (int i = 0; i < JOBS; i++)
        torture_check(released[i] == given[i], "an arg was not released once");
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "to_thread", .begin = begin_to_thread, .end = end_to_thread, .cancels = 3},
        {.name = "run_in_executor", .begin = begin_run_in_executor, .end = end_run_in_executor, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
