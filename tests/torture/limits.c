/* limits.c - what is waited for comes in the moment in which the deadline strikes: it is had, or still there.
 */
#include "torture.h"

enum { WORKERS = 3 };

static gyre_queue queue;
static gyre_lock lock;
static gyre_semaphore semaphore;
static gyre_condition condition;
static int put, got, inside;

static int leave(gyre_timeout *timeout, int err)
{
    err = (int)gyre_timeout_end(timeout, err);
    return torture_expect_victim(err == -ETIMEDOUT ? gyre_sleep(0) : err);
}

static int get_in_time(void *arg)
{
    gyre_timeout timeout;
    int err;

    gyre_timeout_begin(&timeout, 1);
    err = gyre_queue_get(&queue, NULL);
    got += err == 0;
    return leave(&timeout, err);
}

static int put_late(void *arg)
{
    int err = gyre_sleep(1);

    if (!err)
        err = gyre_queue_put(&queue, NULL);
    put += err == 0;
    return err;
}

static void end_queue(bool whole)
{
    torture_check(put == got + (int)gyre_queue_qsize(&queue), "an item was lost, or came twice");
    gyre_queue_destroy(&queue);
}

static void begin_queue(void)
{
    put = got = 0;
    gyre_queue_init(&queue);
    for (int i = 0; i < 2; i++) {
        torture_start(get_in_time, NULL);
        torture_start(put_late, NULL);
    }
}

static int stay(int most)
{
    int err;

    torture_check(inside++ < most, "too many are inside");
    err = gyre_sleep(1);
    inside--;
    return err;
}

/* The first one leaves in the moment in which the others give up. */
static int lock_in_time(void *arg)
{
    gyre_timeout timeout;
    int err;

    gyre_timeout_begin(&timeout, 1);
    err = gyre_lock_acquire(&lock);
    if (!err) {
        err = stay(1);
        gyre_lock_release(&lock);
    }
    return leave(&timeout, err);
}

static void begin_lock(void)
{
    inside = 0;
    gyre_lock_init(&lock);
    for (int i = 0; i < WORKERS; i++)
        torture_start(lock_in_time, NULL);
}

static void end_lock(bool whole)
{
    torture_check(!gyre_lock_locked(&lock), "the lock is still locked");
    gyre_lock_destroy(&lock);
}

static int enter_in_time(void *arg)
{
    gyre_cancel_scope scope;
    int err;

    gyre_move_on_after_begin(&scope, 1);
    err = gyre_semaphore_acquire(&semaphore);
    if (!err) {
        err = stay(1);
        gyre_semaphore_release(&semaphore);
    }
    return torture_expect_victim((int)gyre_cancel_scope_end(&scope, err));
}

static void begin_semaphore(void)
{
    inside = 0;
    gyre_semaphore_init(&semaphore, 1);
    for (int i = 0; i < WORKERS; i++)
        torture_start(enter_in_time, NULL);
}

static void end_semaphore(bool whole)
{
    torture_check(semaphore.value == 1, "a place was lost, or won");
    gyre_semaphore_destroy(&semaphore);
}

static int hear_in_time(void *arg)
{
    gyre_timeout timeout;
    int err = gyre_condition_acquire(&condition);

    if (err)
        return err;
    gyre_timeout_begin(&timeout, 1);
    err = gyre_condition_wait(&condition);
    got += err == 0;
    err = leave(&timeout, err);
    gyre_condition_release(&condition);
    return err;
}

static int tell_late(void *arg)
{
    int err = gyre_sleep(1);

    if (err || (err = gyre_condition_acquire(&condition)))
        return err;
    gyre_condition_notify(&condition, 1);
    gyre_condition_release(&condition);
    return 0;
}

static void begin_condition(void)
{
    got = 0;
    gyre_condition_init(&condition, NULL);
    torture_start(hear_in_time, NULL);
    torture_start(tell_late, NULL);
    torture_start(hear_in_time, NULL);
}

static void end_condition(bool whole)
{
    torture_check(!whole || !gyre_condition_locked(&condition), "the lock is still locked");
    gyre_condition_destroy(&condition);
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "limit_get", .begin = begin_queue, .end = end_queue, .cancels = 3},
        {.name = "limit_lock", .begin = begin_lock, .end = end_lock, .cancels = 3},
        {.name = "limit_semaphore", .begin = begin_semaphore, .end = end_semaphore, .cancels = 3},
        {.name = "limit_condition", .begin = begin_condition, .end = end_condition, .cancels = 3},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
