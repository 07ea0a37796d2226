/* play.c - all runs of a scenario: each cancel, each two, each close. */
#include "run.h"

static struct {
    unsigned long runs, cancels, closes;
} played;

/* How many cancels in one run: the scenario's number, or that of TORTURE_CANCELS, for a long look. */
static unsigned most_cancels(const struct torture *scenario)
{
    const char *wanted = getenv("TORTURE_CANCELS");
    int most = wanted ? atoi(wanted) : (int)scenario->cancels;

    return most > MOST_CANCELS ? MOST_CANCELS : (unsigned)most;
}

static void play(const struct torture *scenario, struct plan *plan)
{
    torture_run(scenario, plan);
    played.runs++;
    for (size_t i = 0; i < plan->count; i++)
        played.cancels += plan->cancels[i].reached && plan->cancels[i].task < plan->cancels[i].tasks;
}

/* One more cancel, of each task, at the last one's step and at each after it; and after each of these one
 * more, while the scenario wants more. */
static void cancel_each(const struct torture *scenario, struct plan plan)
{
    struct cancel *cancel = &plan.cancels[plan.count++];

    if (plan.count > 1)
        cancel->step = cancel[-1].step;
    for (cancel->reached = true; cancel->reached; cancel->step++) {
        cancel->task = 0;
        do {
            cancel->reached = false;
            play(scenario, &plan);
            if (plan.count < most_cancels(scenario) && cancel->reached && cancel->task < cancel->tasks)
                cancel_each(scenario, plan);
        } while (++cancel->task < cancel->tasks && cancel->reached);
    }
}

static void close_each(const struct torture *scenario)
{
    struct plan plan = {.close = true, .cancels[0].reached = true};

    for (; plan.cancels[0].reached; plan.cancels[0].step++) {
        torture_open();
        torture_run(scenario, &plan);
        torture_close();
        played.closes++;
    }
}

static void play_all(const struct torture *scenario)
{
    memset(&played, 0, sizeof played);
    torture_open();
    cancel_each(scenario, (struct plan){0});
    torture_close();
    close_each(scenario);
    printf("%-24s %8lu runs %8lu cancels %6lu closes\n", scenario->name, played.runs, played.cancels,
           played.closes);
    fflush(stdout);
}

/* "STEP:TASK", or "close:STEP". */
static void read_cancel(struct plan *plan, const char *word)
{
    struct cancel *cancel = &plan->cancels[plan->count];

    if (sscanf(word, "close:%u", &cancel->step) == 1)
        plan->close = true;
    else if (plan->count < MOST_CANCELS && sscanf(word, "%u:%u", &cancel->step, &cancel->task) == 2)
        plan->count++;
}

static void play_one(const struct torture *scenario, char **words, int count)
{
    struct plan plan = {0};

    for (int i = 0; i < count; i++)
        read_cancel(&plan, words[i]);
    torture_open();
    torture_run(scenario, &plan);
    torture_close();
}

int torture_play(int argc, char **argv, const struct torture *scenarios, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (argc > 2 && strcmp(argv[1], scenarios[i].name) == 0)
            play_one(&scenarios[i], argv + 2, argc - 2);
        else if (argc < 2 || strcmp(argv[1], scenarios[i].name) == 0)
            play_all(&scenarios[i]);
    }
    return 0;
}
