/* 043: as_completed: completion order; errors surface one by one; the timeout is TimeoutError for the rest.
 */
#include "oracle.h"

struct job {
    const char *name;
    double delay;
};

static struct job jobs[] = {{"slow", .6}, {"bad", .35}, {"fast", .1}, {"in time", .05}, {"too slow", 5}};

static int work(void *arg)
{
    struct job *job = arg;
    int err = gyre_sleep(job->delay);

    if (!err && strcmp(job->name, "bad") == 0)
        return gyre_error_set(GYRE_EVALUE, "%s", job->name);
    return err;
}

static void start(gyre_task **tasks, struct job *first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gyre_create_task(&tasks[i], work, &first[i], .name = first[i].name);
}

static void say(gyre_future *future)
{
    int err = gyre_future_result(future, NULL);

    if (err)
        printf("%s %s\n", oracle_name(err), oracle_str(err));
    else
        puts(gyre_task_get_name(future));
}

static void finish(gyre_as_completed *iterator, gyre_task **tasks, size_t count)
{
    gyre_as_completed_end(iterator);
    for (size_t i = 0; i < count; i++)
        gyre_future_unref(tasks[i]);
}

static void take_all(void)
{
    gyre_as_completed iterator;
    gyre_task *tasks[3];
    gyre_future *future;

    start(tasks, jobs, 3);
    gyre_as_completed_begin(&iterator, tasks, 3);
    while (gyre_as_completed_next(&iterator, &future) > 0)
        say(future);
    finish(&iterator, tasks, 3);
}

static void take_in_time(void)
{
    gyre_as_completed iterator;
    gyre_task *tasks[2];
    gyre_future *future;
    int got;

    start(tasks, jobs + 3, 2);
    gyre_as_completed_begin(&iterator, tasks, 2, .timeout = .4);
    while ((got = gyre_as_completed_next(&iterator, &future)) != 0)
        if (got > 0)
            say(future);
        else
            printf("%s; task still pending: %s\n", oracle_name(got), py_bool(!gyre_future_done(tasks[1])));
    gyre_task_cancel(tasks[1]);
    finish(&iterator, tasks, 2);
}

static int run(void *arg)
{
    take_all();
    take_in_time();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
