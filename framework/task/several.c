/* task/several.c - a list of futures, as gather, wait and as_completed take it. */
#include "task/several.h"

int gyre__several_check(gyre_future *const *futures, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (futures[i]->loop != futures[0]->loop)
            return gyre_error_set(GYRE_EVALUE, "The futures belong to different loops");
    return 0;
}

size_t gyre__several_take(gyre_future **taken, gyre_future *const *futures, size_t count)
{
    uint32_t mark = count ? gyre__future_new_mark(futures[0]->loop) : 0;
    size_t distinct = 0;

    for (size_t i = 0; i < count; i++) {
        if (futures[i]->mark == mark)
            continue;
        futures[i]->mark = mark;
        taken[distinct++] = gyre_future_ref(futures[i]);
    }
    return distinct;
}

void gyre__several_give_back(gyre_future **taken, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gyre_future_unref(taken[i]);
}
