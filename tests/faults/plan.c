/* plan.c - which call fails: those that are named, and some at random.
 *
 * A random failure depends on the seed, the call and its number alone, so that one thread's calls fail the
 * same way each time.
 */
#include "fault.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum { THOUSAND = 1000 };

static struct fault_plan plan;
static atomic_bool in_force;
static atomic_uint calls[FAULT_CALLS];
static atomic_bool broken;
static atomic_uint *injected; /* in memory that processes which are forked off share */

void (*fault_told)(enum fault_call call, int fd, int error);

static void share_count(void)
{
    if (!injected)
        injected = mmap(NULL, sizeof *injected, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    atomic_store(injected, 0);
}

void fault_begin(const struct fault_plan *wanted)
{
    plan = *wanted;
    share_count();
    for (int i = 0; i < FAULT_CALLS; i++)
        atomic_store(&calls[i], 0);
    atomic_store(&broken, false);
    atomic_store(&in_force, true);
}

void fault_end(void)
{
    atomic_store(&in_force, false);
}

unsigned fault_calls(enum fault_call call)
{
    return atomic_load(&calls[call]);
}

unsigned fault_injected(void)
{
    return injected ? atomic_load(injected) : 0;
}

bool fault_broken(void)
{
    return atomic_load(&broken);
}

/* splitmix64's last step. */
uint64_t fault_mix(uint64_t seed)
{
    seed += 0x9e3779b97f4a7c15;
    seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9;
    seed = (seed ^ seed >> 27) * 0x94d049bb133111eb;
    return seed ^ seed >> 31;
}

static int named(enum fault_call call, unsigned index)
{
    for (unsigned i = 0; i < plan.count; i++)
        if (plan.faults[i].call == call && plan.faults[i].index == index)
            return plan.faults[i].error;
    return 0;
}

/* One of the errors of the wanted kinds, 0 when the call knows none. */
static int any_of(enum fault_call call, uint64_t random)
{
    int errors[32];
    unsigned count = 0;
    enum fault_kind kind;
    int error;

    for (unsigned i = 0; (error = fault_error(call, i, &kind)); i++)
        if (kind & plan.kinds)
            errors[count++] = error;
    return count ? errors[random % count] : 0;
}

static int by_chance(enum fault_call call, unsigned index)
{
    uint64_t random = fault_mix(plan.seed ^ fault_mix((uint64_t)call << 32 | index));

    return random % THOUSAND < plan.rate ? any_of(call, random / THOUSAND) : 0;
}

int fault_ask(enum fault_call call, int fd)
{
    unsigned index;
    int error;

    if (!atomic_load_explicit(&in_force, memory_order_relaxed))
        return 0;
    index = atomic_fetch_add(&calls[call], 1);
    error = named(call, index);
    if (!error && plan.rate)
        error = by_chance(call, index);
    if (!error)
        return 0;
    atomic_fetch_add(injected, 1);
    if (fault_kind_of(call, error) == FAULT_BROKEN)
        atomic_store(&broken, true);
    if (fault_told)
        fault_told(call, fd, error);
    return error;
}
