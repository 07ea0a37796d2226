/* fuzz.h - two ends of a connection that do at random whatever a program may, and what must hold meanwhile.
 *
 * An end is a transport of gyre's (end.c has its protocol, act.c what it does) or a raw socket (raw.c). Each
 * sends one long pattern, so that a byte that is lost, doubled or misplaced is seen where it comes. What an
 * end believes of itself (paused, closed, held back) is kept beside the transport and compared with it.
 */
#ifndef GYRE_TESTS_TRANSPORT_FUZZ_H
#define GYRE_TESTS_TRANSPORT_FUZZ_H

#include <errno.h>
#include <gyre/gyre.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PERIOD = 65521,       /* of the pattern */
    LONGEST = 300 * 1024, /* bytes of one write at most */
    NESTED = 3            /* actions inside each other at most */
};

/* What kind of transport an end is, as far as the rules differ. */
struct rules {
    bool reads, writes; /* which ways it goes */
    bool half;          /* write_eof closes the writing side alone */
    bool whole;         /* write_eof is close */
    bool tls;           /* no half stays open, and what is cut off is told apart */
    bool pipe;          /* the end of the input is the end; a reader that goes is the end too */
};

struct end {
    const char *name;          /* in traces */
    struct end *other;         /* at the other end of the wire */
    struct rules rules;        /* what it is */
    gyre_transport *transport; /* NULL before it is made, after it is lost if it is not kept, and raw */
    int err;                   /* of the loss, or of the call that made it */
    uint64_t accepted;         /* bytes that it sent, as far as write said */
    uint64_t most;             /* and at most: a file is on its way */
    uint64_t received;         /* bytes that it got */
    char *room;                /* where a buffered protocol gets bytes */
    size_t room_len;           /* how many, 0: none was asked for */
    unsigned depth;            /* methods that run */
    unsigned tasks;            /* coroutines that use it */
    unsigned writing;          /* writes that run: its size and the marks are not compared yet */
    unsigned lent;             /* pieces of write_owned that were not released */
    unsigned destroyed;        /* how often destroy was called */
    uint8_t class;             /* its present protocol, as an index */
    bool keeps;                /* it takes a reference */
    bool made, eof, lost;      /* what it was told */
    bool paused;               /* pause_reading */
    bool closed, aborted;      /* it called that */
    bool ended;                /* write_eof */
    bool failed;               /* it raised, or was refused TLS */
    bool timed;                /* it has limits on silence */
    bool impatient;            /* TLS's end has little time */
    bool held;                 /* pause_writing, without resume_writing */
    bool moved;                /* the marks were moved since then */
    bool sending;              /* a file */
    bool upgrading;            /* start_tls: the transport must not be touched */
    bool deaf;                 /* eof came after close, which drops what comes */
    bool truncated;            /* eof came without TLS's own end */
    bool closed_by_eof;        /* eof_received said so */
    /* A raw end: */
    int fd;       /* -1: closed, or gyre's */
    SSL *ssl;     /* NULL: no TLS */
    bool greeted; /* the handshake is done */
    bool garbled; /* what it sent was no TLS */
    bool silent;  /* it said TLS's end */
    size_t stuck; /* bytes of a record that went in part */
};

/* A kind of pair. */
struct kind {
    const char *name;
    unsigned weight;     /* of so many among all */
    void (*play)(void);  /* the run, between an open loop and its close */
    void (*judge)(void); /* and what must hold after the close */
    bool virtual;        /* in virtual time, on the simulated network */
};

extern const struct kind kinds[];
extern const size_t kinds_count;

/* The run. */
struct run {
    uint64_t seed;
    const struct kind *kind;
    gyre_loop *loop;
    struct end ends[2];
    unsigned fuel; /* actions that are left */
    size_t bytes;  /* bytes that may still be sent */
    bool closing;  /* the loop closes under them */
    bool breaks;   /* the network may break a connection */
};

extern struct run run;

/* --- fuzz.c --- */

/* A line of what happens, kept for when something fails. */
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program with these words and the trace, unless it holds. */
void expect(bool holds, const char *words);

/* --- random.c --- */

void random_begin(uint64_t seed);
unsigned roll(unsigned sides);
bool one_in(unsigned sides);

/* OpenSSL takes its random numbers from here too, as far as this library context goes; and no more. */
void random_tls(OSSL_LIB_CTX *library);
void random_tls_end(OSSL_LIB_CTX *library);

/* --- pattern.c --- */

void pattern_begin(void);
void pattern_end(void);

/* PERIOD + LONGEST bytes are good from each of the first PERIOD on. */
const char *pattern_at(uint64_t position);
bool pattern_is(uint64_t position, const void *data, size_t len);

/* The path of a file with the pattern. */
const char *pattern_file(void);

/* --- end.c --- */

enum { CLASSES = 3 };

/* The protocols that an end may have; arg is the end. */
extern const gyre_protocol classes[CLASSES];

/* Forgets all, and is a transport's. */
void end_reset(struct end *end, struct rules rules);

/* True when it will send no more, or may not have sent all, by its own doing. */
bool end_is_going(const struct end *end);

/* Compares it with its transport. */
void end_check(struct end *end);

/* --- act.c --- */

/* One random action, and sometimes more in it. */
void act(struct end *end);

/* Sometimes one; what each method of a protocol calls. */
void act_maybe(struct end *end);

/* Runs act in a turn of the loop. */
void act_soon(struct end *end);

/* --- send.c --- */

void act_write(struct end *end);
void act_writelines(struct end *end);
void act_write_owned(struct end *end);
void act_sendfile(struct end *end);

/* --- raw.c --- */

/* One random action of a raw end. */
void raw_act(struct end *end);

/* Takes all that is there, and goes on with the handshake; true when something came. */
bool raw_read(struct end *end, size_t most);

void raw_close(struct end *end, bool reset);

/* Turns to TLS. */
void raw_start_tls(struct end *end, bool server_side);

/* --- verdict.c --- */

/* What must hold of a pair when the loop is closed. */
void judge_pair(void);

/* --- run.c --- */

/* One turn of the loop; or some. */
void turn(void);
void turns(unsigned count);

/* Runs until it holds, or fails with these words. */
void wait_for(bool (*holds)(void), const char *words);

/* Runs fn(arg) as a task, until it is done. */
int task(gyre_coroutine fn, void *arg);

/* Acts on both, then ends both; or the middle and the end alone. */
void play_pair(void);
void play_steps(unsigned count);
void play_end(void);

/* All that was sent has come, or somebody is going. */
void quiesce(void);

/* --- pairs.c, datagram.c, stream.c: kinds --- */

void play_unix(void);
void play_tcp(void);
void play_server(void);
void play_tls(void);
void play_start_tls(void);
void play_raw(void);
void play_raw_tls(void);
void play_pipe(void);
void play_datagrams(void);
void judge_datagrams(void);
void play_streams(void);
void judge_streams(void);

/* --- tls.c --- */

void tls_begin(void);
void tls_end(void);

/* Picks the version of the run. */
void tls_pick(void);

/* Contexts, lent; for a raw end OpenSSL's own. */
gyre_tls_context *tls_context(bool server_side);
SSL_CTX *tls_raw_context(void);

/* Turns both ends to TLS, if they are quiet and there; both must be done with it when this returns. */
void upgrade(void);

#endif
