/* fake_transport.h - a connection without a socket: the fuzzer plays its peer and the kernel.
 *
 * The linker leads the calls that apps/http makes of a transport here (--wrap). What is written is kept; when
 * the peer takes nothing, flow control sets in as in a true one. connection_lost comes in pump, never inside
 * a call.
 */
#ifndef GYRE_TESTS_FAKE_TRANSPORT_H
#define GYRE_TESTS_FAKE_TRANSPORT_H

#include <http/http.h>

struct gyre_transport {
    gyre_loop *loop;
    void *arg;                     /* of create_server */
    const gyre_protocol *protocol; /* what it calls */
    void *self;                    /* of the protocol */
    char *out;                     /* all that was written */
    size_t out_len;
    size_t unsent;   /* of that, what the peer has not taken yet */
    bool stalled;    /* the protocol was told to pause writing */
    bool paused;     /* the protocol reads nothing now */
    bool closing;    /* closed or aborted */
    bool lost;       /* connection_lost was called */
    bool draining;   /* the server drains */
    unsigned thirst; /* bytes that the peer takes at a time; 0: all at once */
};

/* Opens one to the server. */
void fake_open(gyre_transport *transport, gyre_loop *loop, const gyre_protocol *protocol, void *arg);

/* The peer takes something; who was closed and has sent all is lost. */
void fake_pump(gyre_transport *transport);

/* The connection breaks. */
void fake_lose(gyre_transport *transport, int err);

/* Frees it, after the loss. */
void fake_free(gyre_transport *transport);

#endif
