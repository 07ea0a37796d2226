/* gyre/loop.h - the event loop: callbacks, timers, signals, and the door for other threads.
 *
 * asyncio: BaseEventLoop. One loop runs on one thread; only what is stamped [any thread] may be called from
 * elsewhere. Names are asyncio's: loop.f(...) is gyre_loop_f(loop, ...).
 */
#ifndef GYRE_LOOP_H
#define GYRE_LOOP_H

#include <gyre/context.h>
#include <gyre/error.h>
#include <gyre/named.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* counted: an event loop. In callbacks it is lent. It lives on after gyre_loop_close until the last reference
 * is gone. */
typedef struct gyre_loop gyre_loop;

typedef struct gyre_future gyre_future;
typedef struct gyre_transport gyre_transport;

/* What a loop calls. It returns nothing: a callback "raises" through gyre_loop_call_exception_handler. */
typedef void (*gyre_callback)(void *arg);

/* ticket: one scheduled call. A value: copy it, drop it, cancel it late, twice or zeroed; nothing happens
 * that should not. */
typedef struct gyre_handle {
    uint64_t id;   /* which call: slot and generation, or the number of a threadsafe call or of a watch */
    double when;   /* the deadline on gyre_loop_time's clock; 0 when it is not a timer */
    uint32_t loop; /* which loop, an index into a table that is never freed */
    int32_t state; /* flags, or the negative code of the call that failed */
} gyre_handle;

/* A part of other structs: a timer that its loop need not know before it looks for what is due. */
struct gyre__lazy_timer {
    gyre_handle handle;             /* its deadline, and its ticket once the loop has armed it */
    struct gyre__lazy_timer *older; /* of those that are not armed yet, the one begun before it */
    gyre_callback fn;               /* what it calls, with itself */
    uint32_t sequence;              /* its turn among timers of one deadline */
    bool waiting;                   /* it is begun, and not armed yet */
};

/* Which system a loop stands on. */
typedef enum gyre_driver_kind {
    GYRE_DRIVER_DEFAULT = 0, /* GYRE_DRIVER_EPOLL on Linux, else GYRE_DRIVER_UV */
    GYRE_DRIVER_UV,          /* epoll or kqueue through libuv */
    GYRE_DRIVER_EPOLL,       /* Linux's epoll itself: fewer system calls for each connection */

    /* Virtual time, for tests of timeouts that take no time: the clock begins at 0, stands still while
     * callbacks are ready, and jumps to the next deadline when the loop would wait for it. It also stands
     * still, and the loop sleeps, while blocking work of this loop is under way on a thread. When nothing is
     * ready, armed or under way, and no thread holds an unfinished gyre_concurrent_future of this loop, no
     * more can come: the exception handler is told of the deadlock, with the tasks that wait, and the run
     * returns -EDEADLK. (A plain thread that will call call_soon_threadsafe one day is not known to the loop.
     * A deadline at INFINITY never comes.)
     *
     * Sockets lead to a network in memory, one for each loop: servers and clients of the loop meet there, and
     * nobody else. By default it is perfect and takes no time; the options .sim_... make it slow and
     * unreliable, the same way for the same seed. It has streams and datagrams of IPv4 and IPv6, where all
     * private addresses and the loopback's are this machine's, any other leads nowhere, and names are unknown
     * but "localhost"; and unix streams, whose names are no files. A descriptor that stays ready, and nothing
     * done about it, lets a microsecond pass for each poll after a thousand. Descriptors of the system,
     * pipes, signals and children give -ENOTSUP. Not for shards. */
    GYRE_DRIVER_SIM
} gyre_driver_kind;

/* What is known of a stall: gyre/stall.h. */
typedef struct gyre_stall gyre_stall;

/* Told when a turn takes longer than .stall_limit, and again when it is over: on a thread of gyre's, which
 * does not wait for the loop, nor close it. */
typedef void (*gyre_stall_handler)(const gyre_stall *stall, void *arg);

