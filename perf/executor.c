/* executor.c - what a job in a thread costs a loop, there and back, against uv_queue_work.
 *
 *   executor [jobs]     how many a run sends, default 20000
 *
 * With 1 and with 256 jobs in flight: each that comes home sends the next. Both pools have four threads, and
 * the jobs do nothing.
 */
#include "measure.h"
#include <gyre/gyre.h>
#include <uv.h>

enum { THREADS = 4, MANY = 256 };

static long jobs = 20000;
static int in_flight;
static long sent, home;

static void begin(int flight)
{
    in_flight = flight;
    sent = home = 0;
}

/* ---- gyre ---- */

static gyre_future *finished;

static int work(void *arg)
{
    return 0;
}

static void come_home(gyre_future *future, void *arg);

static void submit(gyre_loop *loop)
{
    gyre_future *future;

    sent++;
    if (gyre_loop_run_in_executor(loop, &future, NULL, work, NULL))
        exit(1);
    gyre_future_add_done_callback(future, come_home, loop);
    gyre_future_unref(future);
}

static void come_home(gyre_future *future, void *loop)
{
    if (++home == jobs)
        gyre_future_set_result(finished, NULL);
    else if (sent < jobs)
        submit(loop);
}

static double elapsed;

static int send_all(void *arg)
{
    gyre_loop *loop = gyre_get_running_loop();
    gyre_executor *executor = gyre_executor_new(.threads = THREADS);
    double began;
    int err;

    gyre_loop_set_default_executor(loop, executor);
    gyre_executor_unref(executor);
    finished = gyre_loop_create_future(loop);
    began = measure_now();
    while (sent < in_flight)
        submit(loop);
    err = gyre_await(finished, NULL);
    elapsed = measure_now() - began;
    gyre_future_unref(finished);
    return err;
}

static double run_gyre(int flight)
{
    begin(flight);
    if (gyre_run(send_all, NULL))
        exit(1);
    return elapsed * 1e9 / (double)jobs;
}

/* ---- libuv ---- */

static uv_loop_t uv;
static uv_work_t works[MANY];

static void uv_work(uv_work_t *request)
{
}

static void uv_come_home(uv_work_t *request, int status)
{
    home++;
    if (sent < jobs) {
        sent++;
        uv_queue_work(&uv, request, uv_work, uv_come_home);
    }
}

static double run_uv(int flight)
{
    double began;

    begin(flight);
    uv_loop_init(&uv);
    began = measure_now();
    for (; sent < in_flight; sent++)
        uv_queue_work(&uv, &works[sent], uv_work, uv_come_home);
    uv_run(&uv, UV_RUN_DEFAULT);
    elapsed = measure_now() - began;
    uv_loop_close(&uv);
    return elapsed * 1e9 / (double)jobs;
}

/* ---- the questions ---- */

static double one_gyre(void)
{
    return run_gyre(1);
}

static double one_uv(void)
{
    return run_uv(1);
}

static double many_gyre(void)
{
    return run_gyre(MANY);
}

static double many_uv(void)
{
    return run_uv(MANY);
}

int main(int argc, char **argv)
{
    char threads[12];

    snprintf(threads, sizeof threads, "%d", THREADS);
    setenv("UV_THREADPOOL_SIZE", threads, 1);
    if (argc > 1)
        jobs = atol(argv[1]);
    if (jobs < MANY)
        return 2;
    measure(
        (struct measure_question){"job in a thread, 1 in flight", "ns", one_gyre, "uv_queue_work", one_uv});
    measure((struct measure_question){"job in a thread, 256 in flight", "ns", many_gyre, "uv_queue_work",
                                      many_uv});
    return 0;
}
