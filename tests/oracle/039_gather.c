/* 039: gather: results in argument order; the first error propagates at once while the siblings keep running;
 * return_exceptions collects.
 *
 * What a job returns is its own name. */
#include "oracle.h"

struct job {
    const char *name;
    double delay;
    int err;
};

static struct job jobs[] = {{"1", .6, 0},
                            {"2", .1, 0},
                            {"3", .35, 0},
                            {"a", .3, GYRE_EVALUE},
                            {"b", .6, 0},
                            {"c", .05, 0},
                            {"x", .3, ORACLE_KEY_ERROR},
                            {"y", .05, 0},
                            {"dup", 0, 0}};

static int work(void *arg)
{
    struct job *job = arg;
    int err = gyre_sleep(job->delay);

    if (err)
        return err;
    printf("job %s\n", job->name);
    return job->err ? gyre_error_set(job->err, "%s", job->name) : 0;
}

static void start(gyre_task **tasks, struct job *first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gyre_create_task(&tasks[i], work, &first[i], .name = first[i].name);
}

static void say_outcome(gyre_task *task)
{
    const char *name = gyre_task_get_name(task);
    bool number = name[0] <= '9';

    if (gyre_future_exception(task))
        printf("%s", oracle_repr(gyre_future_exception(task)));
    else
        printf("%s", number ? name : py_str(name));
}

static void say_outcomes(gyre_task **tasks, size_t count)
{
    printf("[");
    for (size_t i = 0; i < count; i++) {
        printf("%s", i ? ", " : "");
        say_outcome(tasks[i]);
    }
    puts("]");
}

static void unref_all(gyre_task **tasks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gyre_future_unref(tasks[i]);
}

static int gather(gyre_task **tasks, size_t count, int return_exceptions)
{
    gyre_future *all;
    int err = gyre_gather(&all, tasks, count, .return_exceptions = return_exceptions);

    if (!err)
        err = oracle_await(all);
    if (!err)
        say_outcomes(tasks, count);
    return err;
}

static void gather_results(void)
{
    gyre_task *tasks[3];

    start(tasks, jobs, 3);
    gather(tasks, 3, GYRE_NO);
    unref_all(tasks, 3);
}

static void gather_an_error(void)
{
    gyre_task *tasks[3];

    start(tasks, jobs + 3, 3);
    printf("gather raised %s\n", oracle_str(gather(tasks, 3, GYRE_NO)));
    gyre_sleep(.6);
    unref_all(tasks, 3);
}

static void gather_exceptions(void)
{
    gyre_task *tasks[2];

    start(tasks, jobs + 6, 2);
    gather(tasks, 2, GYRE_YES);
    unref_all(tasks, 2);
}

static void gather_twice_the_same(void)
{
    gyre_task *tasks[2];

    start(tasks, jobs + 8, 1);
    tasks[1] = tasks[0];
    gather(tasks, 2, GYRE_NO);
    unref_all(tasks, 1);
}

static int run(void *arg)
{
    gather_results();
    gather_an_error();
    gather_exceptions();
    gather(NULL, 0, GYRE_NO);
    gather_twice_the_same();
    return 0;
}

int main(int argc, char **argv)
{
    return oracle_run(argc, argv, run);
}
