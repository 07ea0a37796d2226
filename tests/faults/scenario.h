/* scenario.h - what is played with a fault in each place.
 *
 * A scenario is a coroutine that makes what it needs, lets it work, and takes all of it down, whatever fails.
 * It returns 0 when all went well, as it must without faults, else any code. It may never hang, and
 * everything that it begins must end: each connection_made in one connection_lost, each task in a code.
 */
#ifndef GYRE_TESTS_FAULT_SCENARIO_H
#define GYRE_TESTS_FAULT_SCENARIO_H

#include "fault.h"
#include <errno.h>
#include <gyre/gyre.h>
#include <string.h>

struct scenario {
    const char *name;
    gyre_coroutine run; /* the main task; gets NULL */
    bool sharded;       /* run is no coroutine: it makes its own loops */
    bool slow;          /* seconds a run, at times: a few runs must do */
};

/* The lists, each ended by one without a name. */
extern const struct scenario fault_tcp[], fault_tls[], fault_datagrams[], fault_pipes[], fault_children[],
    fault_sockets[], fault_files[], fault_streams[], fault_http[], fault_shards[], fault_threads[];

/* The driver that the loops of this run stand on. */
extern gyre_driver_kind scenario_driver;

/* Ends the program with these words, and those that play this run again, unless it holds. */
void scenario_check(bool holds, const char *words);

/* --- parties: both sides of connections, with an account of what they were told --- */

struct party;

/* How a side behaves; any may be NULL. */
struct manners {
    void (*made)(struct party *party);
    void (*data)(struct party *party, const void *data, size_t len);
    bool (*eof)(struct party *party);
    size_t enough;      /* bytes; the party has what it waits for then */
    const void *string; /* for the methods */
};

/* One side of one connection; lives until the run has ended. */
struct party {
    struct party *next;
    const struct manners *manners;
    gyre_loop *loop;           /* whose it is */
    gyre_transport *transport; /* until connection_lost */
    int fd;                    /* its descriptor, -1 for none */
    int made, lost, destroyed; /* how often */
    int err;                   /* what connection_lost was told */
    int expected;              /* what it must be told, 0 for anything */
    int paused;                /* pause_writing minus resume_writing */
    size_t received;           /* bytes */
    bool eof;                  /* no more will come */
    gyre_event changed;        /* something was told */
};

/* The protocol of parties; the .arg is its manners. */
extern const gyre_protocol party_protocol;

/* The newest party of this loop with these manners, NULL when there is none. */
struct party *party_of(const struct manners *manners);

/* A manner: it answers what it hears. */
extern const struct manners party_echo;

/* Wait until it has enough, or is lost; until it is lost. The second says with what. */
int party_enough(struct party *party);
int party_gone(struct party *party);

/* Aborts all of this loop that are not lost, and waits until they are. */
void party_end_all(void);

/* For the bed: before a run, and after it. */
void party_begin_run(void);
void party_end_run(void);

/* --- what many scenarios do --- */

/* Closes a server and waits until it is gone. NULL does nothing. */
void scenario_end_server(gyre_server *server);

/* The worse of two codes: the first failure. */
static inline int worse(int first, int second)
{
    return first < 0 ? first : second;
}

#endif
