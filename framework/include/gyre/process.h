/* gyre/process.h - children of this program: started, fed, read, signalled, waited for.
 *
 * asyncio: SubprocessProtocol, SubprocessTransport, subprocess.Process. A child belongs to the loop that made
 * it and is reaped there; nothing else in the program may wait for it, or handle SIGCHLD. A descriptor that
 * is not close-on-exec is inherited, as ever in C. In virtual time there are no children: -ENOTSUP.
 */
#ifndef GYRE_PROCESS_H
#define GYRE_PROCESS_H

#include <gyre/stream.h>
/* Some systems define stdin and its like as macros: they are names of fields here, the same for everybody. */
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a child's stdin, stdout or stderr may be, beside a descriptor of this program (1 or more). asyncio:
 * subprocess.PIPE, STDOUT, DEVNULL, None */
enum {
    GYRE_PIPE = -1,    /* a pipe to or from this program */
    GYRE_STDOUT = -2,  /* stderr only: wherever stdout goes */
    GYRE_DEVNULL = -3, /* nothing: /dev/null */
    GYRE_INHERIT = -4  /* what this program has there */
};

/* One child and its pipes; counted. It lives at least until connection_lost has returned. asyncio:
 * SubprocessTransport */
typedef struct gyre_subprocess_transport gyre_subprocess_transport;

/* Who hears of a child. Const, and alive as long as any child of it. connection_made comes first and
 * connection_lost last; the order of the others is not defined. asyncio: SubprocessProtocol */
typedef struct gyre_subprocess_protocol {
    size_t size; /* bytes of zeroed state, the methods' `self`, that live as long as the transport; used when
                    create is NULL */

    /* For state that the program owns: gets .arg and returns `self`. NULL refuses: no child is started. */
    void *(*create)(void *arg);

    /* Told last of all, when the transport will not call again; only after create. */
    void (*destroy)(void *self);

    /* The child runs. The transport is lent until connection_lost returns. asyncio: connection_made */
    void (*connection_made)(void *self, gyre_subprocess_transport *transport);

    /* Bytes that the child wrote to its descriptor fd (1 or 2), valid during the call. asyncio:
     * pipe_data_received */
    void (*pipe_data_received)(void *self, int fd, const void *data, size_t len);

    /* One pipe is gone: 0 after its end or a close, else the negative code of what broke it. asyncio:
     * pipe_connection_lost */
    void (*pipe_connection_lost)(void *self, int fd, int err);

    /* The child has ended: get_returncode knows how. asyncio: process_exited */
    void (*process_exited)(void *self);

    /* All is over: every pipe is gone and the child has ended. A child of the child that inherited a pipe
     * keeps it open. err is 0. asyncio: connection_lost */
    void (*connection_lost)(void *self, int err);

    /* What waits to be written to the child's stdin went over the high mark. asyncio: pause_writing */
    void (*pause_writing)(void *self);

    /* And fell to the low mark. asyncio: resume_writing */
    void (*resume_writing)(void *self);
} gyre_subprocess_protocol;

/* How a child is started. */
typedef struct gyre_subprocess_options {
    size_t size;            /* sizeof this struct, filled in by the macro */
    void *arg;              /* for the protocol's create */
    int stdin;              /* GYRE_PIPE, GYRE_DEVNULL, GYRE_INHERIT or a descriptor, which stays the
                               caller's; default GYRE_PIPE for subprocess_, GYRE_INHERIT for create_subprocess_ */
    int stdout;             /* the same */
    int stderr;             /* the same, or GYRE_STDOUT */
    const char *executable; /* the program to run, when it is another one than argv[0]; for a shell, the
                               shell; default argv[0], looked up in PATH, or "/bin/sh" */
    const char *cwd;        /* the child's folder; default this program's */
    const char *const *env; /* its whole environment, "NAME=value", NULL at the end; default this program's */
    const int *pass_fds;    /* descriptors that it gets as well, under the same numbers */
    size_t pass_fds_count;  /* how many */
    ptrdiff_t limit;        /* create_subprocess_: that of the readers, in bytes; default 64 KiB */
    const char *encoding;   /* asyncio knows bytes alone: anything but NULL is GYRE_EVALUE */
    const char *errors;     /* the same */
    int bufsize;            /* the same: anything but 0 */
    int shell;              /* GYRE_YES for a shell's functions, GYRE_NO for the others; else GYRE_EVALUE */
    bool text;              /* the same as encoding: true is GYRE_EVALUE */
    bool universal_newlines; /* the same */
    bool start_new_session;  /* the child leads a session of its own */
} gyre_subprocess_options;

