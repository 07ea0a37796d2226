/* process/subprocess.h - the inside of a child: its process, its pipes, and who hears of them.
 *
 * spawn.c starts it, ends.c makes what it finds at its descriptors, pipe.c is the protocol of its pipes,
 * subprocess.c keeps the order: made first, lost last. References: the users', the queued calls', libuv's
 * until its handle is closed, and the loop's until connection_lost has returned.
 */
#ifndef GYRE__SUBPROCESS_H
#define GYRE__SUBPROCESS_H

#include "net/transport.h"
#include "process/children.h"
#include "task/waiter.h"
#include <gyre/process.h>

enum { GYRE__STDIO = 3 };

/* One pipe of a child. */
struct gyre__child_pipe {
    gyre_subprocess_transport *owner; /* whose */
    gyre_transport *transport;        /* this end, counted; NULL when there is none */
    int fd;                           /* the child's descriptor */
};

struct gyre_subprocess_transport {
    uv_process_t uv;                            /* libuv's half; .data is the transport */
    struct gyre__children *children;            /* the loop's */
    struct gyre__list link;                     /* in children->all until it is lost */
    const gyre_subprocess_protocol *protocol;   /* who hears */
    void *self;                                 /* its state */
    struct gyre__vars vars;                     /* the variables that it sees */
    struct gyre__child_pipe pipes[GYRE__STDIO]; /* by the child's descriptor */
    struct gyre__waiter *starters;              /* who waits until it is made */
    struct gyre__waiter *mourners;              /* who waits until it has ended */
    unsigned references;                        /* see above */
    unsigned open;                              /* pipes that are not gone */
    int pid;                                    /* the child */
    int returncode;                             /* how it ended */
    bool exited;                                /* it did */
    bool made;                                  /* connection_made was called */
    bool told;                                  /* process_exited was called */
    bool closing;                               /* close was called */
    bool losing;                                /* connection_lost is on its way */
    bool lost;                                  /* it was called */
};

/* What a child is started from. */
struct gyre__spawn {
    const gyre_subprocess_protocol *protocol; /* who hears */
    const char *file;                         /* the program */
    const char *const *argv;                  /* its arguments */
    int standard;                             /* what stdin, stdout and stderr are by default */
    const gyre_subprocess_options *options;   /* filled in, and checked */
};

/* Starts a child, and waits until connection_made has returned. [suspends] [new ref] */
int gyre__subprocess_start(gyre_loop *loop, gyre_subprocess_transport **transport,
                           const struct gyre__spawn *spawn);

/* Checks argv and options, and starts. [suspends] [new ref] */
int gyre__subprocess_exec(gyre_loop *loop, gyre_subprocess_transport **transport,
                          const gyre_subprocess_protocol *protocol, const char *const *argv, int standard,
                          const gyre_subprocess_options *options);
int gyre__subprocess_shell(gyre_loop *loop, gyre_subprocess_transport **transport,
                           const gyre_subprocess_protocol *protocol, const char *cmd, int standard,
                           const gyre_subprocess_options *options);

/* Calls fn(transport) in the next turn, with a reference. */
void gyre__subprocess_soon(gyre_subprocess_transport *transport, gyre_callback fn);

/* Takes the child's end down, and lets libuv let go of it. */
void gyre__subprocess_ended(gyre_subprocess_transport *transport, int returncode);

/* Tells of it, in later turns: process_exited, and what may follow. */
void gyre__subprocess_tell_end(gyre_subprocess_transport *transport);

/* The protocol hears no more, and the loop lets go. */
void gyre__subprocess_let_go(gyre_subprocess_transport *transport);

/* Queues connection_made. */
void gyre__subprocess_made_soon(gyre_subprocess_transport *transport);

/* A pipe is gone: perhaps that was the last thing. */
void gyre__subprocess_finish_if_done(gyre_subprocess_transport *transport);

/* Waits until the child has ended. [suspends] */
int gyre__subprocess_wait(gyre_subprocess_transport *transport);

/* Finds children that somebody else has reaped, and takes their ends down; true when there were any. */
bool gyre__subprocess_find_stolen(struct gyre__children *children);

/* Kills, reaps and ends the child of a loop that closes. */
void gyre__subprocess_drop(gyre_subprocess_transport *transport);

/* Starts the process: its libuv half, pid and pipes; nothing is left on failure. */
int gyre__subprocess_spawn(gyre_subprocess_transport *transport, const struct gyre__spawn *spawn);

/* --- ends.c --- */

/* Both ends of the standard descriptors; -1: none. */
struct gyre__child_ends {
    int child[GYRE__STDIO];  /* what the child gets; -1: /dev/null */
    int parent[GYRE__STDIO]; /* this program's ends of pipes */
    bool ours[GYRE__STDIO];  /* the child's end is to be closed here */
};

/* Makes the ends that the options ask for; none is left on failure. */
int gyre__child_ends_open(struct gyre__child_ends *ends, const struct gyre__spawn *spawn);

/* Closes those that were for the child. */
void gyre__child_ends_close_childs(struct gyre__child_ends *ends);

/* Closes all. */
void gyre__child_ends_close(struct gyre__child_ends *ends);

/* --- pipe.c --- */

/* Makes a transport of this program's end, and takes it over. */
void gyre__child_pipe_open(struct gyre__child_pipe *pipe, int end);

/* Closes it: at once when nothing is to be written. */
void gyre__child_pipe_close(struct gyre__child_pipe *pipe);

#endif
