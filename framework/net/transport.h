/* net/transport.h - the inside of a transport, whatever its kind: one protocol, one state, one write buffer.
 *
 *   OPEN --close--> CLOSING --flushed--> LOSING --connection_lost--> LOST
 *     \------------ abort, error, fail ---^
 *
 * transport.c makes and ends it, upcall.c calls the protocol, read.c and send.c move bytes, write.c takes
 * them from the program. What lies below (a socket, a pipe, another transport) is behind its kind, kind.h. A
 * reference is held across every upcall; the loop's own goes after connection_lost.
 */
#ifndef GYRE__TRANSPORT_H
#define GYRE__TRANSPORT_H

#include "net/address.h"
#include "net/net.h"

enum gyre__transport_state {
    GYRE__OPEN,    /* reads and writes */
    GYRE__CLOSING, /* close() was called and bytes wait: writes only */
    GYRE__LOSING,  /* the reason is known, connection_lost is on its way */
    GYRE__LOST     /* connection_lost was called */
};

/* Which method of the protocol is running. */
enum gyre__upcall {
    GYRE__UPCALL_NONE,
    GYRE__UPCALL_MADE,
    GYRE__UPCALL_DATA,
    GYRE__UPCALL_EOF,
    GYRE__UPCALL_LOST,
    GYRE__UPCALL_PAUSE,
    GYRE__UPCALL_RESUME,
    GYRE__UPCALL_GET_BUFFER,
    GYRE__UPCALL_UPDATED,
    GYRE__UPCALL_DATAGRAM,
    GYRE__UPCALL_ERROR
};

struct gyre__kind;
struct gyre__limits;
struct gyre__names;
struct gyre__sendfile;

struct gyre_transport {
    const struct gyre__kind *kind;  /* what it is made of */
    struct gyre__net *net;          /* the loop's half */
    const gyre_protocol *protocol;  /* the current class */
    void *self;                     /* the current state; NULL once destroyed */
    const gyre_protocol *made_with; /* the class at birth, whose destroy is called */
    void *own;                      /* the state at birth */
    void *arg;                      /* from create_server or create_connection */
    struct gyre__vars vars;         /* the variables that its protocol sees */
    gyre_server *server;            /* which server accepted it, NULL for none; counted */
    struct gyre__list link;         /* in the server's list, or the net's */
    struct gyre__flush flush;       /* sends what was written outside its own upcalls */
    struct gyre__watch *watch;      /* NULL while nothing was ever watched for */
    struct gyre__buffer out;        /* accepted and not given to the kernel */
    ptrdiff_t framing;           /* bytes in it that the program did not write; negative: more wait below */
    size_t high, low;            /* the marks of flow control */
    int64_t heard, wrote;        /* when bytes last came and went, in nanoseconds */
    struct gyre__limits *limits; /* timeouts, NULL for none */
    struct gyre__names *names;   /* addresses somebody asked for, NULL for none */
    char *words;                 /* why it is lost, in words; NULL: none but the code's */
    struct gyre__sendfile *sending; /* the file that is on its way, NULL for none */
    unsigned references;            /* users', upcalls', queued calls', and the loop's one */
    int fd;                         /* the descriptor, -1 after the loss and where there is none */
    int err;                        /* the reason of the loss, set with LOSING */
    uint32_t heard_poll;            /* in which poll bytes last came */
    union gyre__address peer;       /* who is at the other end */
    uint8_t state;                  /* enum gyre__transport_state */
    uint8_t upcall;                 /* enum gyre__upcall: the innermost that runs */
    uint8_t watched;                /* what the watch waits for */
    uint8_t depth;                  /* upcalls that run, one inside the other */
    bool made : 1;                  /* connection_made was called */
    bool paused : 1;                /* pause_reading */
    bool eof : 1;                   /* the peer sends no more */
    bool ending : 1;                /* write_eof was called */
    bool shut : 1;                  /* and the writing side is closed */
    bool blocked : 1;               /* the kernel takes no more: wait until it is writable */
    bool held_back : 1;             /* pause_writing was called, resume_writing not yet */
    bool fresh : 1;                 /* bytes had just come when close() was called */
    bool graceful : 1;              /* lost by close, everything sent */
    bool busy : 1;                  /* gyre_transport_set_busy */
    bool kept : 1;                  /* the program took a reference: it may ask after the loss */
};

/* Makes a transport of a kind over a non-blocking descriptor (or -1), and its protocol. NULL: create refused,
 * and the descriptor is still the caller's. Its peer, and what its kind adds, are for the caller to fill in.
 * It does nothing before gyre__transport_begin. */
gyre_transport *gyre__transport_new(struct gyre__net *net, const struct gyre__kind *kind, int fd,
                                    const gyre_protocol *protocol, void *arg, gyre_server *server);

/* One more reference, of gyre's own. */
gyre_transport *gyre__transport_hold(gyre_transport *transport);

/* Queues connection_made and, after it, the start of reading. */
void gyre__transport_begin(gyre_transport *transport);

/* The connection is broken, or over: drops what is buffered and queues connection_lost(err). The first reason
 * wins. */
void gyre__transport_lose(gyre_transport *transport, int err);