/* Starts argv[0] (argv ends with NULL) and waits until connection_made has returned. -ENOENT and its like: it
 * cannot be started, nothing is left. GYRE_EVALUE: an option; GYRE_ETYPE: no program; GYRE_ERUNTIME: create
 * refused. Cancelled, it kills and reaps the child. Its start holds the loop up until the child has taken
 * over its program. [suspends] [new ref] in *transport, which may be NULL. asyncio: loop.subprocess_exec */
int gyre_loop_subprocess_exec(gyre_loop *loop, gyre_subprocess_transport **transport,
                              const gyre_subprocess_protocol *protocol, const char *const *argv,
                              const gyre_subprocess_options *options);
#define gyre_loop_subprocess_exec(loop, transport, protocol, ...)                  \
    gyre_loop_subprocess_exec(loop, transport, protocol, GYRE__FIRST(__VA_ARGS__), \
                              GYRE__OPTIONS(gyre_subprocess_options, __VA_ARGS__))

/* The same for a line that a shell runs: /bin/sh -c cmd. GYRE_EVALUE: cmd is NULL. [suspends] [new ref]
 * asyncio: loop.subprocess_shell */
int gyre_loop_subprocess_shell(gyre_loop *loop, gyre_subprocess_transport **transport,
                               const gyre_subprocess_protocol *protocol, const char *cmd,
                               const gyre_subprocess_options *options);
#define gyre_loop_subprocess_shell(loop, transport, protocol, ...)                  \
    gyre_loop_subprocess_shell(loop, transport, protocol, GYRE__FIRST(__VA_ARGS__), \
                               GYRE__OPTIONS(gyre_subprocess_options, __VA_ARGS__))

/* Takes one more reference; NULL stays NULL. [new ref] */
gyre_subprocess_transport *gyre_subprocess_transport_ref(gyre_subprocess_transport *transport);

/* Gives a reference back. The child goes on. */
void gyre_subprocess_transport_unref(gyre_subprocess_transport *transport);

/* The child's process id. asyncio: get_pid */
int gyre_subprocess_transport_get_pid(const gyre_subprocess_transport *transport);

/* True when the child has ended: how, in *returncode (may be NULL): 0 or more is its exit code, -N the signal
 * that killed it; 255 when somebody else has reaped it. False is asyncio's None. asyncio: get_returncode */
bool gyre_subprocess_transport_get_returncode(const gyre_subprocess_transport *transport, int *returncode);

/* The transport of the child's descriptor fd, lent until connection_lost has returned; NULL when there is no
 * such pipe. asyncio: get_pipe_transport */
gyre_transport *gyre_subprocess_transport_get_pipe_transport(const gyre_subprocess_transport *transport,
                                                             int fd);

/* Sends the child a signal. -ESRCH when it has ended: never a signal to a stranger. asyncio: send_signal */
int gyre_subprocess_transport_send_signal(gyre_subprocess_transport *transport, int signal);

/* Sends SIGTERM. asyncio: terminate */
int gyre_subprocess_transport_terminate(gyre_subprocess_transport *transport);

/* Sends SIGKILL. asyncio: kill */
int gyre_subprocess_transport_kill(gyre_subprocess_transport *transport);

/* Closes the pipes, and kills the child if it has not ended. Idempotent. asyncio: close */
void gyre_subprocess_transport_close(gyre_subprocess_transport *transport);

/* True from close or the loss on. asyncio: is_closing */
bool gyre_subprocess_transport_is_closing(const gyre_subprocess_transport *transport);

/* --- from a coroutine --- */

