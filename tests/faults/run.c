/* run.c - one run: a new loop, the scenario's task, the end of both; and what must hold afterwards. */
#include "play.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

gyre_driver_kind scenario_driver;
char *play_words;

void scenario_check(bool holds, const char *words)
{
    if (holds)
        return;
    fprintf(stderr, "faults: %s: faults_play %s\n", words, play_words);
    abort();
}

void scenario_end_server(gyre_server *server)
{
    if (!server)
        return;
    gyre_server_close(server);
    party_end_all();
    gyre_server_wait_closed(server);
    gyre_server_unref(server);
}

static size_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* Threads that end may hold one for a moment. */
static bool descriptors_are(size_t count)
{
    const struct timespec moment = {.tv_nsec = 2000000};

    for (int i = 0; i < 1000 && count_descriptors() != count; i++)
        nanosleep(&moment, NULL);
    return count_descriptors() == count;
}

static int hear(gyre_loop *loop, const gyre_exception_context *context, void *arg)
{
    return 0;
}

static int run_task(gyre_loop *loop, gyre_coroutine fn)
{
    gyre_task *task;
    int err = gyre_loop_create_task(loop, &task, fn, NULL);

    if (err)
        return err;
    err = gyre_loop_run_until_complete(loop, task, NULL);
    gyre_future_unref(task);
    return err;
}

static void stop(void *loop)
{
    gyre_loop_stop(loop);
}

/* What was queued by the last of the task runs; then nothing may be left. */
static void check_empty(gyre_loop *loop)
{
    gyre_loop_stats stats;

    for (int i = 0; i < 5; i++) {
        gyre_loop_call_soon(loop, stop, loop);
        gyre_loop_run_forever(loop);
    }
    gyre_loop_get_stats(loop, &stats);
    scenario_check(stats.tasks == 0, "a task is left");
    scenario_check(stats.transports == 0, "a transport is left");
}

static int run_on_loop(gyre_coroutine fn)
{
    gyre_loop *loop = gyre_loop_new(.driver = scenario_driver);
    int err;

    if (!loop)
        return -EMFILE;
    gyre_set_event_loop(loop);
    gyre_loop_set_exception_handler(loop, hear, NULL);
    err = run_task(loop, fn);
    gyre_loop_shutdown_default_executor(loop, 10);
    check_empty(loop);
    gyre_set_event_loop(NULL);
    gyre_loop_close(loop);
    gyre_loop_unref(loop);
    return err;
}

int play_run(const struct scenario *scenario, const struct fault_plan *plan)
{
    size_t descriptors = count_descriptors();
    int err;

    play_say(play_words, PLAY_WORDS, scenario, plan);
    alarm(20);
    party_begin_run();
    fault_begin(plan);
    err = scenario->sharded ? scenario->run(NULL) : run_on_loop(scenario->run);
    fault_end();
    party_end_run();
    scenario_check(descriptors_are(descriptors), "a descriptor is left, or one too many was closed");
    alarm(0);
    return err;
}
