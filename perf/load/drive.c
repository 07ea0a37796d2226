/* drive.c - who sends when. Without a rate a connection sends again as soon as it is answered. With one,
 * batch n is due at start + n * interval on connection n modulo their count, whatever the server does: what
 * cannot leave in time waits, and its latency counts from when it was due. So a server that stalls pays for
 * every request that it held up (no coordinated omission).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "drive.h"
#include "connection.h"
#include "exchange.h"
#include "histogram.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>

#define MAX_EVENTS 512
#define GRACE      5000000000ull /* how long answers may be late at the end, in ns */
#define LONGEST    100000000ull  /* the longest sleep, in ns */

static struct {
    const struct plan *plan;
    struct connection *connections;
    int epoll;
    double interval;    /* ns between two batches of all connections; 0: no rate */
    uint64_t start;     /* when the first batch is due, in ns */
    uint64_t end;       /* when no more become due */
    uint64_t next;      /* batches that have become due so far */
    uint64_t requests;  /* answered so far */
    uint64_t errors;    /* connections lost, answers too long, batches never answered */
    uint64_t under_way; /* batches that are due and not answered */
    bool closing;       /* no more become due: the last answers are awaited, so that no work goes uncounted */
} run;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t due_time(uint64_t batch)
{
    return run.start + (uint64_t)((double)batch * run.interval);
}

/* When the next batch of a connection should have left. */
static uint64_t next_due(const struct connection *connection)
{
    uint64_t index = (uint64_t)(connection - run.connections);

    return due_time(connection->turn * (uint64_t)run.plan->count + index);
}

static void send_next(struct connection *connection, uint64_t now)
{
    uint64_t begun = run.interval > 0 ? next_due(connection) : now;

    connection->due--;
    connection->turn++;
    connection_send(connection, run.plan, run.epoll, begun);
}

/* One more batch of the connection is due; it leaves now if the connection is free. */
static void make_due(struct connection *connection, uint64_t now)
{
    connection->due++;
    run.under_way++;
    if (!connection->busy && !connection->dead)
        send_next(connection, now);
}

static bool enough(void)
{
    return run.plan->most && run.requests >= run.plan->most;
}

static void go_on(struct connection *connection, uint64_t now)
{
    connection->busy = false;
    run.under_way--;
    if (run.interval > 0 && connection->due > 0)
        send_next(connection, now);
    else if (run.interval == 0 && !connection->dead && !run.closing && !enough())
        make_due(connection, now);
}

static void complete(struct connection *connection)
{
    uint64_t now = now_ns();

    run.requests += run.plan->weight;
    histogram_record(now - connection->begun, run.plan->weight);
    if (run.plan->reconnect) {
        wire_reset(&connection->wire);
        now = now_ns();
    }
    go_on(connection, now);
}

static void lose(struct connection *connection)
{
    run.errors++;
    wire_reset(&connection->wire);
    connection->dead = !run.plan->reconnect && run.interval == 0;
    if (connection->busy)
        go_on(connection, now_ns());
}

static void turn(uint64_t until, uint64_t now)
{
    struct epoll_event events[MAX_EVENTS];
    uint64_t sleep = until <= now ? 0 : until - now < LONGEST ? until - now : LONGEST;
    struct timespec timeout = {.tv_nsec = (long)sleep};
    int count = epoll_pwait2(run.epoll, events, MAX_EVENTS, &timeout, NULL);

    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        enum outcome outcome = connection_proceed(connection, run.plan, run.epoll, events[i].events);

        if (outcome == ANSWERED)
            complete(connection);
        else if (outcome == LOST)
            lose(connection);
    }
}

static void run_freely(void)
{
    uint64_t now;

    for (int i = 0; i < run.plan->count; i++)
        make_due(&run.connections[i], now_ns());
    while ((now = now_ns()) < run.end && !enough())
        turn(run.end, now);
}

static void send_due(uint64_t now)
{
    while (due_time(run.next) <= now && due_time(run.next) < run.end) {
        make_due(&run.connections[run.next % (uint64_t)run.plan->count], now);
        run.next++;
    }
}

static void run_at_rate(void)
{
    uint64_t now;

    while ((now = now_ns()) < run.end && !enough()) {
        send_due(now);
        turn(due_time(run.next), now_ns());
    }
    if (!enough())
        send_due(run.end);
}

static void await_last(void)
{
    uint64_t now;

    run.closing = true;
    while (run.under_way > 0 && (now = now_ns()) < run.end + GRACE)
        turn(run.end + GRACE, now);
}

/* What was due and never answered took at least as long as it has waited. */
static void count_unanswered(struct connection *connection, uint64_t now)
{
    if (connection->busy) {
        histogram_record(now - connection->begun, run.plan->weight);
        run.errors++;
    }
    for (; connection->due > 0; connection->due--, connection->turn++) {
        histogram_record(now - next_due(connection), run.plan->weight);
        run.errors++;
    }
}

static void prepare(const struct plan *plan)
{
    run.plan = plan;
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    run.connections = allocate((size_t)plan->count * sizeof *run.connections);
    run.interval = plan->rate > 0 ? 1e9 / plan->rate * (double)plan->weight : 0;
    prctl(PR_SET_TIMERSLACK, 1);
    for (int i = 0; i < plan->count; i++) {
        run.connections[i].wire.fd = -1;
        if (!plan->reconnect)
            connection_open(&run.connections[i], plan, run.epoll);
    }
}

void drive(const struct plan *plan)
{
    uint64_t now;

    prepare(plan);
    run.start = now_ns();
    run.end = run.start + (uint64_t)(plan->seconds * 1e9);
    (plan->rate > 0 ? run_at_rate : run_freely)();
    await_last();
    now = now_ns();
    for (int i = 0; i < plan->count; i++)
        count_unanswered(&run.connections[i], now);
    printf("%llu %.4f %.1f %.1f %llu\n", (unsigned long long)run.requests, (double)(now - run.start) / 1e9,
           histogram_percentile(.5), histogram_percentile(.99), (unsigned long long)run.errors);
    if (plan->table)
        histogram_print(stdout);
    free(run.connections);
}
