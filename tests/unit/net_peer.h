/* net_peer.h - what the tests of net/ have in common: a loop that must leave nothing behind, a protocol that
 * keeps a diary, and sockets of the test's own at the other end.
 */
#ifndef GYRE_TESTS_NET_PEER_H
#define GYRE_TESTS_NET_PEER_H

#include <gyre/server.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* A protocol's state, kept by the test. Methods write their names into the diary and then do what they are
 * told. */
struct diary {
    gyre_transport *transport;               /* set by connection_made */
    char text[512];                          /* "made data:3 eof lost:0 ", as far as it fits */
    char data[256];                          /* the first bytes received */
    size_t received;                         /* bytes received */
    int made, eof, lost, pauses, resumes;    /* how often */
    int err;                                 /* what connection_lost was told */
    int destroyed;                           /* how often destroy was called */
    bool keep_open;                          /* what eof_received returns */
    void (*on_made)(struct diary *diary);    /* what to do in each method */
    void (*on_data)(struct diary *diary);    /* the same */
    void (*on_eof)(struct diary *diary);     /* the same */
    void (*on_lost)(struct diary *diary);    /* the same */
    void (*on_pause)(struct diary *diary);   /* the same */
    void (*on_resume)(struct diary *diary);  /* the same */
    void (*on_buffer)(struct diary *diary);  /* in get_buffer */
    void (*on_updated)(struct diary *diary); /* in buffer_updated */
    size_t room;                             /* what get_buffer offers */
    char space[64];                          /* where */
    void *arg;                               /* for the test */
};

/* Protocols whose .create returns the .arg, a diary; the second one is a BufferedProtocol. */
extern const gyre_protocol net_diary, net_buffered;

/* What the last message to the exception handler was. */
struct report {
    int count;         /* messages */
    char message[160]; /* the last one's */
    char text[160];    /* and what went with it */
    int exception;     /* its code */
    bool transport;    /* it named a transport */
    bool handle;       /* it named a handle */
    int socket;        /* its socket */
};

extern struct report report;

/* What the loops of the fixture stand on. */
extern gyre_driver_kind net_driver;

/* cmocka's fixture: *state is a loop of this thread whose reports go to `report`, and which takes no pause of
 * the machine's for a slow callback; afterwards it is closed, and no descriptor may be left. */
int net_setup(void **state);
int net_teardown(void **state);

/* Skips the test where "localhost" has no address: a bare chroot has no /etc/hosts. */
void net_need_localhost(void);

/* Runs the loop for about a millisecond. The whole test is killed when it takes a minute. */
void net_step(gyre_loop *loop);

/* Runs it for so long, and for some turns more: time alone may pass without any. */
void net_run(gyre_loop *loop, double seconds);

/* Runs exactly so many turns. */
void net_turns(gyre_loop *loop, int turns);

/* Runs fn(arg) as a task and returns its code. */
int net_task(gyre_loop *loop, gyre_coroutine fn, void *arg);

/* A transport with this diary over one end of a socketpair; returns the other end. */
int net_pair(gyre_loop *loop, struct diary *diary);
int net_pair_with(gyre_loop *loop, struct diary *diary, const gyre_protocol *protocol);

/* Ends such a transport, if nobody did, and closes the other end: the diary may go. */
void net_finish(gyre_loop *loop, struct diary *diary, int peer);

/* A server of diaries on 127.0.0.1; .create gives out `diaries` in turn. */
struct diaries {
    struct diary *diary; /* an array */
    int count;           /* given out */
    int max;             /* more are refused */
};
extern const gyre_protocol net_diaries;

/* A blocking TCP connection to the port, and what comes on it. */
int net_dial(int port);

/* Reads until EOF or an error, into nowhere; the bytes, or -errno. */
long net_read_all(int fd);

/* Closes with a reset. */
void net_reset(int fd);

/* Descriptors open in this process. */
int net_count_fds(void);

#endif
