/* stress_jobs.c - blocking work from all shards on one small executor, cancelled at random, and left behind
 * at the end.
 *
 * A job that began ends; an arg on a stack is not touched after its call returned; every other one is
 * released once.
 */
#include "stress.h"

enum { SHARDS = 3, TASKS = 12 };

static atomic_long begun, ended, handed, released;

static int work(void *arg)
{
    atomic_fetch_add(&begun, 1);
    if (roll(2))
        nap(roll(30) / 1e5);
    atomic_fetch_add(&ended, 1);
    return *(int *)arg;
}

static int quick(void *arg)
{
    return *(int *)arg;
}

static bool is_fine(int err)
{
    return err >= 0 || err == GYRE_ECANCELLED || err == -ETIMEDOUT || err == GYRE_EQUEUEFULL ||
           err == GYRE_ESHUTDOWN || err == GYRE_ELOOPCLOSED;
}

static void release(void *arg)
{
    free(arg);
    atomic_fetch_add(&released, 1);
}

static int *hand_over(void)
{
    atomic_fetch_add(&handed, 1);
    return calloc(1, sizeof(int));
}

static int with_stack(void)
{
    gyre_timeout timeout;
    int value = 3, err;

    gyre_timeout_begin(&timeout, roll(60) / 1e5);
    err = (int)gyre_timeout_end(&timeout, gyre_to_thread(roll(2) ? work : quick, &value));
    value = -1;
    return err;
}

static int with_heap(void)
{
    gyre_future *future = NULL;
    int err = gyre_loop_run_in_executor(gyre_get_running_loop(), &future, NULL, work, hand_over(),
                                        .release = release);

    if (err)
        return err;
    if (roll(3) == 0)
        gyre_future_cancel(future);
    if (roll(2))
        err = gyre_await(future, NULL);
    gyre_future_unref(future);
    return err;
}

static int play(void *arg)
{
    int err = 0;

    while (!time_is_up() && err != GYRE_ESHUTDOWN && err != GYRE_ELOOPCLOSED) {
        err = roll(2) ? with_stack() : with_heap();
        expect(is_fine(err));
        if (err == GYRE_ECANCELLED && roll(2))
            return err;
        err = gyre_sleep(0);
    }
    return 0;
}

static int main_of_shard(void *arg)
{
    gyre_task *tasks[TASKS];

    for (int i = 0; i < TASKS; i++)
        gyre_create_task(&tasks[i], play, NULL);
    while (!time_is_up()) {
        int i = (int)roll(TASKS);

        gyre_task_cancel(tasks[i]);
        gyre_future_unref(tasks[i]);
        gyre_create_task(&tasks[i], play, NULL);
        gyre_sleep(roll(100) / 1e5);
    }
    for (int i = 0; i < TASKS; i++)
        gyre_future_unref(tasks[i]);
    return 0;
}

int main(int argc, char **argv)
{
    enum { PARTS = 4 };

    begin_stress(argc, argv);
    for (int i = 0; i < PARTS; i++) {
        begin_part(PARTS);
        expect(gyre_run_sharded(SHARDS, main_of_shard, NULL, .quiet = GYRE_YES, .executor_threads = 2) == 0);
        expect(atomic_load(&begun) == atomic_load(&ended));
        expect(atomic_load(&handed) == atomic_load(&released));
    }
    printf("%ld jobs, %ld args\n", atomic_load(&ended), atomic_load(&released));
    return end_stress();
}
