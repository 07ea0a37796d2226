/* words.c - a run in words, and back. */
#include "play.h"
#include <stdio.h>

static size_t append(char *words, size_t room, size_t length, const char *text)
{
    return length + (size_t)snprintf(words + length, length < room ? room - length : 0, "%s", text);
}

void play_say(char *words, size_t room, const struct scenario *scenario, const struct fault_plan *plan)
{
    size_t length = append(words, room, 0, scenario->name);

    length = append(words, room, length, scenario_driver == GYRE_DRIVER_UV ? " uv" : " own");
    for (unsigned i = 0; i < plan->count; i++) {
        char word[48];

        snprintf(word, sizeof word, " %s:%u:%d", fault_name(plan->faults[i].call), plan->faults[i].index,
                 plan->faults[i].error);
        length = append(words, room, length, word);
    }
}

bool play_read(const char *word, struct fault *fault)
{
    char name[32];

    if (sscanf(word, "%31[a-z]:%u:%d", name, &fault->index, &fault->error) != 3)
        return false;
    for (int call = 0; call < FAULT_CALLS; call++) {
        fault->call = (enum fault_call)call;
        if (!strcmp(fault_name(fault->call), name))
            return true;
    }
    return false;
}