/* Told of an event on a network in virtual time: one line "<seconds> <socket> <what>", without its end.
 * Sockets are counted in the order of their making, so that two runs which do the same are told the same. */
typedef void (*gyre_sim_trace)(const char *event, void *arg);

/* How a loop is made. */
typedef struct gyre_loop_options {
    size_t size;             /* sizeof this struct, filled in by the macro */
    gyre_driver_kind driver; /* the system beneath */
    int stop_flag; /* GYRE_YES: stop() is asyncio's flag since 3.5.1; default: the documentation's marker */
    size_t
        stack_size; /* bytes of address space for each coroutine's stack; default 128 KiB, at least 16 KiB */

    /* GYRE_YES: blocking work (run_in_executor, to_thread) runs as a callback of the loop, in the next turn,
     * whichever executor it is for: the same order each time, no threads. It must not wait for the loop.
     * Default: on threads. */
    int executor_inline;
    int debug; /* GYRE_YES: debug mode from the start, GYRE_NO: not; default: the environment's GYRE_DEBUG */

    /* Seconds that a turn may take before it is told as a stall (gyre/stall.h), at most once in five seconds;
     * default 0: the loop is not watched. */
    double stall_limit;
    gyre_stall_handler stall_handler; /* who is told; default gyre_stall_print */
    void *stall_arg;                  /* for it */
    int stall_signal;                 /* the signal that shows the stack; default SIGRTMAX - 1 */

    /* The network of GYRE_DRIVER_SIM. Shares are from 0, never, which is the default, to 1, always. What is
     * said of latency, resets and datagrams does not hold for unix sockets. */
    uint64_t sim_seed;    /* decides all that is left to chance */
    double sim_latency;   /* seconds that each packet takes at least */
    double sim_jitter;    /* and up to how many more; those of one stream stay in order */
    size_t sim_buffer;    /* bytes that fit into each socket's two buffers; default 1 MiB */
    double sim_reset;     /* share of connections that break, each after some bytes, at most 128 KiB */
    double sim_partial;   /* share of reads and writes that take only a part of what they could */
    double sim_again;     /* share of reads, writes and accepts that say "again" for no reason; at most 0.9 */
    double sim_loss;      /* share of datagrams that are lost */
    double sim_duplicate; /* share of datagrams that come twice */
    double sim_reorder;   /* share of datagrams that take longer, so that later ones come first */
    gyre_sim_trace sim_trace; /* told of every event; default: nobody */
    void *sim_trace_arg;      /* for it */
} gyre_loop_options;

/* This thread's loop: the running one inside a callback, else the one that was set, else a new one made at
 * this first call. Never NULL (it aborts with a clear line when no loop can be made). Lent; it is closed when
 * its thread ends. [any thread] asyncio: get_event_loop */
gyre_loop *gyre_get_event_loop(void);

/* The loop whose callback or coroutine is running on this thread; NULL and the text "no running event loop"
 * outside. Lent. [any thread] asyncio: get_running_loop */
gyre_loop *gyre_get_running_loop(void);

/* Makes `loop` (or none: NULL) what gyre_get_event_loop returns on this thread; the thread keeps a reference.
 * [any thread] asyncio: set_event_loop */
void gyre_set_event_loop(gyre_loop *loop);

/* Makes a loop that no thread owns yet; NULL with gyre_error_text() when the system has no descriptors or
 * memory left. gyre_new_event_loop is its other name. [any thread] [new ref] asyncio: new_event_loop */
gyre_loop *gyre_loop_new(const gyre_loop_options *options);
#define gyre_loop_new(...)       gyre_loop_new(&(gyre_loop_options){.size = sizeof(gyre_loop_options), __VA_ARGS__})
#define gyre_new_event_loop(...) gyre_loop_new(__VA_ARGS__)

