/* 041: wait() tells the done from the pending, never raises the children's errors, never cancels them; at the
 * timeout it just returns. */
#include "oracle.h"

enum { JOBS = 3 };

struct job {
    const char *name;
    double delay;
    bool fails;
};

static struct job jobs[JOBS] = {{"a", .60, false}, {"b", .10, false}, {"c", .35, true}};

static int work(void *arg)
{
    struct job *job = arg;
    int err = gyre_sleep(job->delay);

    if (!err && job->fails)
        return gyre_error_set(GYRE_EVALUE, "%s", job->name);
    return err;
}

static void start(gyre_task **tasks)
{
    for (int i = 0; i < JOBS; i++)
        gyre_create_task(&tasks[i], work, &jobs[i], .name = jobs[i].name);
}

static void finish(gyre_task **tasks)
{
    gyre_wait(tasks, JOBS);
    gyre_future_exception(tasks[2]);
    for (int i = 0; i < JOBS; i++)
        gyre_future_unref(tasks[i]);
}

static const char *names(gyre_task **tasks, bool done)
{
    const char *words[JOBS];
    size_t count = 0;

    for (int i = 0; i < JOBS; i++)
        if (gyre_future_done(tasks[i]) == done)
            words[count++] = gyre_task_get_name(tasks[i]);
    return py_sorted(words, count);
}

static void wait_for_mode(const char *word, gyre_return_when mode)
{
    gyre_task *tasks[JOBS];

    start(tasks);
    gyre_wait(tasks, JOBS, .return_when = mode);
    printf("%s %s %s [%d, %d, %d]\n", word, names(tasks, true), names(tasks, false),
           gyre_task_cancelling(tasks[0]), gyre_task_cancelling(tasks[1]), gyre_task_cancelling(tasks[2]));
    finish(tasks);
}

static void wait_with_timeout(void)
{
    gyre_task *tasks[JOBS];

    start(tasks);
    gyre_wait(tasks, JOBS, .timeout = .22);
    printf("timeout %s %s\n", names(tasks, true), names(tasks, false));
    finish(tasks);
}

static void wait_for_nothing(void)
{
    int err = gyre_wait(NULL, 0);

    printf("%s %s\n", oracle_name(err), oracle_str(err));
}

static int wait_for_one(void *task)
{
    gyre_future *futures[] = {task};

    return gyre_wait(futures, 1);
}

static void cancel_wait(void)
{
    gyre_task *child, *waiter;

    gyre_create_task(&child, work, &jobs[0]);
    gyre_create_task(&waiter, wait_for_one, child);
    gyre_sleep(0);
    gyre_task_cancel(waiter);
    gyre_sleep(.01);
    printf("wait cancelled, child pending: %s\n", py_bool(!gyre_future_done(child)));
    gyre_future_unref(child);
    gyre_future_unref(waiter);
}

static int run(void *arg)
{
    wait_for_mode("FIRST_COMPLETED", GYRE_FIRST_COMPLETED);
    wait_for_mode("FIRST_EXCEPTION", GYRE_FIRST_EXCEPTION);
    wait_for_mode("ALL_COMPLETED", GYRE_ALL_COMPLETED);
    wait_with_timeout();
    wait_for_nothing();
    cancel_wait();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