/* Why it is lost, or will be when what broke below is told from there; 0 for no reason. */
int gyre__transport_reason(gyre_transport *transport);

/* Keeps the words of the last error, which this code is of, for connection_lost; returns the code.
 * The first reason wins. */
int gyre__transport_note(gyre_transport *transport, int err);

/* Calls connection_lost now and lets go of everything; for a transport in LOSING. */
void gyre__transport_end(gyre_transport *transport);

/* Ends a transport of a loop that closes. */
void gyre__transport_drop(gyre_transport *transport);

/* Calls fn(transport) in the next turn, with a reference. */
void gyre__transport_soon(gyre_transport *transport, gyre_callback fn);

/* For methods that return nothing: ends the program when debug mode finds the caller on the wrong thread. */
static inline void gyre__transport_assert_here(const gyre_transport *transport)
{
    gyre__loop_assert_here(transport->net->loop);
}

/* Bytes that wait, as the program counts them. */
static inline size_t gyre__transport_waiting(const gyre_transport *transport)
{
    return transport->out.size - (size_t)transport->framing;
}

/* True while data may be delivered. */
static inline bool gyre__transport_reading(const gyre_transport *transport)
{
    return transport->state == GYRE__OPEN && !transport->paused && !transport->eof;
}

/* --- upcall.c --- */

/* What a call of a method interrupts. */
struct gyre__outer {
    struct gyre__vars *vars; /* whose variables were seen */
    uint8_t upcall;          /* enum gyre__upcall */
};

/* Begins a call of a method: holds a reference. Returns what it interrupts, for leave. */
struct gyre__outer gyre__upcall_enter(gyre_transport *transport, enum gyre__upcall upcall);

/* Ends it: sends what the method wrote, when it is the outermost, and gives the reference back. */
void gyre__upcall_leave(gyre_transport *transport, struct gyre__outer outer);

/* Calls one method, if the protocol has it. */
void gyre__upcall_made(gyre_transport *transport);
void gyre__upcall_data(gyre_transport *transport, const void *data, size_t len);
bool gyre__upcall_eof(gyre_transport *transport);
void gyre__upcall_lost(gyre_transport *transport, int err);
void gyre__upcall_pause(gyre_transport *transport);
void gyre__upcall_resume(gyre_transport *transport);
void gyre__upcall_get_buffer(gyre_transport *transport, void **buffer, size_t *len);
void gyre__upcall_updated(gyre_transport *transport, size_t len);

/* --- read.c --- */

/* Something can be read: asks the kind for it once, if reading is on, and delivers it. */
void gyre__transport_read(gyre_transport *transport);

/* The peer sends no more, as a stream takes it: eof_received, and close unless it says no. */
void gyre__transport_hear_eof(gyre_transport *transport);

/* --- watch.c --- */

/* Reads and writes below as the state asks for; asks the kind. */
void gyre__transport_rewatch(gyre_transport *transport);

/* What the state asks for, in bits of readiness. */
uint8_t gyre__transport_wanted(const gyre_transport *transport);

/* Watches the descriptor for these events, 0 for none; fn gets the transport. */
void gyre__transport_watch(gyre_transport *transport, uint8_t events, gyre__ready fn);

/* As a stream does: for what is wanted. */
void gyre__transport_watch_stream(gyre_transport *transport);

/* Ends the watch, and gives the descriptor to the caller. */
int gyre__transport_unwatch(gyre_transport *transport);

/* --- writable.c --- */

/* The kernel, or what is below, takes more: goes on with the buffer, a file, or the end. */
void gyre__transport_writable(gyre_transport *transport);

/* --- send.c --- */

/* Gives the kernel what it takes of the buffer. */
void gyre__transport_flush(gyre_transport *transport);

/* Sends pieces behind what is buffered, at once, and buffers what the kernel does not take. */
void gyre__transport_send(gyre_transport *transport, const struct iovec *pieces, size_t count);

/* The kernel takes no more: goes on when the socket is writable. */
void gyre__transport_block(gyre_transport *transport);

/* Buffers pieces from byte `skip` on; loses the connection when memory is short. */
void gyre__transport_store(gyre_transport *transport, const struct iovec *pieces, size_t count, size_t skip);

/* --- sendfile.c --- */

/* The buffer is empty and the kernel takes more, or the connection is over: the file that is on its way goes
 * on, or ends. */
void gyre__sendfile_advance(gyre_transport *transport);

/* --- flow.c --- */

/* Compares the buffer with the marks: may call pause_writing. */
void gyre__flow_grown(gyre_transport *transport);

/* The same after bytes left: may call resume_writing. */
void gyre__flow_shrunk(gyre_transport *transport);

/* --- limits.c --- */

/* Something that is limited begins (bytes wait, reading goes on): sees to it that the timer fires in time. */
void gyre__limits_arm(gyre_transport *transport);

/* Reading begins or goes on: silence counts from now. */
void gyre__limits_resume(gyre_transport *transport);

/* No limits any more. */
void gyre__limits_end(gyre_transport *transport);

/* --- names.c --- */

/* Keeps the own address for those who ask after the socket is closed. */
void gyre__names_keep(gyre_transport *transport);

#endif
