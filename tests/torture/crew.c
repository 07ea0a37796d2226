/* crew.c - everything in one: a task group whose children meet at a barrier, share a lock and a queue, and
 * gather children of their own; it has a limit, and a shield for its last words. */
#include "torture.h"

static gyre_task_group group;
static gyre_barrier barrier;
static gyre_lock lock;
static gyre_queue queue;
static gyre_event closed;
static int inside, put, got;

static int deliver(void *arg)
{
    int err = gyre_lock_acquire(&lock);

    if (err)
        return err;
    torture_check(inside++ == 0, "two have the lock");
    err = gyre_queue_put(&queue, NULL);
    put += err == 0;
    inside--;
    gyre_lock_release(&lock);
    return err;
}

static int deliver_twice(void *arg)
{
    gyre_task *tasks[2];
    gyre_future *both;
    int err;

    for (int i = 0; i < 2; i++)
        gyre_create_task(&tasks[i], deliver, NULL, .eager_start = i ? GYRE_YES : GYRE_NO);
    gyre_gather(&both, tasks, 2);
    err = gyre_await(both, NULL);
    gyre_future_unref(both);
    for (int i = 0; i < 2; i++)
        gyre_future_unref(tasks[i]);
    return err;
}

static int meet_and_deliver(void *arg)
{
    int err = gyre_barrier_wait(&barrier);

    return err < 0 && err != GYRE_EBROKENBARRIER ? err : deliver_twice(arg);
}

static int receive(void *arg)
{
    int err;

    while ((err = gyre_queue_get(&queue, NULL)) == 0)
        got++;
    return err == GYRE_EQUEUESHUTDOWN ? 0 : err;
}

static int say_goodbye(void *arg)
{
    int err = gyre_sleep(0);

    gyre_event_set(&closed);
    return err;
}

/* The last words come, also when this task is cancelled; that then is what it returns. */
static int close_down(int code)
{
    gyre_future *shielded;
    int err;

    if (gyre_loop_is_closed(torture_loop))
        return code;
    gyre_shield(&shielded, torture_start_safe(say_goodbye, NULL));
    err = gyre_await(shielded, NULL);
    gyre_future_unref(shielded);
    return code ? code : err;
}

static int run_crew(void *arg)
{
    gyre_timeout timeout;
    int err;

    gyre_timeout_begin(&timeout, 1);
    gyre_task_group_begin(&group);
    gyre_task_group_create_task(&group, NULL, receive, NULL);
    gyre_task_group_create_task(&group, NULL, meet_and_deliver, NULL);
    gyre_task_group_create_task(&group, NULL, meet_and_deliver, NULL);
    err = (int)gyre_task_group_end(&group, 0);
    err = (int)gyre_timeout_end(&timeout, err);
    return torture_expect_victim(close_down(err == -ETIMEDOUT ? 0 : err));
}

static void begin(void)
{
    inside = put = got = 0;
    gyre_barrier_init(&barrier, 2);
    gyre_lock_init(&lock);
    gyre_queue_init(&queue, .maxsize = 1);
    gyre_event_init(&closed);
    torture_start(run_crew, NULL);
}

/* A child of a gathering that ended early is nobody's, and may wait for a receiver that is gone. */
static void settle(void)
{
    torture_check(gyre_event_is_set(&closed), "the last words never came");
    torture_check(gyre_queue_full(&queue) && !queue.getters, "somebody sleeps beside an item, or a place");
    gyre_queue_shutdown(&queue);
}

static void end(bool whole)
{
    torture_check(!gyre_lock_locked(&lock), "the lock is still locked");
    torture_check(put == got + (int)gyre_queue_qsize(&queue), "an item was lost, or came twice");
    gyre_event_destroy(&closed);
    gyre_queue_destroy(&queue);
    gyre_lock_destroy(&lock);
    gyre_barrier_destroy(&barrier);
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "crew", .begin = begin, .settle = settle, .end = end, .cancels = 2},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
