/* act.c - what a program may do to its transport, at random. */
#include "fuzz.h"

static void pause_reading(struct end *end)
{
    if (end->sending)
        return;
    gyre_transport_pause_reading(end->transport);
    end->paused = true;
}

static void resume_reading(struct end *end)
{
    if (end->sending)
        return;
    end->paused = false;
    gyre_transport_resume_reading(end->transport);
}

static void write_eof(struct end *end)
{
    bool open = !gyre_transport_is_closing(end->transport);
    int err;

    end->closed = end->closed || end->rules.whole;
    end->ended = end->ended || (end->rules.half && open && !end->lost);
    err = gyre_transport_write_eof(end->transport);
    expect(err == (end->rules.half || end->rules.whole ? 0 : GYRE_ENOTIMPLEMENTED),
           "write_eof returned something else");
    expect(gyre_transport_can_write_eof(end->transport) == (end->rules.half || end->rules.whole),
           "can_write_eof says something else");
}

static void close_it(struct end *end)
{
    end->closed = true;
    gyre_transport_close(end->transport);
}

static void abort_it(struct end *end)
{
    end->aborted = true;
    gyre_transport_abort(end->transport);
}

/* Far away, near to nothing, or what waits now, where a mark is just reached or just not. */
static ptrdiff_t somewhere(struct end *end)
{
    ptrdiff_t near = (ptrdiff_t)gyre_transport_get_write_buffer_size(end->transport) + (ptrdiff_t)roll(3) - 1;

    if (one_in(3))
        return near < 0 ? 0 : near;
    return (ptrdiff_t)(one_in(3) ? roll(3) : roll(200000));
}

static void move_marks(struct end *end)
{
    ptrdiff_t high = one_in(4) ? -1 : somewhere(end);
    ptrdiff_t low = one_in(2) ? -1 : somewhere(end);
    bool good = low == -1 || high == -1 || high >= low;

    end->moved = end->held;
    end->writing++;
    expect(gyre_transport_set_write_buffer_limits(end->transport, high, low) == (good ? 0 : GYRE_EVALUE),
           "set_write_buffer_limits returned something else");
    end->writing--;
    expect(gyre_transport_set_write_buffer_limits(end->transport, 1, 2) == GYRE_EVALUE, "marks are crossed");
}

static void replace(struct end *end)
{
    end->class = (uint8_t)roll(CLASSES);
    gyre_transport_set_protocol(end->transport, &classes[end->class], end);
}

static void limit(struct end *end)
{
    if (!one_in(10))
        return;
    end->timed = true;
    gyre_transport_set_timeouts(end->transport, .idle = one_in(2) ? 0.001 : 0,
                                .read = one_in(2) && end->rules.reads ? 0.001 : 0,
                                .write_stall = one_in(2) && end->rules.writes ? 0.001 : 0);
}

/* Only a method can raise. */
static void raise(struct end *end)
{
    if (!end->depth || !one_in(4))
        return;
    end->failed = true;
    gyre_transport_fail(end->transport, -EPROTO);
}

static void look(struct end *end)
{
    char text[128];
    void *self;

    gyre_transport_get_peername(end->transport, text, sizeof text);
    gyre_transport_get_sockname(end->transport, text, sizeof text);
    gyre_transport_get_extra_info(end->transport, one_in(2) ? "socket" : "peername", NULL);
    gyre_transport_set_busy(end->transport, one_in(2));
    if (end->lost)
        return;
    expect(gyre_transport_get_protocol(end->transport, &self) == &classes[end->class] && self == end,
           "get_protocol says something else");
}

/* How often each is done. */
static const struct {
    const char *name;
    unsigned weight;
    void (*fn)(struct end *end);
} actions[] = {
    {"write", 14, act_write},
    {"writelines", 5, act_writelines},
    {"write_owned", 5, act_write_owned},
    {"sendfile", 2, act_sendfile},
    {"pause_reading", 4, pause_reading},
    {"resume_reading", 6, resume_reading},
    {"set_write_buffer_limits", 4, move_marks},
    {"set_protocol", 2, replace},
    {"call_soon", 6, act_soon},
    {"look", 2, look},
    {"set_timeouts", 1, limit},
    {"write_eof", 1, write_eof},
    {"close", 1, close_it},
    {"abort", 1, abort_it},
    {"fail", 1, raise},
};

enum { ACTIONS = sizeof actions / sizeof *actions };

static size_t pick(void)
{
    unsigned total = 0, at;
    size_t i = 0;

    for (size_t k = 0; k < ACTIONS; k++)
        total += actions[k].weight;
    for (at = roll(total); at >= actions[i].weight; i++)
        at -= actions[i].weight;
    /* The end is one, and what comes before it is long. */
    return i >= ACTIONS - 4 && !one_in(3) ? 0 : i;
}

void act(struct end *end)
{
    size_t i = pick();

    if (!end->transport || end->upgrading || !run.fuel)
        return;
    run.fuel--;
    trace("%*s%s does %s", (int)end->depth * 2, "", end->name, actions[i].name);
    end->depth++;
    actions[i].fn(end);
    end->depth--;
    end_check(end);
}

void act_maybe(struct end *end)
{
    if (end->depth > NESTED)
        return;
    end_check(end);
    while (one_in(3))
        act(end);
}

static void act_now(void *arg)
{
    struct end *end = arg;

    act_maybe(end);
    act(end);
}

void act_soon(struct end *end)
{
    gyre_loop_call_soon(run.loop, act_now, end);
}
