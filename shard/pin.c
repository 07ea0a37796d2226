/* pin.c - a CPU and an arena of its own for each shard, so that what a shard uses stays near it. */
#include "executor/cpus.h"
#include "run.h"

void gyre__pin(const cpu_set_t *mask, int n)
{
    cpu_set_t one;
    int cpu = 0;

    while (cpu < CPU_SETSIZE && (!CPU_ISSET(cpu, mask) || n-- > 0))
        cpu++;
    if (cpu == CPU_SETSIZE)
        return;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
    gyre__cpus_allow(mask, sizeof *mask);
}

void gyre__unpin(const cpu_set_t *mask)
{
    pthread_setaffinity_np(pthread_self(), sizeof *mask, mask);
    gyre__cpus_allow(NULL, 0);
}

/* jemalloc's, when the program links it; gyre itself does not. */
__attribute__((weak)) int mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size);

static int switch_arena(unsigned to)
{
    unsigned before;
    size_t size = sizeof before;

    return mallctl("thread.arena", &before, &size, &to, sizeof to) ? -1 : (int)before;
}

int gyre__arena_enter(void)
{
    unsigned arena;
    size_t size = sizeof arena;

    if (!mallctl || mallctl("arenas.create", &arena, &size, NULL, 0))
        return -1;
    return switch_arena(arena);
}

void gyre__arena_leave(int before)
{
    if (before >= 0)
        switch_arena((unsigned)before);
}
