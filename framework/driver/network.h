/* driver/network.h - what the network of virtual time does to what passes over it.
 *
 * Shares are from 0, never, to 1, always. All zero is a perfect network that takes no time.
 */
#ifndef GYRE__NETWORK_H
#define GYRE__NETWORK_H

#include <stddef.h>
#include <stdint.h>

struct gyre__driver;

struct gyre__network {
    uint64_t seed;                               /* decides everything that is left to chance */
    int64_t latency;                             /* nanoseconds that each way takes at least */
    int64_t jitter;                              /* and how many more at most */
    size_t buffer;                               /* bytes that each socket keeps to send, and to read */
    double reset;                                /* share of connections that break */
    double partial;                              /* of the calls that take only a part of what they could */
    double again;                                /* of the calls that say EAGAIN for no reason */
    double loss, duplicate, reorder;             /* of the datagrams */
    void (*trace)(const char *event, void *arg); /* told of every event, NULL: nobody */
    void *trace_arg;                             /* for it */
};

/* What a driver of virtual time does from now on; a new one has a perfect network. */
void gyre__sim_set_network(struct gyre__driver *driver, const struct gyre__network *network);

#endif
