/* sync_bed.h - what the tests of sync/ share: tasks that the teardown lets go, and how long a line is. */
#ifndef GYRE_TESTS_SYNC_BED_H
#define GYRE_TESTS_SYNC_BED_H

#include "task/waiter.h"
#include "unit.h"
#include <gyre/sync.h>

/* The tasks of the test that runs, each a reference. */
static gyre_task *spawned[64];
static size_t spawned_count;

/* Makes a task; lent. */
static inline gyre_task *spawn(gyre_coroutine fn, void *arg)
{
    gyre_task **task = &spawned[spawned_count++];

    assert_in_range(spawned_count, 1, sizeof spawned / sizeof *spawned);
    assert_int_equal(gyre_loop_create_task(loop, task, fn, arg), 0);
    return *task;
}

static inline void let_tasks_go(void)
{
    while (spawned_count)
        gyre_future_unref(spawned[--spawned_count]);
}

/* Runs the loop until the task has ended and returns its code. */
static inline int join(gyre_task *task)
{
    return gyre_loop_run_until_complete(loop, task, NULL);
}

static inline void cancel_it(void *task)
{
    gyre_task_cancel(task);
}

static inline size_t in_line(const struct gyre__waiter *line)
{
    size_t count = 0;

    for (; line; line = gyre__waiter_behind(line))
        count++;
    return count;
}

/* Lets a task wait, ends in a child what it waits for, and sees that this is told and ends the program. */
static inline void assert_not_ended(gyre_coroutine wait, int (*end)(void *arg), const char *sentence)
{
    const char *words;
    int status;

    spawn(wait, "");
    run_once();
    status = in_child(end, NULL, &words);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(words, sentence));
}

/* What `await` takes in Python is a future here: nothing else is one. */
#define IS_AWAITABLE(object) _Generic(&(object), gyre_future * : 1, default : 0)

#endif
