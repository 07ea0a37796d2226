/* Three workers share the jobs of one queue, which is shut down when the last job is in it: that sends them
 * home. */
#include <gyre/gyre.h>
#include <stdio.h>

enum { WORKERS = 3, JOBS = 9 };

struct worker {
    gyre_queue *queue;
    int done;
};

static double naps[JOBS] = {.05, .1, .15, .05, .1, .15, .05, .1, .15};

static int work(void *arg)
{
    struct worker *worker = arg;
    void *nap;
    int err;

    while (!(err = gyre_queue_get(worker->queue, &nap))) {
        err = gyre_sleep(*(double *)nap);
        gyre_queue_task_done(worker->queue);
        if (err)
            break;
        worker->done++;
    }
    /* What a queue says to those who ask when it is shut down and empty. */
    return err == GYRE_EQUEUESHUTDOWN ? 0 : err;
}

static int share(gyre_queue *queue, struct worker *workers)
{
    gyre_task_group group;

    gyre_task_group_begin(&group);
    for (int i = 0; i < WORKERS; i++) {
        workers[i].queue = queue;
        gyre_task_group_create_task(&group, NULL, work, &workers[i]);
    }
    for (int i = 0; i < JOBS; i++)
        gyre_queue_put_nowait(queue, &naps[i]);
    gyre_queue_shutdown(queue);
    return (int)gyre_task_group_end(&group, gyre_queue_join(queue));
}

static int run(void *arg)
{
    struct worker workers[WORKERS] = {0};
    gyre_queue queue;
    int err;

    gyre_queue_init(&queue);
    err = share(&queue, workers);
    for (int i = 0; i < WORKERS; i++)
        printf("worker %d: %s\n", i + 1, workers[i].done ? "has worked" : "was idle");
    printf("%d jobs done\n", workers[0].done + workers[1].done + workers[2].done);
    gyre_queue_destroy(&queue);
    return err;
}

int main(void)
{
    return gyre_run(run, NULL);
}
