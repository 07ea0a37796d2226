/* loop/stall.c - a loop and the watchdog: how it is watched, when it runs, who is told. */
#include "loop/stall.h"
#include "base/memory.h"
#include "loop/loop.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

static int default_signal(void)
{
#ifdef SIGRTMAX
    return SIGRTMAX - 1;
#else
    return SIGUSR2;
#endif
}

static void default_handler(const gyre_stall *stall, void *arg)
{
    gyre_stall_print(stall);
}

struct gyre__stall *gyre__stall_new(gyre_loop *loop, const gyre_loop_options *options)
{
    struct gyre__stall *stall;

    errno = gyre__watchdog_join();
    if (errno)
        return NULL;
    stall = gyre__calloc(sizeof *stall);
    stall->loop = loop;
    stall->limit = gyre__nanoseconds(options->stall_limit);
    stall->handler = options->stall_handler ? options->stall_handler : default_handler;
    stall->arg = options->stall_arg;
    stall->signal = options->stall_signal ? options->stall_signal : default_signal();
    gyre__list_init(&stall->link);
    gyre__stall_claim_signal(stall->signal);
    return stall;
}

void gyre__stall_free(struct gyre__stall *stall)
{
    if (!stall)
        return;
    gyre__watchdog_leave();
    free(stall);
}

/* A shard's thread may have been made with all signals blocked. */
static bool set_blocked(int signal, bool blocked)
{
    sigset_t set, before;

    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, &before);
    return sigismember(&before, signal) == 1;
}

void gyre__stall_begin(struct gyre__stall *stall)
{
    stall->was_blocked = set_blocked(stall->signal, false);
    gyre__watchdog_add(stall);
}

void gyre__stall_end(struct gyre__stall *stall)
{
    gyre__watchdog_remove(stall);
    set_blocked(stall->signal, stall->was_blocked);
}
