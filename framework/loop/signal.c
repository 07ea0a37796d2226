/* loop/signal.c - POSIX signals as ordinary callbacks of the loop that asked for them.
 *
 * The signal handler sets a bit in the loop's mailbox and wakes it; the loop turns bits into callbacks. One
 * loop owns a signal at a time. A mailbox is taken out of `owners` before it is let go, and only when no
 * handler is at work.
 */
#include "base/memory.h"
#include "loop/loop.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

enum { SIGNALS = 65 };

/* One handled signal of a loop. */
struct gyre__signal {
    struct gyre__signal *next; /* in loop->signals */
    int number;                /* the signal */
    gyre_callback fn;          /* what to call */
    void *arg;                 /* for it */
    gyre_release release;      /* frees arg */
    struct gyre__vars vars;    /* the variables that it sees, each time the same */
    bool running;              /* fn is at work */
    bool removed;              /* not in loop->signals any more; ends when fn has */
};

static _Atomic(struct gyre__inbox *) owners[SIGNALS];
static atomic_int handling;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
    struct gyre__inbox *inbox;

    atomic_fetch_add(&handling, 1);
    inbox = atomic_load(&owners[number]);
    if (inbox) {
        atomic_fetch_or(&inbox->signals, (uint64_t)1 << (number - 1));
        gyre__wake_send(inbox->wake_fd);
    }
    atomic_fetch_sub(&handling, 1);
}

static struct gyre__signal **find(gyre_loop *loop, int number)
{
    struct gyre__signal **place = &loop->signals;

    while (*place && (*place)->number != number)
        place = &(*place)->next;
    return place;
}

/* Its arg goes after fn, also when that removes or replaces the handler. */
static void end_signal(struct gyre__signal *signal)
{
    signal->removed = true;
    if (signal->running)
        return;
    if (signal->release)
        signal->release(signal->arg);
    gyre__vars_clear(&signal->vars);
    free(signal);
}

static void run(struct gyre__signal *signal)
{
    struct gyre__vars *outer = gyre__vars_switch(&signal->vars);

    signal->running = true;
    signal->fn(signal->arg);
    signal->running = false;
    gyre__vars_switch(outer);
    if (signal->removed)
        end_signal(signal);
}

/* The callback looks its handler up again when it runs: it may have been removed or replaced meanwhile. */
static void run_signal(void *arg)
{
    struct gyre__signal *signal = *find(gyre_get_event_loop(), (int)(intptr_t)arg);

    if (signal)
        run(signal);
}

void gyre__signals_deliver(gyre_loop *loop)
{
    uint64_t came = atomic_exchange(&loop->inbox->signals, 0);

    for (int number = 1; came; number++, came >>= 1)
        if (came & 1)
            gyre_loop_call_soon(loop, run_signal, (void *)(intptr_t)number);
}

static int check(gyre_loop *loop, int number)
{
    if (gyre_loop_is_closed(loop))
        return gyre_error_set(GYRE_ELOOPCLOSED, "Event loop is closed");
    if (number < 1 || number >= SIGNALS)
        return gyre_error_set(GYRE_EVALUE, "sig number %d out of range [1; %d)", number, SIGNALS);
    if (gyre__loop_is_virtual(loop))
        return gyre_error_set(-ENOTSUP, "a loop in virtual time hears no signals");
    if (number == SIGKILL || number == SIGSTOP)
        return gyre_error_set(GYRE_ERUNTIME, "sig %d cannot be caught", number);
    if (number == SIGCHLD)
        return gyre_error_set(GYRE_ERUNTIME, "cannot add a signal handler for SIGCHLD: loops hear it for "
                                             "their children");
    return 0;
}

static int install(int number)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    sigfillset(&action.sa_mask);
    if (sigaction(number, &action, NULL) < 0)
        return gyre_error_set(GYRE_ERUNTIME, "sig %d cannot be caught", number);
    return 0;
}

/* Makes the loop the signal's owner. The caller holds the lock. */
static int own(gyre_loop *loop, int number)
{
    struct gyre__inbox *owner = atomic_load(&owners[number]);
    int err;

    if (owner == loop->inbox)
        return 0;
    if (owner)
        return gyre_error_set(GYRE_ERUNTIME, "sig %d is handled by another loop", number);
    atomic_store(&owners[number], gyre__inbox_ref(loop->inbox));
    err = install(number);
    if (err) {
        atomic_store(&owners[number], NULL);
        gyre__inbox_unref(loop->inbox);
    }
    return err;
}

static void add(gyre_loop *loop, struct gyre__signal signal)
{
    struct gyre__signal **place = find(loop, signal.number), *old = *place;
    struct gyre__signal *added = gyre__malloc(sizeof *added);

    signal.next = old ? old->next : NULL;
    *added = signal;
    *place = added;
    if (old)
        end_signal(old);
}

int(gyre_loop_add_signal_handler)(gyre_loop *loop, int signal, gyre_callback fn, void *arg,
                                  const gyre_call_options *options)
{
    gyre_release release = options ? options->release : NULL;
    int err = check(loop, signal);

    pthread_mutex_lock(&lock);
    if (!err)
        err = own(loop, signal);
    pthread_mutex_unlock(&lock);
    if (!err)
        add(loop, (struct gyre__signal){
                      .number = signal,
                      .fn = fn,
                      .arg = arg,
                      .release = release,
                      .vars = gyre__call_vars(options),
                  });
    else if (release)
        release(arg);
    return err;
}

static void disown(gyre_loop *loop, int number)
{
    signal(number, SIG_DFL);
    atomic_store(&owners[number], NULL);
    /* A handler on another thread may still hold the mailbox. */
    while (atomic_load(&handling))
        sched_yield();
    gyre__inbox_unref(loop->inbox);
}

static void remove_at(gyre_loop *loop, struct gyre__signal **place)
{
    struct gyre__signal *removed = *place;

    *place = removed->next;
    pthread_mutex_lock(&lock);
    disown(loop, removed->number);
    pthread_mutex_unlock(&lock);
    end_signal(removed);
}

int gyre_loop_remove_signal_handler(gyre_loop *loop, int signal)
{
    struct gyre__signal **place = find(loop, signal);

    if (signal < 1 || signal >= SIGNALS)
        return gyre_error_set(GYRE_EVALUE, "sig number %d out of range [1; %d)", signal, SIGNALS);
    if (!*place)
        return 0;
    remove_at(loop, place);
    return 1;
}

void gyre__signals_clear(gyre_loop *loop)
{
    while (loop->signals)
        remove_at(loop, &loop->signals);
}

/* The mailboxes are the parent's: nothing may be sent to them. */
void gyre__signals_forget(void)
{
    for (int number = 1; number < SIGNALS; number++) {
        if (atomic_load(&owners[number]))
            signal(number, SIG_DFL);
        atomic_store(&owners[number], NULL);
    }
    atomic_store(&handling, 0);
    pthread_mutex_init(&lock, NULL);
}