/* A child with streams for pipes; counted. asyncio: subprocess.Process */
typedef struct gyre_process gyre_process;

/* Starts argv[0] as gyre_loop_subprocess_exec does, on this thread's loop. [suspends] [new ref] in *process.
 * asyncio: create_subprocess_exec */
int gyre_create_subprocess_exec(gyre_process **process, const char *const *argv,
                                const gyre_subprocess_options *options);
#define gyre_create_subprocess_exec(process, ...)                  \
    gyre_create_subprocess_exec(process, GYRE__FIRST(__VA_ARGS__), \
                                GYRE__OPTIONS(gyre_subprocess_options, __VA_ARGS__))

/* The same for a line that a shell runs. [suspends] [new ref] asyncio: create_subprocess_shell */
int gyre_create_subprocess_shell(gyre_process **process, const char *cmd,
                                 const gyre_subprocess_options *options);
#define gyre_create_subprocess_shell(process, ...)                  \
    gyre_create_subprocess_shell(process, GYRE__FIRST(__VA_ARGS__), \
                                 GYRE__OPTIONS(gyre_subprocess_options, __VA_ARGS__))

/* Takes one more reference; NULL stays NULL. [new ref] */
gyre_process *gyre_process_ref(gyre_process *process);

/* Gives a reference back; the last one closes the pipes. The child goes on, and its loop reaps it. */
void gyre_process_unref(gyre_process *process);

/* The child's process id. asyncio: Process.pid */
int gyre_process_get_pid(const gyre_process *process);

/* As gyre_subprocess_transport_get_returncode. asyncio: Process.returncode */
bool gyre_process_get_returncode(const gyre_process *process, int *returncode);

/* What writes to the child's stdin, lent; NULL when that is no pipe. asyncio: Process.stdin */
gyre_writer *gyre_process_get_stdin(const gyre_process *process);

/* What reads the child's stdout, lent (gyre_stream_close only closes it); NULL when that is no pipe. asyncio:
 * Process.stdout */
gyre_reader *gyre_process_get_stdout(const gyre_process *process);

/* What reads its stderr, the same way. asyncio: Process.stderr */
gyre_reader *gyre_process_get_stderr(const gyre_process *process);

/* Waits until the child has ended, and says in *returncode (may be NULL) how. Any number of tasks may wait. A
 * child that writes more than its pipes hold does not end unless somebody reads. [suspends] asyncio:
 * Process.wait */
int gyre_process_wait(gyre_process *process, int *returncode);

/* What a child wrote: lent as long as the process, until the next read of its readers. */
typedef struct gyre_process_output {
    const char *stdout_data; /* NULL when its stdout is no pipe */
    size_t stdout_len;       /* bytes of it */
    const char *stderr_data; /* NULL when its stderr is no pipe */
    size_t stderr_len;       /* bytes of it */
} gyre_process_output;

/* What communicate sends. */
typedef struct gyre_communicate_options {
    size_t size;       /* sizeof this struct, filled in by the macro */
    const void *input; /* bytes for the child's stdin, the caller's; default: none */
    size_t len;        /* how many */
} gyre_communicate_options;

/* Writes the input to the child's stdin and closes it, reads its pipes to their ends at the same time, and
 * waits for it; *output (may be NULL) is what it wrote. A child that does not want the input is no failure.
 * [suspends] asyncio: Process.communicate */
int gyre_process_communicate(gyre_process *process, gyre_process_output *output,
                             const gyre_communicate_options *options);
#define gyre_process_communicate(process, ...)                  \
    gyre_process_communicate(process, GYRE__FIRST(__VA_ARGS__), \
                             GYRE__OPTIONS(gyre_communicate_options, __VA_ARGS__))

/* Sends the child a signal; -ESRCH when it has ended. asyncio: Process.send_signal */
int gyre_process_send_signal(gyre_process *process, int signal);

/* Sends SIGTERM. asyncio: Process.terminate */
int gyre_process_terminate(gyre_process *process);

/* Sends SIGKILL. asyncio: Process.kill */
int gyre_process_kill(gyre_process *process);

#ifdef __cplusplus
}
#endif

#endif