/* Takes one more reference and returns the loop; NULL stays NULL. [any thread] [new ref] */
gyre_loop *gyre_loop_ref(gyre_loop *loop);

/* Gives a reference back; the last one closes the loop if that was not done. Not from inside the loop. [any
 * thread] */
void gyre_loop_unref(gyre_loop *loop);

/* Runs until gyre_loop_stop. GYRE_ELOOPCLOSED, or GYRE_ELOOPRUNNING when this loop, or another on this
 * thread, runs already; -EDEADLK, see GYRE_DRIVER_SIM. asyncio: run_forever */
int gyre_loop_run_forever(gyre_loop *loop);

/* Stops the loop: what was scheduled before this call still runs, what comes later waits for the next run.
 * Harmless at any time; from another thread use gyre_loop_call_soon_threadsafe. asyncio: stop (the marker of
 * the 2013 documentation) */
void gyre_loop_stop(gyre_loop *loop);

/* Closes for good: drops queued calls and timers (releasing their args), unwinds pending tasks, shuts the
 * loop's executors down without waiting. GYRE_ELOOPRUNNING while it runs; 0 again and again. asyncio: close
 */
int gyre_loop_close(gyre_loop *loop);

/* True inside the loop's callbacks and coroutines. [any thread] asyncio: is_running */
bool gyre_loop_is_running(const gyre_loop *loop);

/* True after gyre_loop_close. [any thread] asyncio: is_closed */
bool gyre_loop_is_closed(const gyre_loop *loop);

/* The loop's monotonic clock, in seconds; it moves while a callback runs. [any thread] asyncio: time */
double gyre_loop_time(const gyre_loop *loop);

/* Options of a scheduled call. */
typedef struct gyre_call_options {
    size_t size;           /* sizeof this struct, filled in by the macro */
    gyre_release release;  /* frees arg, on the loop and exactly once, when fn has ended or will never run;
                              default: nothing to free */
    gyre_context *context; /* the context to run fn in, itself; default: a copy of the current one */
} gyre_call_options;

/* Calls fn(arg) in the next turn, after all that is queued already, exactly once, never inline. On a closed
 * loop the ticket carries GYRE_ELOOPCLOSED and arg is released. asyncio: call_soon */
gyre_handle gyre_loop_call_soon(gyre_loop *loop, gyre_callback fn, void *arg,
                                const gyre_call_options *options);
