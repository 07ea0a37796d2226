/* play.c - all runs of a scenario: one without faults, which counts the calls; one for each call and each way
 * in which it can fail, or for some of them; and some with two faults. After each one without any again: what
 * failed has left nothing broken.
 */
#include "play.h"
#include <stdio.h>
#include <stdlib.h>

static const struct fault_plan none;

/* Every fault that the scenario can have. */
struct choice {
    struct fault *faults;
    unsigned count;
};

static void add(struct choice *choice, struct fault fault)
{
    if ((choice->count & (choice->count - 1)) == 0)
        choice->faults = realloc(choice->faults, (choice->count ? 2 * choice->count : 1) * sizeof fault);
    choice->faults[choice->count++] = fault;
}

static void add_calls(struct choice *choice, enum fault_call call, unsigned calls)
{
    enum fault_kind kind;
    int error;

    for (unsigned i = 0; (error = fault_error(call, i, &kind)); i++)
        for (unsigned index = 0; index < calls; index++)
            add(choice, (struct fault){call, index, error});
}

static void play_clean(const struct scenario *scenario)
{
    int err = play_run(scenario, &none);
    char words[64];

    snprintf(words, sizeof words, "failed without a fault, with %d", err);
    scenario_check(err == 0, words);
}

static struct choice find_choice(const struct scenario *scenario)
{
    struct choice choice = {0};

    play_clean(scenario);
    play_clean(scenario);
    for (int call = 0; call < FAULT_CALLS; call++)
        add_calls(&choice, (enum fault_call)call, fault_calls((enum fault_call)call));
    return choice;
}

/* Interruptions, and calls that do less than was asked, are no failures. */
static void play(const struct scenario *scenario, const struct fault_plan *plan, struct play_total *total)
{
    int err = play_run(scenario, plan);

    scenario_check(err == 0 || fault_broken(), "failed, by a fault that is no failure");
    total->faults += fault_injected();
    play_clean(scenario);
    total->runs += 2;
}

/* When not all may be played: one part in so many, another part with each seed. */
static bool is_chosen(const struct choice *choice, unsigned i, const struct play_size *size, unsigned runs)
{
    return !runs || fault_mix((uint64_t)size->seed << 32 | i) % choice->count < runs;
}

/* A server that has failed to accept pauses for a second. */
static bool is_slow(const struct fault *fault)
{
    return fault->call == FAULT_ACCEPT && fault->error != ECONNABORTED && fault->error != EPROTO &&
           fault->error != EPERM && fault->error != EINTR && fault->error != EAGAIN;
}

static void play_singles(const struct scenario *scenario, const struct choice *choice,
                         const struct play_size *size, struct play_total *total)
{
    unsigned runs = scenario->slow && size->runs ? (size->runs + 3) / 4 : size->runs;
    unsigned slow = 0;

    for (unsigned i = 0; i < choice->count; i++)
        if (is_chosen(choice, i, size, runs) && !(is_slow(&choice->faults[i]) && slow++ && size->runs))
            play(scenario, &(struct fault_plan){.faults = {choice->faults[i]}, .count = 1}, total);
}

static void play_pairs(const struct scenario *scenario, const struct choice *choice,
                       const struct play_size *size, struct play_total *total)
{
    uint64_t random = fault_mix(size->seed);

    for (unsigned i = 0; i < size->pairs && choice->count; i++) {
        struct fault_plan plan = {.count = 2};

        for (unsigned j = 0; j < plan.count; j++) {
            random = fault_mix(random);
            plan.faults[j] = choice->faults[random % choice->count];
        }
        play(scenario, &plan, total);
    }
}

void play_all(const struct scenario *scenario, const struct play_size *size, struct play_total *total)
{
    struct choice choice = find_choice(scenario);

    play_singles(scenario, &choice, size, total);
    play_pairs(scenario, &choice, size, total);
    total->scenarios++;
    free(choice.faults);
}
