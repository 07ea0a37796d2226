/* 062: a condition needs its lock; notify(n) wakes n, oldest first; a cancelled wait takes the lock again
 * before it raises. */
#include "oracle.h"

enum { WAITERS = 4, THREE = 3 };

static gyre_condition condition;
static int x;

static int wait_for_news(void *name)
{
    int err = gyre_condition_acquire(&condition);

    if (err)
        return err;
    err = gyre_condition_wait(&condition);
    printf("%s %s, locked %s\n", (char *)name, err ? "cancelled" : "notified",
           py_bool(gyre_condition_locked(&condition)));
    gyre_condition_release(&condition);
    return err;
}

static void say_refusal(int err)
{
    if (err)
        printf("%s %s\n", oracle_name(err), oracle_str(err));
}

static void use_without_the_lock(void)
{
    say_refusal(gyre_condition_notify(&condition, 1));
    say_refusal(gyre_condition_notify_all(&condition));
    say_refusal(gyre_condition_wait(&condition));
}

static void notify_two(void)
{
    gyre_condition_acquire(&condition);
    gyre_condition_notify(&condition, 2);
    printf("notify(2) returned, still mine: %s\n", py_bool(gyre_condition_locked(&condition)));
    gyre_condition_release(&condition);
}

static void notify_all(void)
{
    gyre_condition_acquire(&condition);
    gyre_condition_notify_all(&condition);
    gyre_condition_release(&condition);
}

static void wake_in_turn(void)
{
    static char *names[] = {"a", "b", "c", "d"};
    gyre_task *tasks[WAITERS];

    for (int i = 0; i < WAITERS; i++)
        gyre_create_task(&tasks[i], wait_for_news, names[i]);
    gyre_sleep(.01);
    notify_two();
    gyre_sleep(.01);
    gyre_task_cancel(tasks[2]);
    gyre_sleep(.01);
    notify_all();
    gyre_wait(tasks, WAITERS);
    for (int i = 0; i < WAITERS; i++)
        gyre_future_unref(tasks[i]);
}

static int count_to_three(void *arg)
{
    for (x = 1; x <= THREE; x++) {
        notify_all();
        if (gyre_sleep(0))
            break;
    }
    return 0;
}

static int is_three(void *arg)
{
    return x == THREE ? x : 0;
}

static void wait_for_three(void)
{
    gyre_task *setter;

    gyre_create_task(&setter, count_to_three, NULL);
    gyre_condition_acquire(&condition);
    if (gyre_condition_wait_for(&condition, is_three, NULL) == THREE)
        puts("wait_for -> three");
    gyre_condition_release(&condition);
    gyre_future_unref(setter);
}

static int run(void *arg)
{
    gyre_condition_init(&condition, NULL);
    use_without_the_lock();
    wake_in_turn();
    wait_for_three();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
