/* stress_million.c - a million tasks: at once, in batches, gathered, in groups; and a hundred thousand that
 * are suspended at the same time, with what each of them costs in memory.
 *
 * A task that waits for its first turn has no stack, so a million of them cost their structs. A suspended one
 * has one: of its 192 KiB of addresses those pages are committed that it has touched, and stacks share
 * mappings.
 */
#include "stress.h"
#include <sys/mman.h>

#ifdef STRESS_SANITIZED
enum { TASKS = 20000, SUSPENDED = 2000 };
#else
enum { TASKS = 1000000, SUSPENDED = 100000 };
#endif

enum {
    BATCH = 1000,
    PAGE = 4096,        /* what these tasks use of their stacks, a few hundred bytes, as the kernel counts */
    MOST_BEYOND = 4096, /* what may be committed beyond that for each: the task, and the page tables */
    EACH_MAPPING = 1000 /* so many stacks share one, at least */
};

static long ran;
static gyre_task *tasks[TASKS];

static int run(void *arg)
{
    ran++;
    return 0;
}

static void make(size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(gyre_create_task(&tasks[i], run, NULL) == 0);
}

static void join(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect(gyre_await(tasks[i], NULL) == 0);
        gyre_future_unref(tasks[i]);
    }
}

static int all_at_once(void *arg)
{
    make(TASKS);
    join(TASKS);
    return 0;
}

static int in_batches(void *arg)
{
    for (int i = 0; i < TASKS / BATCH; i++) {
        make(BATCH);
        join(BATCH);
    }
    return 0;
}

static int gathered(void *arg)
{
    for (int i = 0; i < TASKS / BATCH; i++) {
        gyre_future *all;

        make(BATCH);
        expect(gyre_gather(&all, tasks, BATCH) == 0);
        expect(gyre_await(all, NULL) == 0);
        gyre_future_unref(all);
        join(BATCH);
    }
    return 0;
}

static int in_groups(void *arg)
{
    for (int i = 0; i < TASKS / BATCH; i++) {
        gyre_task_group group;

        gyre_task_group_begin(&group);
        for (int j = 0; j < BATCH; j++)
            expect(gyre_task_group_create_task(&group, NULL, run, NULL) == 0);
        expect(gyre_task_group_end(&group, 0) == 0);
    }
    return 0;
}

/* A line of a file in /proc, in bytes. */
static long look_up(const char *path, const char *key)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen(path, "r");

    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtol(line + strlen(key), NULL, 10);
    if (file)
        fclose(file);
    return kib * 1024;
}

static long count_mappings(void)
{
    FILE *file = fopen("/proc/self/maps", "r");
    long count = 0;

    for (int c; file && (c = getc(file)) != EOF;)
        count += c == '\n';
    if (file)
        fclose(file);
    return count;
}

struct memory {
    long committed, tables, mappings;
};

static struct memory weigh(void)
{
    return (struct memory){.committed = look_up("/proc/self/smaps_rollup", "Anonymous:"),
                           .tables = look_up("/proc/self/status", "VmPTE:"),
                           .mappings = count_mappings()};
}

/* Whether stacks are guarded by markers of the kernel's, and not by mappings. */
static bool has_markers(void)
{
    enum { GUARD_INSTALL = 102, NO_SUCH_ADVICE = 9999 };
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool has = madvise(page, PAGE, NO_SUCH_ADVICE) && !madvise(page, PAGE, GUARD_INSTALL);

    munmap(page, PAGE);
    return has;
}

static void judge(struct memory before, struct memory after, long count, bool markers)
{
    long committed = (after.committed - before.committed) / count;
    long tables = (after.tables - before.tables) / count;
    long mappings = after.mappings - before.mappings;

    printf("%ld tasks are suspended: each has %ld bytes, and %ld of page tables; %ld mappings\n", count,
           committed, tables, mappings);
#ifndef STRESS_SANITIZED
    expect(committed + tables <= PAGE + MOST_BEYOND);
    expect(!markers || mappings <= count / EACH_MAPPING);
#endif
}

static int wait_for_it(void *event)
{
    ran++;
    return gyre_event_wait(event);
}

static int suspended(void *arg)
{
    bool markers = has_markers();
    long count = markers ? SUSPENDED : SUSPENDED / 10;
    struct memory before = weigh();
    gyre_event event;

    gyre_event_init(&event);
    for (long i = 0; i < count; i++)
        expect(gyre_create_task(&tasks[i], wait_for_it, &event) == 0);
    gyre_sleep(0);
    expect(ran == count);
    judge(before, weigh(), count, markers);
    gyre_event_set(&event);
    join((size_t)count);
    return 0;
}

static void ask(const char *what, gyre_coroutine fn)
{
    double start = now();

    ran = 0;
    expect(gyre_run(fn, NULL) == 0);
    expect(fn == suspended || ran == TASKS);
    printf("%ld tasks %s: %.2f s\n", ran, what, now() - start);
}

int main(int argc, char **argv)
{
    begin_stress(argc, argv);
    ask("suspended at once", suspended);
    ask("made at once", all_at_once);
    ask("in batches", in_batches);
    ask("gathered", gathered);
    ask("in groups", in_groups);
    return end_stress();
}
