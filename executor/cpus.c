/* cpus.c - how many CPUs a program may use: the smaller of its affinity mask and its cgroup quota. */
#include "cpus.h"

#include "cgroup.h"

#include <gyre/executor.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than any kernel has. */
enum { MOST_CPUS = 1 << 20 };

static _Thread_local const cpu_set_t *allowed;
static _Thread_local size_t allowed_size;

void gyre__cpus_allow(const cpu_set_t *mask, size_t size)
{
    allowed = mask;
    allowed_size = size;
}

static cpu_set_t *copy_allowed(size_t *size)
{
    cpu_set_t *mask = malloc(allowed_size);

    *size = allowed_size;
    return mask ? memcpy(mask, allowed, allowed_size) : NULL;
}

/* The kernel answers EINVAL while the mask is shorter than its own. */
static cpu_set_t *read_affinity(size_t cpus, size_t *size)
{
    cpu_set_t *mask = CPU_ALLOC(cpus);

    *size = CPU_ALLOC_SIZE(cpus);
    if (!mask || sched_getaffinity(0, *size, mask) == 0)
        return mask;
    CPU_FREE(mask);
    return NULL;
}

cpu_set_t *gyre__cpus_affinity(size_t *size)
{
    cpu_set_t *mask = NULL;

    if (allowed)
        return copy_allowed(size);
    for (size_t cpus = CPU_SETSIZE; !mask && cpus <= MOST_CPUS; cpus *= 2)
        mask = read_affinity(cpus, size);
    return mask;
}

static unsigned count_affinity(unsigned online)
{
    size_t size;
    cpu_set_t *mask = gyre__cpus_affinity(&size);
    unsigned count = mask ? (unsigned)CPU_COUNT_S(size, mask) : online;

    CPU_FREE(mask);
    return count;
}

static unsigned count_online(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    return online > 0 ? (unsigned)online : 1;
}

unsigned gyre__cpus_usable(unsigned affinity, double quota)
{
    unsigned usable = affinity ? affinity : 1;

    if (quota > 0 && quota < usable)
        usable = (unsigned)quota + (quota > (unsigned)quota);
    return usable;
}

void gyre_count_cpus(gyre_cpus *cpus)
{
    cpus->online = count_online();
    cpus->affinity = count_affinity(cpus->online);
    cpus->quota = gyre__cgroup_quota("");
    cpus->usable = gyre__cpus_usable(cpus->affinity, cpus->quota);
}
