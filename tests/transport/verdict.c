/* verdict.c - what must hold of a pair when all is over. */
#include "fuzz.h"

static bool is_raw(const struct end *end)
{
    return !end->destroyed && !end->made;
}

/* Nothing has cut short what it sent. */
static bool ended_well(const struct end *end)
{
    return !end->aborted && !end->failed && !end->timed && !end->err && !end->garbled && !end->impatient;
}

static void check_bytes(const struct end *end)
{
    const struct end *other = end->other;

    expect(end->received <= other->most, "more came than was sent");
    trace("%s received %llu of %llu", end->name, (unsigned long long)end->received,
          (unsigned long long)other->accepted);
    if (!end->eof || end->deaf)
        return;
    if (end->rules.tls && !end->truncated) {
        expect(is_raw(other) ? other->silent : other->closed || other->closed_by_eof,
               "TLS's end was heard, and nobody has said it");
        expect(end->received == other->accepted, "TLS's end was heard before all that was sent");
    } else if (!end->rules.tls && ended_well(other)) {
        expect(end->received == other->accepted, "EOF was heard before all that was sent");
    }
}

static void check_end(const struct end *end)
{
    expect(end->made == end->lost || is_raw(end), "connection_made and connection_lost do not pair");
    expect(end->lent == 0, "bytes of write_owned were not released");
    expect(end->destroyed <= 1, "a protocol was destroyed twice");
    expect(!end->made || end->destroyed == 1, "a protocol was not destroyed");
}

void judge_pair(void)
{
    gyre_loop_stats stats;

    gyre_loop_get_stats(run.loop, &stats);
    expect(stats.transports == 0, "a transport is left");
    expect(stats.tasks == 0, "a task is left");
    for (int i = 0; i < 2; i++) {
        struct end *end = &run.ends[i];

        raw_close(end, false);
        check_bytes(end);
        check_end(end);
        free(end->room);
        if (end->transport)
            end_check(end);
        gyre_transport_unref(end->keeps ? end->transport : NULL);
    }
}
