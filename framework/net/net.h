/* net/net.h - what one loop keeps for its transports and servers.
 *
 * Made at the first transport or server of a loop; closed with the loop: every transport goes then, and the
 * made ones hear connection_lost(0).
 */
#ifndef GYRE__NET_H
#define GYRE__NET_H

#include "base/buffer.h"
#include "loop/loop.h"
#include "net/hooks.h"

enum {
    GYRE__INPUT = 256 * 1024 /* bytes of one read at most */
};

struct gyre__net {
    gyre_loop *loop;              /* whose */
    struct gyre__pool pool;       /* where write buffers come from */
    char *input;                  /* where every read lands: GYRE__INPUT bytes, good until the next read */
    char *wire;                   /* where what TLS is to open lands, NULL before the first */
    struct gyre__batch *batch;    /* where datagrams land, NULL before the first */
    struct gyre__list transports; /* those without a server */
    struct gyre__list servers;    /* those that listen or have connections */
    struct gyre__list lingers;    /* sockets that are drained before they are closed */
    const struct gyre__net_hooks *hooks; /* what shard/ does; never NULL */
    void *hooks_arg;                     /* for the hooks */
    atomic_uint_fast64_t accepted;       /* connections accepted; for other threads */
    atomic_uint_fast64_t served;         /* connections of servers alive; for other threads */
};

/* The loop's, made now if there was none. */
struct gyre__net *gyre__net(gyre_loop *loop);

/* What was read last is the caller's from now on, who frees net->input's old value; the next read lands in
 * another buffer. Inside data_received. */
void gyre__net_give_input(struct gyre__net *net);

/* The time for stamps: this turn's, or the clock's when the loop does not run. */
static inline int64_t gyre__net_now(const struct gyre__net *net)
{
    return gyre_loop_is_running(net->loop) ? net->loop->now : gyre__loop_clock(net->loop);
}

/* Which poll of the loop came last: two events with the same number had nothing read between them. */
static inline uint32_t gyre__net_poll(const struct gyre__net *net)
{
    return (uint32_t)atomic_load_explicit(&net->loop->counters.polls, memory_order_relaxed);
}

#endif
