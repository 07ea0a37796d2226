/* tls_foe.h - a peer that means no good. The connection under test is `there`, a server, or `here`, a client;
 * the other end is a machine by hand.
 */
#ifndef GYRE_TESTS_TLS_FOE_H
#define GYRE_TESTS_TLS_FOE_H

#include "tests/unit/tls_raw.h"

static struct raw raw;
static int sock;

static inline int accept_it(void *arg)
{
    return gyre_loop_connect_accepted_socket(loop, NULL, &net_diary, sock, .ssl = of_server, .arg = &there);
}

static inline int dial_it(void *arg)
{
    return gyre_loop_create_connection(loop, NULL, &net_diary, .sock = sock, .ssl = of_client,
                                       .server_hostname = "localhost", .arg = &here);
}

static gyre_task *task;

/* The connection under test begins; its socket's other end is the machine's. */
static inline void begin_with(bool against_server)
{
    int ends[2];

    memset(&there, 0, sizeof there);
    memset(&here, 0, sizeof here);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    sock = ends[0];
    raw_begin(&raw, !against_server, ends[1]);
    gyre_loop_create_task(loop, &task, against_server ? accept_it : dial_it, NULL);
    net_turns(loop, 3);
}

/* The code of its handshake, once that is over. */
static inline int outcome(void)
{
    while (!gyre_future_done(task))
        net_turns(loop, 1);
    return gyre_future_exception(task);
}

/* However it ended: nothing of it is left, and what began has ended once. */
static inline void end_with(void)
{
    if (!gyre_future_done(task))
        gyre_task_cancel(task);
    raw_end(&raw);
    while (!gyre_future_done(task) || here.made > here.lost || there.made > there.lost)
        net_step(loop);
    if (gyre_future_exception(task) < 0)
        assert_int_equal(here.made + there.made, 0);
    gyre_future_unref(task);
    net_turns(loop, 4);
    assert_int_equal(of_server->references + of_client->references, 2);
}

static inline void meet(bool against_server)
{
    begin_with(against_server);
    raw_shake(&raw);
    raw_flush(&raw);
    assert_int_equal(raw.err, 1);
    assert_int_equal(outcome(), 0);
}

#endif
