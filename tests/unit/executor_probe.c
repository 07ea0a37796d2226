/* The probe of the executor's tests; executor_probe.h tells. */
#include "tests/unit/executor_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void probe_run(gyre_job *job)
{
    struct probe *probe = (struct probe *)job;

    atomic_fetch_add(&probe->runs, 1);
    if (probe->hold)
        sem_wait(probe->hold);
}

void probe_end(gyre_job *job)
{
    struct probe *probe = (struct probe *)job;

    probe->dropped = job->dropped;
    probe->done_on = pthread_self();
    atomic_fetch_add(&probe->dones, 1);
    sem_post(&probe->done);
}

void probe_open(struct probe *probe, sem_t *hold)
{
    *probe = (struct probe){.job = {.fn = probe_run, .done = probe_end}, .hold = hold};
    sem_init(&probe->done, 0, 0);
}

void probe_check(struct probe *probe, unsigned runs, unsigned dones)
{
    assert_int_equal(atomic_load(&probe->runs), runs);
    assert_int_equal(atomic_load(&probe->dones), dones);
}

void probe_occupy(gyre_executor *executor, struct probe *probe, sem_t *hold)
{
    sem_init(hold, 0, 0);
    probe_open(probe, hold);
    assert_int_equal(gyre_executor_submit(executor, &probe->job), 0);
    while (!atomic_load(&probe->runs))
        usleep(100);
}

void probe_end_pool(gyre_executor *executor)
{
    assert_int_equal(gyre_executor_shutdown(executor, true, false), 0);
    gyre_executor_unref(executor);
}

static bool is_named(const char *id, const char *name)
{
    char path[300], found[32] = "";
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%s/comm", id);
    file = fopen(path, "r");
    if (!file)
        return false;
    if (fscanf(file, "%31s", found) != 1)
        found[0] = '\0';
    fclose(file);
    return !strcmp(found, name);
}

bool probe_thread_exists(const char *name)
{
    DIR *folder = opendir("/proc/self/task");
    bool found = false;

    for (struct dirent *entry; !found && (entry = readdir(folder));)
        found = is_named(entry->d_name, name);
    closedir(folder);
    return found;
}
