/* net/limits.c - limits on silence: one lazy timer for each transport that has any.
 *
 * An event only stamps the transport. The timer fires at the earliest deadline that was known when it was
 * armed, looks at the stamps, and is armed again for the rest. It is never later than the deadline.
 */
#include "base/memory.h"
#include "base/options.h"
#include "net/pipe.h"
#include "net/tls_transport.h"
#include <errno.h>
#include <stdlib.h>

struct gyre__limits {
    int64_t idle, read, stall; /* in nanoseconds, 0 for none */
    int64_t resumed;           /* when reading last began */
    int64_t due;               /* when the timer fires, GYRE__FOREVER while it is not armed */
    gyre_handle timer;         /* it */
};

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* TLS gives its bytes away long before the peer has them. */
static int64_t last_wrote(const gyre_transport *transport)
{
    if (transport->kind != &gyre__tls_kind)
        return transport->wrote;
    return later(transport->wrote, last_wrote(gyre__tls_of(transport)->below));
}

/* When the transport has been silent for too long, if nothing happens from now on. */
static int64_t deadline(const gyre_transport *transport)
{
    const struct gyre__limits *limits = transport->limits;
    int64_t due = GYRE__FOREVER;

    if (limits->idle)
        due = sooner(due, later(transport->heard, last_wrote(transport)) + limits->idle);
    if (limits->read && gyre__transport_reading(transport))
        due = sooner(due, later(transport->heard, limits->resumed) + limits->read);
    if (limits->stall && transport->blocked)
        due = sooner(due, transport->wrote + limits->stall);
    return due;
}

static void look(void *arg)
{
    gyre_transport *transport = arg;

    transport->limits->due = GYRE__FOREVER;
    if (deadline(transport) <= gyre__loop_clock(transport->net->loop))
        gyre__transport_lose(transport, -ETIMEDOUT);
    else
        gyre__limits_arm(transport);
}

void gyre__limits_arm(gyre_transport *transport)
{
    struct gyre__limits *limits = transport->limits;
    int64_t due = limits ? deadline(transport) : GYRE__FOREVER;

    if (due == GYRE__FOREVER || due >= limits->due)
        return;
    gyre_handle_cancel(&limits->timer);
    limits->due = due;
    limits->timer = gyre_loop_call_at(transport->net->loop, (double)due / 1e9, look, transport);
}

void gyre__limits_resume(gyre_transport *transport)
{
    if (!transport->limits)
        return;
    transport->limits->resumed = gyre__net_now(transport->net);
    gyre__limits_arm(transport);
}

void gyre__limits_end(gyre_transport *transport)
{
    if (!transport->limits)
        return;
    gyre_handle_cancel(&transport->limits->timer);
    free(transport->limits);
    transport->limits = NULL;
}

static int64_t limit(double seconds)
{
    int64_t most = GYRE__FOREVER / 4;

    return seconds > 0 ? sooner(gyre__nanoseconds(seconds), most) : 0;
}

static void begin(gyre_transport *transport, const gyre_transport_timeouts *timeouts)
{
    struct gyre__limits *limits = gyre__calloc(sizeof *limits);

    limits->idle = limit(timeouts->idle);
    limits->read = limit(timeouts->read);
    limits->stall = limit(timeouts->write_stall);
    limits->due = GYRE__FOREVER;
    limits->resumed = transport->heard = transport->wrote = gyre__loop_clock(transport->net->loop);
    transport->limits = limits;
    gyre__limits_arm(transport);
}

/* A pipe goes one way. */
static int check(const gyre_transport *transport, const gyre_transport_timeouts *timeouts)
{
    if (timeouts->read > 0 && transport->kind == &gyre__write_pipe_kind)
        return gyre_error_set(GYRE_ENOTIMPLEMENTED, "the writing end of a pipe has no limit on reading");
    if (timeouts->write_stall > 0 && transport->kind == &gyre__read_pipe_kind)
        return gyre_error_set(GYRE_ENOTIMPLEMENTED, "the reading end of a pipe has no limit on writing");
    return 0;
}

/* Only the one below TLS knows whether the peer takes bytes: it may hold all there are. */
static void stall_below(gyre_transport *transport, gyre_transport_timeouts *timeouts)
{
    if (transport->kind != &gyre__tls_kind)
        return;
    gyre_transport_set_timeouts(gyre__tls_of(transport)->below, .write_stall = timeouts->write_stall);
    timeouts->write_stall = 0;
}

int(gyre_transport_set_timeouts)(gyre_transport *transport, const gyre_transport_timeouts *timeouts)
{
    gyre_transport_timeouts filled = {0};
    int err;

    gyre__options_fill(&filled, sizeof filled, timeouts);
    err = check(transport, &filled);
    if (err || transport->state >= GYRE__LOSING)
        return err;
    stall_below(transport, &filled);
    gyre__limits_end(transport);
    if (filled.idle > 0 || filled.read > 0 || filled.write_stall > 0)
        begin(transport, &filled);
    return 0;
}
