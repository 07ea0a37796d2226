/* fault.h - system calls of the library that fail on request.
 *
 * A plan says which calls fail, and how; each call of the library asks it. With no plan nothing changes. The
 * calls are caught behind the driver's seam (seam.c) and, where there is none, by the linker (system.c,
 * memory.c); the library knows nothing of it.
 */
#ifndef GYRE_TESTS_FAULT_H
#define GYRE_TESTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What can fail. */
enum fault_call {
    FAULT_SOCKET,
    FAULT_BIND,
    FAULT_LISTEN,
    FAULT_DEAFEN,
    FAULT_ACCEPT,
    FAULT_CONNECT,
    FAULT_RECV,
    FAULT_SEND,
    FAULT_RECVMSG,
    FAULT_SENDMSG,
    FAULT_RECVMMSG,
    FAULT_SENDMMSG,
    FAULT_READ,
    FAULT_WRITE,
    FAULT_RECVFROM,
    FAULT_SENDTO,
    FAULT_SENDFILE,
    FAULT_SHUTDOWN,
    FAULT_CLOSE,
    FAULT_GETSOCKNAME,
    FAULT_GETPEERNAME,
    FAULT_GETSOCKOPT,
    FAULT_SETSOCKOPT,
    FAULT_WATCH,
    FAULT_POLL,
    FAULT_DRIVER,
    FAULT_WAKE,
    FAULT_DUP,
    FAULT_PIPE,
    FAULT_NOTIFY,
    FAULT_SPAWN,
    FAULT_THREAD,
    FAULT_STACK,
    FAULT_MEMORY,
    FAULT_CALLS
};

/* How it can fail: an errno, or this: it does a part of what was asked. */
enum { FAULT_SHORT = 10000 };

/* What an error is to the program. */
enum fault_kind {
    FAULT_UNSEEN = 1, /* the driver deals with it: EINTR */
    FAULT_RAGGED = 2, /* all works, in more and smaller steps */
    FAULT_BROKEN = 4  /* the call has failed */
};

/* One call that fails. */
struct fault {
    enum fault_call call;
    unsigned index; /* the how manieth of its kind since the plan began, from 0 */
    int error;      /* how */
};

enum { FAULT_MOST = 2 };

/* Which calls fail. */
struct fault_plan {
    struct fault faults[FAULT_MOST]; /* these, */
    unsigned count;                  /* so many of them, */
    unsigned rate;                   /* and of a thousand others so many at random, */
    unsigned kinds;                  /* in these ways; enum fault_kind, any of them */
    uint64_t seed;                   /* of the random ones */
};

/* The plan is in force until the end. It is copied. */
void fault_begin(const struct fault_plan *plan);
void fault_end(void);

/* Since the plan began: how many calls of one kind, and how many failures of all. */
unsigned fault_calls(enum fault_call call);
unsigned fault_injected(void);

/* Whether one of these was FAULT_BROKEN. */
bool fault_broken(void);

/* Who is told of each failure before it happens; NULL for nobody. Any thread. */
extern void (*fault_told)(enum fault_call call, int fd, int error);

/* Asks the plan: 0, or how this call fails. fd is for fault_told. [any thread] */
int fault_ask(enum fault_call call, int fd);

/* The call's name, and the errors that it may give: the i-th one and its kind; 0 behind the last. */
const char *fault_name(enum fault_call call);
int fault_error(enum fault_call call, unsigned i, enum fault_kind *kind);

/* What that error is to the program. */
enum fault_kind fault_kind_of(enum fault_call call, int error);

/* A random number of a seed. */
uint64_t fault_mix(uint64_t seed);

/* From now on drivers ask the plan; until then the library's own calls are in place. */
void fault_replace_calls(void);

/* The next system call of this thread that can be interrupted is. */
void fault_interrupt(void);

#endif
