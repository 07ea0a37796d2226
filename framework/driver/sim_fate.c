/* driver/sim_fate.c - the dice of the network in virtual time: the same seed, the same throws. */
#include "driver/sim.h"

/* SplitMix64: one word of state, any seed is as good as another. */
static uint64_t throw(struct gyre__driver * driver)
{
    uint64_t word = driver->chance += UINT64_C(0x9e3779b97f4a7c15);

    word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
    return word ^ word >> 31;
}

bool gyre__sim_happens(struct gyre__driver *driver, double share)
{
    return share > 0 && (double)(throw(driver) >> 11) * 0x1p-53 < share;
}

/* The remainder's bias is one in 2^32 at most, for what is below that. */
uint64_t gyre__sim_draw(struct gyre__driver *driver, uint64_t end)
{
    return throw(driver) % end;
}

int64_t gyre__sim_latency(struct gyre__driver *driver)
{
    const struct gyre__network *network = &driver->network;

    if (network->jitter <= 0)
        return network->latency;
    return network->latency + (int64_t)gyre__sim_draw(driver, (uint64_t)network->jitter + 1);
}
