/* net/tls_transport.h - a transport over a transport: the program's bytes above, TLS's below.
 *
 *   program --write--> base.out --send--> machine --out--> below's buffer --> socket
 *   program <--data--- base <----recv--- machine <--wire-- below's read
 *
 * tls_transport.c is its kind, tls_wire.c the protocol of the transport below, which drives it by tls_pump.c,
 * tls_open.c makes both, tls_start.c puts it over one that is there, tls_info.c answers get_extra_info. It
 * holds the one below, and is held by it until that is lost.
 */
#ifndef GYRE__TLS_TRANSPORT_H
#define GYRE__TLS_TRANSPORT_H

#include "net/kind.h"
#include "net/tls.h"
#include "net/tls_order.h"
#include <gyre/future.h>

enum gyre__tls_phase {
    GYRE__TLS_SHAKING, /* the handshake is not done */
    GYRE__TLS_TALKING, /* it is */
    GYRE__TLS_PARTING, /* we said that we send no more, and wait for the peer's word */
    GYRE__TLS_OVER     /* nothing is said any more */
};

struct gyre__tls_info;

struct gyre__tls_transport {
    gyre_transport base;         /* what the program sees */
    struct gyre__tls tls;        /* OpenSSL's half */
    gyre_transport *below;       /* held */
    gyre_future *waiter;         /* who waits for the handshake, NULL for nobody */
    gyre_handle timer;           /* of the handshake, then of the end */
    double handshake, shutdown;  /* seconds that they may take */
    char *kept;                  /* of the wire, while the program does not read; NULL: nothing */
    char *own_wire;              /* where bytes of the wire land when below is of this kind too */
    struct gyre__tls_info *info; /* what somebody asked for, NULL for nothing */
    size_t answers;     /* bytes of TLS's own since the one below was full: the peer asks and reads not */
    int broken;         /* why there is no machine, 0: there is one */
    uint8_t phase;      /* enum gyre__tls_phase */
    bool dry : 1;       /* all that came was opened and delivered */
    bool full : 1;      /* the one below holds enough */
    bool cut : 1;       /* its peer has closed */
    bool truncated : 1; /* and did not say so by TLS */
    bool ending : 1;    /* the time of the end runs */
    bool late : 1;      /* it ran out, and bytes were before the goodbye then */
    bool waking : 1;    /* who waited for the handshake is told, and bytes wait for that */
};

extern const struct gyre__kind gyre__tls_kind;

static inline struct gyre__tls_transport *gyre__tls_of(const gyre_transport *transport)
{
    return (struct gyre__tls_transport *)(uintptr_t)transport;
}

/* --- tls_open.c --- */

/* Gives a new transport its machine; a failure shows in the handshake. */
void gyre__tls_set_up(struct gyre__tls_transport *over, const struct gyre__tls_order *order);

/* As gyre__transport_new of a stream, with TLS over it. */
gyre_transport *gyre__tls_new(struct gyre__net *net, int fd, const gyre_protocol *protocol, void *arg,
                              gyre_server *server, const struct gyre__tls_order *order);

/* As gyre__transport_begin: connection_made comes after the handshake. */
void gyre__tls_begin(gyre_transport *transport);

/* Begins, and waits until connection_made has run. [suspends] */
int gyre__tls_wait(gyre_transport *transport);

/* --- tls_start.c --- */

/* May this connection turn to TLS now? 0, or why not; see gyre_loop_start_tls. */
int gyre__tls_check_start(gyre_loop *loop, const gyre_transport *below, const struct gyre__tls_order *order);

/* Puts TLS over a connection: its protocol goes along, what is written waits for the handshake. `wire` are
 * bytes that came and were not used. Returns a reference. */
gyre_transport *gyre__tls_put_over(gyre_transport *below, const struct gyre__tls_order *order,
                                   const void *wire, size_t len);

/* Shakes hands, and closes when that fails. [suspends] */
int gyre__tls_start(gyre_transport *over);

/* --- tls_wire.c --- */

/* The protocols of a transport below that was made for it, and of one that was taken over. */
extern const gyre_protocol gyre__tls_wire, gyre__tls_wire_taken;

/* --- tls_pump.c --- */

/* Opens and delivers what waits, as far as the phase goes. */
void gyre__tls_pump(struct gyre__tls_transport *over);

/* The same, in the next turn. */
void gyre__tls_pump_soon(struct gyre__tls_transport *over);

/* --- tls_end.c --- */

/* The connection fails: connection_lost(err) follows, with the words of the last error. */
void gyre__tls_fail(struct gyre__tls_transport *over, int err);

/* kind->broken: why the one below is lost, or will be, and its words are ours. */
int gyre__tls_inherit(gyre_transport *transport);

/* Gives a phase its time. */
void gyre__tls_arm(struct gyre__tls_transport *over, double seconds);

/* Gives the end its time, once: from close() on, also while bytes wait. */
void gyre__tls_arm_end(struct gyre__tls_transport *over);

/* Tells who waits for the handshake that it is done, or what broke it. */
void gyre__tls_tell(struct gyre__tls_transport *over, int err);

/* --- tls_info.c --- */

/* kind->info. */
const void *gyre__tls_ask(const gyre_transport *transport, const char *name);

/* Frees what was asked for. */
void gyre__tls_info_free(struct gyre__tls_transport *over);

#endif