#define gyre_loop_call_soon(loop, fn, ...) \
    gyre_loop_call_soon(loop, fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* The same from anywhere: wakes a sleeping loop; FIFO for each calling thread. [any thread] asyncio:
 * call_soon_threadsafe */
gyre_handle gyre_loop_call_soon_threadsafe(gyre_loop *loop, gyre_callback fn, void *arg,
                                           const gyre_call_options *options);
#define gyre_loop_call_soon_threadsafe(loop, fn, ...)                  \
    gyre_loop_call_soon_threadsafe(loop, fn, GYRE__FIRST(__VA_ARGS__), \
                                   GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* Calls fn(arg) once, `delay` seconds from now, never earlier. Zero or less: in the next turn, after what is
 * queued. Equal deadlines fire in the order they were armed. GYRE_EVALUE in the ticket for NaN. asyncio:
 * call_later */
gyre_handle gyre_loop_call_later(gyre_loop *loop, double delay, gyre_callback fn, void *arg,
                                 const gyre_call_options *options);
#define gyre_loop_call_later(loop, delay, fn, ...)                  \
    gyre_loop_call_later(loop, delay, fn, GYRE__FIRST(__VA_ARGS__), \
                         GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* The same at `when` seconds on gyre_loop_time's clock. asyncio: call_at */
gyre_handle gyre_loop_call_at(gyre_loop *loop, double when, gyre_callback fn, void *arg,
                              const gyre_call_options *options);
#define gyre_loop_call_at(loop, when, fn, ...) \
    gyre_loop_call_at(loop, when, fn, GYRE__FIRST(__VA_ARGS__), GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* Cancels a call that has not begun: it never runs, its arg is released at once. Else nothing; the ticket
 * says cancelled either way. A watch of gyre_loop_monitor_fs ends. Tickets of gyre_loop_call_soon_threadsafe
 * may be cancelled from any thread, others on the loop's. asyncio: Handle.cancel */
void gyre_handle_cancel(gyre_handle *handle);

/* True once this copy of the ticket was cancelled. asyncio: Handle.cancelled */
bool gyre_handle_cancelled(const gyre_handle *handle);

/* The deadline in seconds on the loop's clock. asyncio: TimerHandle.when */
double gyre_handle_when(const gyre_handle *handle);

/* 0, or the negative code that says why the call was not scheduled. */
int gyre_handle_error(const gyre_handle *handle);

/* Debug mode: what may only be called on the loop's thread says so when it is not (GYRE_EWRONGTHREAD; what
 * returns nothing ends the program with that sentence); a callback that is NULL is GYRE_ETYPE; callbacks and
 * steps of tasks that take too long, what is never closed, never awaited or left open is told to the
 * exception handler; futures, tasks and calls remember where they were made. The loop then costs several
 * times as much; without it, nothing. Default: off, unless GYRE_DEBUG stands in the environment and is
 * neither empty nor 0. asyncio: loop.set_debug */
void gyre_loop_set_debug(gyre_loop *loop, bool on);

/* True in debug mode. [any thread] asyncio: loop.get_debug */
bool gyre_loop_get_debug(const gyre_loop *loop);

/* Sets how many seconds a callback may take in debug mode until "Executing <Handle f> took 0.123 seconds" is
 * told to the exception handler; default 0.1. NaN or less than 0: GYRE_EVALUE. asyncio:
 * loop.slow_callback_duration */
int gyre_loop_set_slow_callback_duration(gyre_loop *loop, double seconds);

/* How many seconds that are. asyncio: loop.slow_callback_duration */
double gyre_loop_get_slow_callback_duration(const gyre_loop *loop);

/* What went wrong, told to the exception handler. Fields that do not apply are zero. */
typedef struct gyre_exception_context {
    size_t size;         /* sizeof this struct, filled in by the macro */
    const char *message; /* what happened; default inside a callback: "Exception in callback <its name>" */
    int exception;       /* the negative code, 0 when there is none */
    const char *text;    /* the sentence that goes with the code, or NULL */
    gyre_future *future; /* the future concerned */
    gyre_future *task;   /* the task concerned */
    const gyre_handle *handle;            /* the scheduled call that failed; filled in inside a callback */
    gyre_transport *transport;            /* the transport concerned */
    int socket;                           /* the socket concerned; 0 is none */
    const struct gyre_protocol *protocol; /* the protocol concerned, asyncio's `protocol` */
    const char *source; /* debug mode: where the future, task or call was made, innermost function first:
                           "fetch < serve"; asyncio's source_traceback */
} gyre_exception_context;

/* A handler of errors that nobody waits for. Returns 0, or a negative code when it failed itself: then the
 * default handler speaks. The context and all in it are lent for the call. */
typedef int (*gyre_exception_handler)(gyre_loop *loop, const gyre_exception_context *context, void *arg);

/* Sets the handler, or the default one again: NULL. asyncio: set_exception_handler */
void gyre_loop_set_exception_handler(gyre_loop *loop, gyre_exception_handler handler, void *arg);

/* The handler that was set, NULL for the default. asyncio: get_exception_handler */
gyre_exception_handler gyre_loop_get_exception_handler(const gyre_loop *loop);

/* Tells the exception handler. In a plain callback this is how to raise; the loop goes on. asyncio:
 * call_exception_handler */
void gyre_loop_call_exception_handler(gyre_loop *loop, const gyre_exception_context *context);
#define gyre_loop_call_exception_handler(...)                  \
    gyre_loop_call_exception_handler(GYRE__FIRST(__VA_ARGS__), \
                                     GYRE__OPTIONS(gyre_exception_context, __VA_ARGS__))

/* Writes the context to stderr, one line a field. asyncio: default_exception_handler */
void gyre_loop_default_exception_handler(gyre_loop *loop, const gyre_exception_context *context);

/* Calls fn(arg) as an ordinary callback each time the process gets the signal; setting again replaces.
 * Signals that arrive together coalesce. GYRE_EVALUE: no such signal; GYRE_ERUNTIME: SIGKILL, SIGSTOP,
 * SIGCHLD, which loops hear for their children, or another loop holds it; GYRE_ELOOPCLOSED; -ENOTSUP in
 * virtual time. asyncio: add_signal_handler */
int gyre_loop_add_signal_handler(gyre_loop *loop, int signal, gyre_callback fn, void *arg,
                                 const gyre_call_options *options);
#define gyre_loop_add_signal_handler(loop, signal, fn, ...)                  \
    gyre_loop_add_signal_handler(loop, signal, fn, GYRE__FIRST(__VA_ARGS__), \
                                 GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* Restores the signal's default action: 1 when a handler was removed, 0 when there was none, GYRE_EVALUE for
 * a number that is no signal. asyncio: remove_signal_handler */
int gyre_loop_remove_signal_handler(gyre_loop *loop, int signal);

/* Calls fn(arg) as an ordinary callback, once a turn, for as long as `fd` is readable: a level, not an edge.
 * The descriptor is the program's: non-blocking as a rule, open until its reader was removed. Adding again
 * replaces; .release frees arg when the reader was removed and has ended. GYRE_EVALUE: a number that no
 * descriptor has; GYRE_ERUNTIME: a transport's, or the loop's own; -EPERM: a regular file, which is always
 * ready; GYRE_ELOOPCLOSED; -ENOTSUP in virtual time. Closed while it is watched, a descriptor is never ready
 * again; when the loop finds out, the exception handler is told, and its callbacks are removed. asyncio:
 * add_reader */
int gyre_loop_add_reader(gyre_loop *loop, int fd, gyre_callback fn, void *arg,
                         const gyre_call_options *options);
#define gyre_loop_add_reader(loop, fd, fn, ...)                  \
    gyre_loop_add_reader(loop, fd, fn, GYRE__FIRST(__VA_ARGS__), \
                         GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* Watches for it no longer, before the descriptor is closed: 1 when there was a reader, which does not run
 * any more even when it was ready, 0 when there was none, GYRE_EVALUE or GYRE_ERUNTIME as above. asyncio:
 * remove_reader */
int gyre_loop_remove_reader(gyre_loop *loop, int fd);

/* The same for as long as `fd` is writable; the two are independent of each other. asyncio: add_writer */
int gyre_loop_add_writer(gyre_loop *loop, int fd, gyre_callback fn, void *arg,
                         const gyre_call_options *options);
#define gyre_loop_add_writer(loop, fd, fn, ...)                  \
    gyre_loop_add_writer(loop, fd, fn, GYRE__FIRST(__VA_ARGS__), \
                         GYRE__OPTIONS(gyre_call_options, __VA_ARGS__))

/* asyncio: remove_writer */
int gyre_loop_remove_writer(gyre_loop *loop, int fd);

/* What a loop has done. */
typedef struct gyre_loop_stats {
    uint64_t turns;    /* turns since the loop was made */
    uint64_t calls;    /* callbacks run from the ready queue */
    uint64_t polls;    /* times the driver was asked */
    uint64_t wakes;    /* times another thread had to wake it */
    size_t timers;     /* timers pending */
    size_t tasks;      /* tasks that are not done */
    size_t transports; /* connections alive */
} gyre_loop_stats;

/* Reads the counters; from another thread each number is right at some moment. [any thread] */
void gyre_loop_get_stats(const gyre_loop *loop, gyre_loop_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
