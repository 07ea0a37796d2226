/* gyre/error.h - what the negative numbers mean.
 *
 * Every call of gyre returns 0 or more for success and a negative int for failure: -errno for what the system
 * reports (TimeoutError is -ETIMEDOUT), one of the constants below for what asyncio raises itself, GYRE_EGAI
 * + an EAI code for what the resolver reports, and anything at or below GYRE_EUSER for the program's own.
 */
#ifndef GYRE_ERROR_H
#define GYRE_ERROR_H

#include <errno.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    GYRE_ECANCELLED = -10000,      /* CancelledError: this task was asked to end; clean up and pass it on */
    GYRE_EINVALIDSTATE = -10001,   /* InvalidStateError: the future is not in a state that allows this */
    GYRE_EVALUE = -10002,          /* ValueError: an argument has a value that makes no sense */
    GYRE_ETYPE = -10003,           /* TypeError: an argument is of the wrong kind */
    GYRE_ERUNTIME = -10004,        /* RuntimeError: the call is not allowed now; gyre_error_text() says why */
    GYRE_ENOTIMPLEMENTED = -10005, /* NotImplementedError: this kind of object cannot do that */
    GYRE_ELOOPCLOSED = -10006,     /* RuntimeError "Event loop is closed" */
    GYRE_ELOOPRUNNING = -10007,    /* RuntimeError: a loop runs where none may */
    GYRE_ENOLOOP = -10008,         /* RuntimeError "no running event loop" */
    GYRE_EWRONGLOOP = -10009,      /* RuntimeError: the object belongs to another loop */
    GYRE_EWRONGTHREAD = -10010,    /* RuntimeError: only the loop's own thread may do this */
    GYRE_EAWAIT = -10011,     /* RuntimeError: awaiting is not possible here (no task, or the task itself) */
    GYRE_ESTOPPED = -10012,   /* RuntimeError "Event loop stopped before Future completed." */
    GYRE_ESHUTDOWN = -10013,  /* RuntimeError "Executor shutdown has been called" */
    GYRE_EQUEUEFULL = -10014, /* QueueFull: a bounded queue has no place left; try again later */
    GYRE_EINCOMPLETEREAD = -10015, /* IncompleteReadError: the stream ended before all had come */
    GYRE_ELIMITOVERRUN = -10016,   /* LimitOverrunError: no separator within the reader's limit */
    GYRE_EQUEUEEMPTY = -10017,     /* QueueEmpty: nothing is in the queue; try again later */
    GYRE_EQUEUESHUTDOWN = -10018,  /* QueueShutDown: the queue takes, or has, no more items */
    GYRE_EBROKENBARRIER = -10019,  /* BrokenBarrierError: the barrier was aborted, or reset under who waits */
    GYRE_ESSL = -10030,            /* SSLError: TLS failed; gyre_error_text() has OpenSSL's words */
    GYRE_ESSLCERT = -10031,        /* SSLCertVerificationError: the peer is not who he has to be */
    GYRE_ESSLEOF = -10032,         /* SSLEOFError: the connection was cut off without TLS's own end */
    GYRE_EGAI = -11000,            /* gaierror: GYRE_EGAI + EAI_x (EAI codes are negative) */
    GYRE_EUSER = -20000            /* the first code that is free for programs; all below are too */
};

/* A short text for any code, never NULL. [any thread] */
const char *gyre_strerror(int err);

/* The name of the Python class that asyncio would raise for this code: "CancelledError",
 * "ConnectionRefusedError", "OSError", "Exception" for a program's own codes, "None" for 0 and more. [any
 * thread] */
const char *gyre_error_name(int err);

/* True for a failure that is not a cancellation: what a "log every error" line should look at. [any thread]
 */
bool gyre_is_error(int err);

/* A sentence about the last failure of this task (outside tasks: of this thread) with what an int cannot
 * hold. Never NULL; "" when nothing was said. Valid until the next failure of the same task. [any thread] */
const char *gyre_error_text(void);

/* Sets the sentence of gyre_error_text() for this task and returns err, so that `return gyre_error_set(err,
 * "...", ...)` raises with words. [any thread] */
int gyre_error_set(int err, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 2, 3)))
#endif
    ;

#ifdef __cplusplus
}
#endif

#endif
