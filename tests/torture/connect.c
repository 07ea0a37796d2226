/* connect.c - the addresses of a host, in turn and in a race: whenever it is cancelled, no socket is left. */
#include "torture.h"

#include "../unit/paper_net.h"
#include "net/search.h"

static double delay;

/* One refuses, two answer: the last one first. */
static int run_search(void *arg)
{
    struct gyre__search search = {
        .loop = torture_loop, .remote = paper_addresses("6:1 4:2 6:3"), .delay = delay, .interleave = 1};
    int fd = -1, code = gyre__search(&search, &fd);

    torture_check(code == 0 || code == GYRE_ECANCELLED || code == -ECONNREFUSED, "a code from nowhere");
    torture_check(code == GYRE_ECANCELLED || !torture_is_victim(), "a cancel was lost");
    torture_check(paper_open() == (code == 0) || gyre_loop_is_closed(torture_loop), "a socket too many");
    if (!code)
        torture_check(paper_close(fd) == 0, "another socket than what was opened");
    return code == GYRE_ECANCELLED ? code : 0;
}

static void begin(double seconds)
{
    paper_begin(torture_loop);
    paper_ports[1].delay = 0.3;
    paper_ports[1].outcome = -ECONNREFUSED;
    paper_ports[2].delay = 1;
    paper_ports[3].delay = 0.5;
    delay = seconds;
    torture_start(run_search, NULL);
}

static void begin_in_turn(void)
{
    begin(0);
}

static void begin_race(void)
{
    begin(0.5);
}

/* Both that answer do so in the same turn. */
static void begin_dead_heat(void)
{
    begin(-1);
    paper_ports[3].delay = 1;
}

static void end(bool whole)
{
    torture_check(paper_open() == 0, "a socket was left behind");
}

int main(int argc, char **argv)
{
    static const struct torture scenarios[] = {
        {.name = "connect_in_turn", .begin = begin_in_turn, .end = end, .cancels = 3},
        {.name = "connect_race", .begin = begin_race, .end = end, .cancels = 3, .swallows = true},
        {.name = "connect_dead_heat", .begin = begin_dead_heat, .end = end, .cancels = 2, .swallows = true},
    };

    return torture_play(argc, argv, scenarios, sizeof scenarios / sizeof *scenarios);
}
