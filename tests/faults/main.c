/* main.c - plays scenarios, each on each driver in a process of its own, so that one that crashes or hangs
 * tells which run it was.
 *
 * faults_play [NAME, or its beginning [own|uv [CALL:INDEX:ERROR...]]]
 */
#include "ledger.h"
#include "play.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct scenario *const lists[] = {fault_tcp,      fault_tls,     fault_datagrams, fault_pipes,
                                               fault_children, fault_sockets, fault_files,     fault_streams,
                                               fault_http,     fault_shards,  fault_threads};

/* What a process that plays shares with the one that waits for it. */
static struct {
    struct play_total total;
    char words[PLAY_WORDS];
} * shared;

static unsigned number(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void play_in_child(const struct scenario *scenario, const struct play_size *size)
{
    struct play_total before = shared->total;
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        play_all(scenario, size, &shared->total);
        exit(EXIT_SUCCESS);
    }
    waitpid(child, &status, 0);
    if (status) {
        fprintf(stderr, "faults: status %#x: faults_play %s\n", (unsigned)status, shared->words);
        exit(EXIT_FAILURE);
    }
    printf("%-20s %-4s %6lu runs %6lu faults\n", scenario->name,
           scenario_driver == GYRE_DRIVER_UV ? "uv" : "own", shared->total.runs - before.runs,
           shared->total.faults - before.faults);
    fflush(stdout);
}

static bool on_uv(const char *word)
{
    return word && !strcmp(word, "uv");
}

static int play_one(const struct scenario *scenario, char **words)
{
    struct fault_plan plan = {0};

    for (; *words && plan.count < FAULT_MOST; words++)
        if (play_read(*words, &plan.faults[plan.count]))
            plan.count++;
    play_run(scenario, &(struct fault_plan){0});
    printf("%d\n", play_run(scenario, &plan));
    return EXIT_SUCCESS;
}

/* libuv's driver has less of its own: a quarter of the runs. */
static void play_scenario(const struct scenario *scenario, const char *driver, struct play_size size)
{
    scenario_driver = GYRE_DRIVER_DEFAULT;
    if (!on_uv(driver))
        play_in_child(scenario, &size);
    scenario_driver = GYRE_DRIVER_UV;
    size.runs = (size.runs + 3) / 4;
    size.pairs = (size.pairs + 3) / 4;
    if (!driver || on_uv(driver))
        play_in_child(scenario, &size);
}

/* What libuv opens once for the process is open before the first count. */
static void warm_up(void)
{
    gyre_loop_unref(gyre_loop_new(.driver = GYRE_DRIVER_UV));
    fault_replace_calls();
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    play_words = shared->words;
}

static void tell(void)
{
    printf("%lu faults injected in %lu runs, %lu scenarios\n", shared->total.faults, shared->total.runs,
           shared->total.scenarios);
    fault_log(shared->total.scenarios, shared->total.runs, shared->total.faults);
}

int main(int argc, char **argv)
{
    struct play_size size = {number("FAULTS_RUNS", 0), number("FAULTS_PAIRS", 0), number("FAULTS_SEED", 1)};

    warm_up();
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (const struct scenario *scenario = lists[i]; scenario->name; scenario++) {
            if (argc > 1 && strncmp(argv[1], scenario->name, strlen(argv[1])) != 0)
                continue;
            scenario_driver = on_uv(argc > 2 ? argv[2] : NULL) ? GYRE_DRIVER_UV : GYRE_DRIVER_DEFAULT;
            if (argc > 3)
                return play_one(scenario, argv + 3);
            play_scenario(scenario, argc > 2 ? argv[2] : NULL, size);
        }
    tell();
    return EXIT_SUCCESS;
}
